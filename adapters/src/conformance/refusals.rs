//! What becomes of what a receiver does not take.

use super::check::{arrival, context, holds, said, same};
use super::deliveries::take;
use super::{Broken, Ground, WHY, handler, numbered, unused_name};
use crate::{BoundaryError, Medium, Refusal};

/// What a receiver wants again comes again, whole and once for each time, if and only if the
/// descriptor says so. Elsewhere a sender that waits is told, and can send it again.
pub(super) async fn brings_again_what_was_not_taken(ground: &Ground) -> Result<(), Broken> {
    let again = handler(1, Refusal::Again(WHY.to_owned()));
    let address = ground.address(&ground.endpoint)?;
    let mut hop = ground.receive_at(&address, 1, again).await?;
    let described = ground.boundary.descriptor();
    match ground.send(&hop, numbered("1").carrier).await {
        Ok(()) if described.capabilities.redelivery => {}
        Err(BoundaryError::Again { reason, .. }) if described.medium == Medium::Direct => {
            if !reason.contains(WHY) {
                return Err(format!("the receiver's reason is lost: {reason}"));
            }
            said(ground.send(&hop, numbered("1").carrier).await)?;
        }
        other => return Err(format!("the first send gave {other:?}")),
    }
    let mut missing = vec!["1".to_owned(), "1".to_owned()];
    while !missing.is_empty() {
        for message in hop.delivery().await?.messages {
            same("the body", &message.body, &numbered("1").body)?;
            take(&mut missing, &message)?;
        }
    }
    said(ground.send(&hop, numbered("2").carrier).await)?;
    take(
        &mut vec!["2".to_owned()],
        &hop.delivery().await?.messages[0],
    )
}

/// Where there is no place for dead letters, what is rejected is done with.
pub(super) async fn does_not_bring_again_what_was_rejected(ground: &Ground) -> Result<(), Broken> {
    let rejects = handler(1, Refusal::Rejected(WHY.to_owned()));
    let address = ground.address(&ground.endpoint)?;
    let mut hop = ground.receive_at(&address, 1, rejects).await?;
    let waits = ground.boundary.descriptor().medium == Medium::Direct;
    match ground.send(&hop, numbered("1").carrier).await {
        Ok(()) if !waits => {}
        Err(BoundaryError::Refused { .. }) if waits => {}
        other => return Err(format!("the first send gave {other:?}")),
    }
    hop.delivery().await?;
    said(ground.send(&hop, numbered("2").carrier).await)?;
    take(
        &mut vec!["2".to_owned()],
        &hop.delivery().await?.messages[0],
    )
}

/// What is rejected arrives whole at the address of the dead letters, and comes to the one who
/// rejected it no more, if the descriptor says so.
pub(super) async fn keeps_what_was_rejected_as_described(ground: &Ground) -> Result<(), Broken> {
    let boundary = &ground.boundary;
    if !boundary.descriptor().capabilities.dead_letters {
        return Ok(());
    }
    let name = unused_name();
    let dead = ground.address_of(&ground.endpoint, &name)?;
    said(boundary.declare(&dead).await)?;
    let (takes, mut letters) = handler(0, Refusal::Failed(WHY.to_owned()));
    let _serving = said(boundary.serve(&dead, 1, takes).await)?;
    let address = ground.address(&ground.endpoint)?;
    let address = address.with_param("dead-letter", &name);
    let rejects = handler(1, Refusal::Rejected(WHY.to_owned()));
    let mut hop = ground.receive_at(&address, 1, rejects).await?;
    said(ground.send(&hop, context()).await)?;
    hop.delivery().await?;
    let delivery = arrival(&mut letters, "a dead letter").await?;
    same("dead letters", &delivery.messages.len(), &1)?;
    holds(&delivery.messages[0].carrier, &context())?;
    same("the body", &delivery.messages[0].body, &numbered("").body)?;
    said(ground.send(&hop, numbered("2").carrier).await)?;
    take(
        &mut vec!["2".to_owned()],
        &hop.delivery().await?.messages[0],
    )
}
