//! What carriers hold.

use bytes::Bytes;

use super::check::{context, holds, said, same};
use super::{Broken, Ground, NAME};
use crate::{BoundaryError, Carrier};

/// Body and carrier arrive as they were sent, whatever the boundary adds.
pub(super) async fn carries_what_is_sent(ground: &Ground) -> Result<(), Broken> {
    let mut hop = ground.receive(1, 0).await?;
    let sent = context();
    said(ground.send(&hop, sent.clone()).await)?;
    let delivery = hop.delivery().await?;
    let [message] = delivery.messages.as_slice() else {
        return Err(format!("one message was sent, and arrived as {delivery:?}"));
    };
    holds(&message.carrier, &sent)?;
    same("the body", &message.body, &Bytes::from_static(b"[]"))
}

/// Two entries of one name arrive as two, in order, if and only if the descriptor says so.
pub(super) async fn repeats_names_as_described(ground: &Ground) -> Result<(), Broken> {
    let described = ground.boundary.descriptor().capabilities.repeated_names;
    let twice = [("vendor", "1"), ("vendor", "2")].into_iter().collect();
    as_described(ground, twice, described).await
}

/// A value of any bytes arrives if and only if the descriptor says so.
pub(super) async fn carries_bytes_as_described(ground: &Ground) -> Result<(), Broken> {
    let described = ground.boundary.descriptor().capabilities.binary_values;
    let bytes = Bytes::from_static(b"\xff\x00\x0a\x80");
    as_described(ground, [(NAME, bytes)].into_iter().collect(), described).await
}

/// A value of any bytes arrives under any name if and only if the descriptor says so.
pub(super) async fn carries_bytes_under_any_name_as_described(
    ground: &Ground,
) -> Result<(), Broken> {
    let capabilities = ground.boundary.descriptor().capabilities;
    let described = capabilities.binary_values && capabilities.binary_suffix.is_none();
    let bytes = Bytes::from_static(b"\xff\x00\x80");
    as_described(ground, [("vendor", bytes)].into_iter().collect(), described).await
}

/// An empty value arrives if and only if the descriptor says so.
pub(super) async fn carries_empty_values_as_described(ground: &Ground) -> Result<(), Broken> {
    let described = ground.boundary.descriptor().capabilities.empty_values;
    as_described(ground, [(NAME, "")].into_iter().collect(), described).await
}

/// What exceeds a limit is refused, or arrives whole where the limit is for others to keep; and
/// what is sent beside it arrives.
pub(super) async fn refuses_what_is_too_large(ground: &Ground) -> Result<(), Broken> {
    const TIMES: usize = 5;
    for excess in excesses(ground) {
        let mut hop = ground.receive(1, 0).await?;
        let mut missing = 0;
        for _ in 0..TIMES {
            let beside = ground.send(&hop, context());
            let (beside, too_large) = futures::join!(beside, ground.send(&hop, excess.clone()));
            said(beside)?;
            match too_large {
                Ok(()) => missing += 2,
                Err(BoundaryError::Refused { .. }) => missing += 1,
                Err(error) => return Err(format!("one that is too large gave {error}")),
            }
        }
        for _ in 0..missing {
            for message in hop.delivery().await?.messages {
                let whole = [&context(), &excess];
                let whole = whole.map(|sent| holds(&message.carrier, sent));
                let none = || format!("{} entries are nobody's", message.carrier.len());
                whole
                    .iter()
                    .any(Result::is_ok)
                    .then_some(())
                    .ok_or_else(none)?;
            }
        }
    }
    Ok(())
}

/// One carrier for each limit that is just beyond it.
pub(super) fn excesses(ground: &Ground) -> Vec<Carrier> {
    let limits = ground.boundary.descriptor().limits;
    let names = |n: usize| (0..=n).map(|n| (format!("name-{n}"), "1")).collect();
    let bytes = |n: usize| [("long", vec![b'x'; n + 1])].into_iter().collect();
    let (entries, bytes) = (limits.entries.map(names), limits.bytes.map(bytes));
    entries.into_iter().chain(bytes).collect()
}

/// Arrives as it was sent where the descriptor says so; elsewhere it is refused, or altered.
async fn as_described(ground: &Ground, sent: Carrier, described: bool) -> Result<(), Broken> {
    let mut hop = ground.receive(1, 0).await?;
    let arrived = match ground.send(&hop, sent.clone()).await {
        Ok(()) => {
            let delivery = hop.delivery().await?;
            let carrier = delivery.messages.first().map(|message| &message.carrier);
            carrier.map_or(Err("no message".into()), |c| holds(c, &sent))
        }
        Err(BoundaryError::Refused { reason, .. }) => Err(reason),
        Err(error) => return Err(error.to_string()),
    };
    match (described, arrived) {
        (true, arrived) => arrived,
        (false, Ok(())) => Err("the descriptor denies it, and it arrived all the same".into()),
        (false, Err(_)) => Ok(()),
    }
}
