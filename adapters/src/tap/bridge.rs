use std::sync::Arc;

use futures::FutureExt;

use super::{Recorder, Tap};
use crate::{Address, Boundary, BoundaryError, Delivery, Message};

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
    let (onward, to) = (Arc::clone(&boundary), after.clone());
    let handler = Arc::new(move |delivery: Delivery| {
        let (onward, to, recorder) = (Arc::clone(&onward), to.clone(), recorder.clone());
        async move {
            for Message { carrier, body } in delivery.messages {
                let carrier = recorder.through(carrier);
                let sent = onward.send(&to, Message { carrier, body }).await;
                sent.map_err(|error| error.to_string())?;
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
