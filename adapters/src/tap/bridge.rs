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
