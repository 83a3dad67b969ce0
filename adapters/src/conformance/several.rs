//! Several messages at once, and several receivers.

use super::check::{arrival, holds, said, same};
use super::deliveries::take;
use super::{Broken, Ground, WHY, handler, numbered, unused_name};
use crate::{BoundaryError, Medium, Message, Refusal};

/// More than SQS takes in one batch.
const SEVERAL: usize = 12;

/// Messages that are handed over as one all arrive, and none twice. Where the sender waits for the
/// receiver they are one delivery, if the descriptor says that they can be handed over as one.
pub(super) async fn hands_over_several_as_one(ground: &Ground) -> Result<(), Broken> {
    let mut hop = ground.receive(SEVERAL, 0).await?;
    let described = ground.boundary.descriptor();
    let one_carrier = described.medium == Medium::Direct && described.capabilities.batches;
    let mut missing: Vec<_> = (0..SEVERAL)
        .map(|n| if one_carrier { 0 } else { n }.to_string())
        .collect();
    let messages = missing.iter().map(|number| numbered(number)).collect();
    let sent = ground.boundary.send_all(&hop.tap.sender, messages).await;
    said(sent)?;
    if one_carrier {
        let delivery = hop.delivery().await?;
        same("messages in the stream", &delivery.messages.len(), &SEVERAL)?;
        for message in &delivery.messages {
            take(&mut missing, message)?;
        }
    }
    while !missing.is_empty() {
        for message in &hop.delivery().await?.messages {
            same("the body", &message.body, &numbered("").body)?;
            take(&mut missing, message)?;
        }
    }
    Ok(())
}

/// A batch of which one message cannot be taken is an error.
pub(super) async fn says_if_one_of_several_is_not_taken(ground: &Ground) -> Result<(), Broken> {
    let Some(excess) = super::carriers::excesses(ground).into_iter().next() else {
        return Ok(());
    };
    let hop = ground.receive(1, 0).await?;
    let too_large = Message {
        carrier: excess,
        ..numbered("")
    };
    let messages = vec![numbered("1"), too_large];
    match ground.boundary.send_all(&hop.tap.sender, messages).await {
        Err(BoundaryError::Refused { .. }) => Ok(()),
        other => Err(format!("expected Refused, got {other:?}")),
    }
}

/// Receivers of different groups each get every message, if the descriptor says so; a tap sees it
/// once.
pub(super) async fn fans_out_as_described(ground: &Ground) -> Result<(), Broken> {
    let boundary = &ground.boundary;
    if !boundary.descriptor().capabilities.fan_out {
        return Ok(());
    }
    let address = ground.address(&ground.endpoint)?;
    let none = || Refusal::Failed(WHY.to_owned());
    let group = || address.with_param("group", &unused_name());
    let mut hop = ground.receive_at(&group(), 1, handler(0, none())).await?;
    let other = group();
    said(boundary.declare(&other).await)?;
    let (handler, mut deliveries) = handler(0, none());
    let _serving = said(boundary.serve(&other, 1, handler).await)?;
    for number in ["1", "2"] {
        said(ground.send(&hop, numbered(number).carrier).await)?;
        for delivery in [
            hop.delivery().await?,
            arrival(&mut deliveries, "a delivery to the other group").await?,
        ] {
            same("messages in a delivery", &delivery.messages.len(), &1)?;
            holds(&delivery.messages[0].carrier, &numbered(number).carrier)?;
        }
        for _ in ["before", "after"] {
            let sighting = arrival(&mut hop.sightings, "a sighting").await?;
            holds(&sighting.carrier, &numbered(number).carrier)?;
        }
    }
    Ok(())
}

/// The next member of a group goes on behind what the one before it has handled. What that one was
/// at when it left may come again, and what it had done with may not.
///
/// Where no broker stands between, nobody keeps a place for a group.
pub(super) async fn goes_on_where_its_group_was(ground: &Ground) -> Result<(), Broken> {
    let boundary = &ground.boundary;
    let described = boundary.descriptor();
    if !described.capabilities.fan_out || !matches!(described.medium, Medium::Broker(_)) {
        return Ok(());
    }
    let address = ground.address(&ground.endpoint)?;
    let address = address.with_param("group", &unused_name());
    said(boundary.declare(&address).await)?;
    let none = || Refusal::Failed(WHY.to_owned());
    let (first, mut deliveries) = handler(0, none());
    let serving = said(boundary.serve(&address, 1, first).await)?;
    for number in ["1", "2"] {
        said(boundary.send(&address, numbered(number)).await)?;
        arrival(&mut deliveries, "a delivery to the group").await?;
    }
    // The first is done with, as the second came after it; whether the second is, nobody knows.
    drop(serving);
    let (next, mut deliveries) = handler(0, none());
    let _serving = said(boundary.serve(&address, 1, next).await)?;
    said(boundary.send(&address, numbered("3")).await)?;
    loop {
        let delivery = arrival(&mut deliveries, "the third message, at the next member").await?;
        let carrier = &delivery.messages[0].carrier;
        if holds(carrier, &numbered("3").carrier).is_ok() {
            return Ok(());
        }
        holds(carrier, &numbered("2").carrier)?;
    }
}
