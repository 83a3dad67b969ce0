//! How a hop begins, and how it ends.

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::check::{arrival, context, message, said, within};
use super::{Broken, Ground, Hop, LOCAL, QUICKLY};
use crate::{BoundaryError, Medium, Refusal};

/// To declare an address twice is no error.
pub(super) async fn declares_twice(ground: &Ground) -> Result<(), Broken> {
    let address = ground.address(&ground.endpoint)?;
    said(ground.boundary.declare(&address).await)?;
    said(ground.boundary.declare(&address).await)
}

/// A receiver that has ended takes nothing more, not even over a connection that is still open.
///
/// Where a broker stands between, a message may be sent to nobody: there only the end is shown.
pub(super) async fn stops_when_it_is_dropped(ground: &Ground) -> Result<(), Broken> {
    let Hop {
        mut deliveries,
        serving,
        tap,
        ..
    } = ground.receive(1, 0).await?;
    let to = &tap.receiver;
    let send = || ground.boundary.send(to, message(context()));
    said(send().await)?;
    arrival(&mut deliveries, "a delivery").await?;
    serving.task.abort();
    // What it ends with is its own affair: it was told to.
    let _ = within(serving.task, "the receiver to end").await?;
    if matches!(ground.boundary.descriptor().medium, Medium::Broker(_)) {
        return Ok(());
    }
    match within(send(), "an answer").await? {
        Err(BoundaryError::Unreachable { .. }) => Ok(()),
        other => Err(format!("a send to an ended receiver gave {other:?}")),
    }
}

/// Where nobody listens, whoever comes is told [`BoundaryError::Unreachable`] and where, and soon.
/// Without a broker between, only a sender comes to somebody else.
pub(super) async fn says_that_nobody_listens(ground: &Ground) -> Result<(), Broken> {
    let (boundary, endpoint) = (&ground.boundary, closed_endpoint().await?);
    let address = ground.address(&endpoint)?;
    let attempts = async {
        let sent = boundary.send(&address, message(context())).await.map(drop);
        let mut attempts = vec![("send", sent)];
        if matches!(boundary.descriptor().medium, Medium::Broker(_)) {
            let (handler, _deliveries) = super::handler(0, Refusal::Failed(String::new()));
            let served = boundary.serve(&address, 1, handler).await.map(drop);
            attempts.push(("serve", served));
            attempts.push(("declare", boundary.declare(&address).await));
            let (recorder, _sightings) = mpsc::unbounded_channel();
            let tapped = boundary
                .tap(&address, LOCAL, recorder.into())
                .await
                .map(drop);
            // One that waits for messages to pass by finds out with the first of them.
            attempts.extend(tapped.is_err().then_some(("tap", tapped)));
        }
        attempts
    };
    let late = |_| format!("no answer within {QUICKLY:?}");
    for (what, outcome) in timeout(QUICKLY, attempts).await.map_err(late)? {
        match outcome {
            Err(error @ BoundaryError::Unreachable { .. }) => {
                let said = error.to_string();
                if !said.contains(address.host()) {
                    return Err(format!("{what} does not say where: {said}"));
                }
            }
            other => return Err(format!("{what}: expected Unreachable, got {other:?}")),
        }
    }
    Ok(())
}

/// A port that was free a moment ago.
async fn closed_endpoint() -> Result<String, Broken> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let endpoint = listener.and_then(|listener| listener.local_addr());
    endpoint.map(|e| e.to_string()).map_err(|e| e.to_string())
}
