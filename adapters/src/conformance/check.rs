//! What clauses say things with.

use std::future::Future;

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::{Broken, PATIENCE, TRACEPARENT};
use crate::{BoundaryError, Carrier, Message};

pub(super) fn message(carrier: Carrier) -> Message {
    let body = Bytes::from_static(b"[]");
    Message { carrier, body }
}

pub(super) fn context() -> Carrier {
    [("traceparent", TRACEPARENT), ("tracestate", "a=1,b=2")]
        .into_iter()
        .collect()
}

/// Whether every name of `sent` has just its values in `found`, in order.
pub(super) fn holds(found: &Carrier, sent: &Carrier) -> Result<(), Broken> {
    for (name, _) in sent.iter() {
        let values = |carrier: &Carrier| carrier.all(name).cloned().collect::<Vec<_>>();
        same(
            &format!("the values of {name}"),
            &values(found),
            &values(sent),
        )?;
    }
    Ok(())
}

pub(super) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: &T,
    sent: &T,
) -> Result<(), Broken> {
    if found == sent {
        return Ok(());
    }
    Err(format!("{what}: expected {sent:?}, found {found:?}"))
}

pub(super) fn said<T>(outcome: Result<T, BoundaryError>) -> Result<T, Broken> {
    outcome.map_err(|error| error.to_string())
}

pub(super) async fn arrival<T>(from: &mut UnboundedReceiver<T>, what: &str) -> Result<T, Broken> {
    within(from.recv(), what)
        .await?
        .ok_or(format!("{what} can no longer arrive"))
}

pub(super) async fn within<T>(arrival: impl Future<Output = T>, what: &str) -> Result<T, Broken> {
    let late = |_| format!("waited {PATIENCE:?} for {what}");
    timeout(PATIENCE, arrival).await.map_err(late)
}
