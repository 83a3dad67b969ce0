//! The same subjects over other boundaries: a container that listens on all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use unbroken::check::Check;
use unbroken::check::probe::Listening;
use unbroken::check::spans::Collector;
use unbroken::stage::{Lodger, Stage};
use unbroken_adapters::{Address, Boundary, Descriptor, Medium};

use crate::bench::{Failure, PATIENCE, READY, SETTLE};
use crate::findings::Shown;
use crate::subjects::Subject;

/// The port that every subject serves gRPC on.
const PORT: u16 = 8081;

/// Where a subject takes what it is sent over one boundary, and where it sends on.
struct Ends {
    over: &'static Descriptor,
    /// As the subject sees it.
    listens: Address,
    /// Where that is from here, and where a probe is to be; of what has a broker.
    brokered: Option<(Address, Listening)>,
}

/// Checks a subject over every boundary that it speaks.
pub(crate) async fn check(subject: &'static Subject, stage: &Stage) -> Result<Vec<Shown>, Failure> {
    let mut all = Vec::new();
    for name in subject.over {
        let boundary = stage.boundaries().named(name).ok_or("no such boundary")?;
        all.push(ends(stage, boundary, subject.name).await?);
    }
    let listens: Vec<_> = all.iter().map(|ends| ends.listens.as_str()).collect();
    let lodger = Lodger {
        image: subject.image.to_owned(),
        port: Some(PORT),
        ready: Some(READY.to_owned()),
        environment: BTreeMap::from([("LISTEN".to_owned(), listens.join(","))]),
    };
    let hosted = stage.host(&lodger).await?;
    let endpoint = hosted.endpoint.as_ref().ok_or("no port is mapped")?;
    let mut shown = Vec::new();
    for ends in all {
        let (target, probe) = if let Some(brokered) = ends.brokered {
            brokered
        } else {
            let (scheme, bind, host) = (ends.over.scheme, hosted.bind, &hosted.host);
            let probe = format!("{scheme}={bind}:0,as={scheme}://{host}:0");
            (ends.listens.behind(endpoint)?, probe.parse()?)
        };
        let check = Check {
            probe: Some(probe),
            collector: Some(Collector {
                store: stage.store().clone(),
                settle: SETTLE,
            }),
            timeout: PATIENCE,
            ..Check::of(target)
        };
        shown.push(Shown::over(subject, ends.over.name, check.go().await?));
    }
    Ok(shown)
}

async fn ends(stage: &Stage, boundary: &Arc<dyn Boundary>, name: &str) -> Result<Ends, Failure> {
    let over = boundary.descriptor();
    let hop = |end| format!("conformance_{}_{end}", name.to_lowercase());
    let Medium::Broker(broker) = over.medium else {
        return Ok(Ends {
            over,
            listens: over.address_of(&format!("0.0.0.0:{PORT}"), &hop("in"))?,
            brokered: None,
        });
    };
    let outside = stage.broker(broker).await?;
    let inside = stage.broker_inside(broker).await?;
    let target = over.address_of(&outside, &hop("in"))?;
    boundary.declare(&target).await?;
    let probe = Listening {
        at: over.address_of(&outside, &hop("out"))?,
        called: Some(over.address_of(&inside, &hop("out"))?),
    };
    Ok(Ends {
        over,
        listens: over.address_of(&inside, &hop("in"))?,
        brokered: Some((target, probe)),
    })
}
