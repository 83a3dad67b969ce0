//! A hop that passes through a real part: a tap before it, the part in a container, a tap after it.

use std::sync::Arc;

use tokio::sync::mpsc;
use unbroken_adapters::Boundary;
use unbroken_adapters::tap::{Point, Recorder};

use super::cast::telemetry;
use super::container::{Spec, Whose};
use super::place::{Faces, Ground, Place, address_of, before};
use super::running::Running;
use super::{Middle, Plan, StageError};
use crate::evidence::token;

/// The place of a hop that leads to `receiver` through a middle.
///
/// Over a queue the middle takes from one address and puts to another. A call comes to the middle,
/// and goes on from there.
pub(super) async fn through(
    ground: &Ground<'_>,
    plan: &Plan,
    index: usize,
    boundary: &Arc<dyn Boundary>,
    receiver: Faces,
    middle: &Middle,
) -> Result<Place, StageError> {
    let hop = &plan.route.hops()[index];
    let (sightings, seen) = mpsc::unbounded_channel();
    let recorder = |point| {
        let taps = ground.taps;
        taps.then(|| Recorder::from(sightings.clone()).at(point))
    };
    let after = recorder(Point::AfterMiddle);
    let after = ground.tapped(boundary, receiver, after).await?;
    let recorder = recorder(Point::BeforeMiddle);
    let (before, running) = if hop.over.is_messaging() {
        let name = before(&token(ground.run, index).to_string());
        let address = |endpoint: String| address_of(hop, &endpoint, &name);
        let faces = Faces {
            outside: address(after.receiver.outside.endpoint())?,
            inside: address(after.receiver.inside.endpoint())?,
        };
        boundary.declare(&faces.outside).await?;
        let before = ground.tapped(boundary, faces, recorder).await?;
        let told = Told {
            listen: Some(before.receiver.inside.to_string()),
            forward: after.sender.inside.to_string(),
        };
        (before, start(ground, index, middle, told).await?.0)
    } else {
        let forward = &after.sender.inside;
        let told = Told {
            listen: None,
            // Where a caller goes is the path, and that stays as it is.
            forward: format!("{}://{}", forward.scheme(), forward.endpoint()),
        };
        let (running, name) = start(ground, index, middle, told).await?;
        let port = middle.port().unwrap_or_default();
        let inside = format!("{}:{port}", ground.engine()?.name_of(&name));
        let called = Faces {
            outside: forward.behind(&running.endpoint(port).await?)?,
            inside: forward.behind(&inside)?,
        };
        (ground.tapped(boundary, called, recorder).await?, running)
    };
    let taps: Vec<_> = [before.tap, after.tap].into_iter().flatten().collect();
    Ok(Place {
        sender: before.sender,
        receiver: Some(after.receiver),
        seen: (!taps.is_empty()).then_some(seen),
        taps,
        middle: Some(running),
    })
}

/// What a middle is told by its environment.
struct Told {
    /// Where to take from, over a queue.
    listen: Option<String>,
    /// Where to send on.
    forward: String,
}

/// Starts a middle; with it comes its name on the stage.
async fn start(
    ground: &Ground<'_>,
    index: usize,
    middle: &Middle,
    told: Told,
) -> Result<(Running, String), StageError> {
    let engine = ground.engine()?;
    let mut environment = telemetry(ground.shared, ground.run, middle.name()).await?;
    environment.push(("FORWARD".to_owned(), told.forward));
    environment.extend(told.listen.map(|from| ("LISTEN".to_owned(), from)));
    let (whose, image, ready, command) = match middle {
        Middle::Part { part, manner } => {
            environment.extend(manner.map(|manner| ("MANNER".to_owned(), manner.to_owned())));
            let command = ["sh", "-c", part.script].map(str::to_owned).to_vec();
            let image = engine.image(part.image).await?;
            (Whose::Ours, image, part.ready, command)
        }
        Middle::Image(subject) => {
            environment.extend(subject.environment.clone());
            let image = engine.image_of_subject(&subject.image).await?;
            (Whose::Theirs, image, &*subject.ready, Vec::new())
        }
    };
    let name = format!("{:08x}-middle-{index}", ground.run);
    let spec = Spec {
        whose,
        image,
        name: name.clone(),
        ports: middle.port().into_iter().collect(),
        environment,
        command,
        ready: ready.to_owned(),
        after_start: Vec::new(),
        executable: None,
    };
    let running = engine
        .run(spec, ground.shared.options.start_timeout)
        .await?;
    Ok((running, name))
}
