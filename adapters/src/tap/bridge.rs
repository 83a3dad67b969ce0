use std::sync::Arc;

use futures::FutureExt;

use super::{Recorder, Tap};
use crate::{Address, Boundary, BoundaryError, Delivery, Refusal};

/// A middle between two addresses of one boundary: what arrives at `before` is sent on to `after`.
///
/// Over a queue nothing can be changed in passing: a real mirror, shovel or bridge takes each
/// message out of one queue and puts it into another, and so does this. It knows both carriers
/// first hand.
pub async fn bridge(
    boundary: Arc<dyn Boundary>,
    before: &Address,
    after: &Address,
    recorder: Recorder,
) -> Result<Tap, BoundaryError> {
    boundary.declare(before).await?;
    let (onward, from, to) = (Arc::clone(&boundary), boundary.place(before), after.clone());
    let handler = Arc::new(move |delivery: Delivery| {
        let (onward, to, recorder) = (Arc::clone(&onward), to.clone(), recorder.clone());
        let (from, at) = (from.clone(), onward.place(&to));
        async move {
            let through = |message| recorder.through(message, &from, &at);
            for message in delivery.messages.into_iter().flat_map(through) {
                let sent = onward.send(&to, message).await;
                sent.map_err(|error| Refusal::Failed(error.to_string()))?;
            }
            Ok(())
        }
        .boxed()
    });
    let serving = boundary.serve(before, 1, handler).await?;
    Ok(Tap {
        sender: serving.address,
        receiver: after.clone(),
        task: serving.task,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;
    use crate::memory::Memory;
    use crate::tap::{Middle, Point};
    use tokio::sync::mpsc;

    /// The bodies that arrive until the last, and how often something was seen before and after.
    async fn through(middle: Middle) -> (Vec<String>, [usize; 2]) {
        let memory: Arc<dyn Boundary> = Arc::new(Memory::default());
        let [before, after] =
            ["memory://before", "memory://after"].map(|text| Address::parse(text).expect("valid"));
        let (arrived, mut arrivals) = mpsc::unbounded_channel();
        let handler = Arc::new(move |delivery: Delivery| {
            for message in delivery.messages {
                let body = String::from_utf8_lossy(&message.body).into_owned();
                // Who looks no more has seen enough.
                let _ = arrived.send(body);
            }
            std::future::ready(Ok(())).boxed()
        });
        let _serving = memory.serve(&after, 1, handler).await.expect("served");
        let (recorder, mut sightings) = mpsc::unbounded_channel();
        let recorder = Recorder::from(recorder).changing(middle);
        let tap = bridge(Arc::clone(&memory), &before, &after, recorder);
        let tap = tap.await.expect("a bridge");
        for body in ["first", "last"] {
            let message = Message {
                body: body.into(),
                ..Default::default()
            };
            memory.send(&tap.sender, message).await.expect("sent");
        }
        let mut bodies = Vec::new();
        while bodies.last().is_none_or(|body| body != "last") {
            bodies.push(arrivals.recv().await.expect("the last one comes"));
        }
        let mut seen = [0, 0];
        while let Ok(sighting) = sightings.try_recv() {
            let (at, place) = match sighting.point {
                Point::BeforeMiddle => (0, "channel before"),
                Point::AfterMiddle => (1, "channel after"),
            };
            assert_eq!(sighting.place, place);
            seen[at] += 1;
        }
        (bodies, seen)
    }

    fn is_first(message: &Message) -> bool {
        message.body == "first"
    }

    #[tokio::test]
    async fn a_middle_may_drop_a_message() {
        let drops: Middle = Arc::new(|message| match is_first(&message) {
            true => Vec::new(),
            false => vec![message],
        });
        assert_eq!(through(drops).await, (vec!["last".to_owned()], [2, 1]));
    }

    #[tokio::test]
    async fn a_middle_may_repeat_a_message_and_change_its_body() {
        let repeats: Middle = Arc::new(|message| match is_first(&message) {
            true => ["a", "b"]
                .map(|body| Message {
                    body: body.into(),
                    ..message.clone()
                })
                .into(),
            false => vec![message],
        });
        let bodies = ["a", "b", "last"].map(str::to_owned).to_vec();
        assert_eq!(through(repeats).await, (bodies, [2, 3]));
    }
}
