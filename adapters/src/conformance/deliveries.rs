//! How messages come, and in whose sight.

use futures::future::try_join_all;

use super::check::{arrival, context, holds, said, same};
use super::{Broken, Ground, WHY, numbered};
use crate::tap::Point;
use crate::{BoundaryError, Medium, Message, Refusal};

/// All messages arrive, none twice, and no delivery holds more of them than was asked for.
pub(super) async fn delivers_no_more_than_asked(ground: &Ground) -> Result<(), Broken> {
    let mut hop = ground.receive(1, 0).await?;
    let mut missing: Vec<_> = (0..3).map(|n| n.to_string()).collect();
    for number in &missing {
        said(ground.send(&hop, numbered(number).carrier).await)?;
    }
    while !missing.is_empty() {
        let delivery = hop.delivery().await?;
        same("messages in a delivery", &delivery.messages.len(), &1)?;
        take(&mut missing, &delivery.messages[0])?;
    }
    Ok(())
}

/// The tap sees each message once on either side of the middle.
pub(super) async fn taps_both_sides(ground: &Ground) -> Result<(), Broken> {
    let mut hop = ground.receive(1, 0).await?;
    let mut missing = Vec::new();
    for number in ["1", "2"] {
        let mut sent = context();
        sent.append("number", number);
        said(ground.send(&hop, sent).await)?;
        hop.delivery().await?;
        missing.extend([Point::BeforeMiddle, Point::AfterMiddle].map(|point| (point, number)));
    }
    while !missing.is_empty() {
        let sighting = arrival(&mut hop.sightings, "a sighting").await?;
        holds(&sighting.carrier, &context())?;
        let number = sighting.carrier.all("number").next();
        let seen = |(point, sent): &(Point, &str)| {
            *point == sighting.point && number.is_some_and(|number| number == sent)
        };
        let known = missing.iter().position(seen);
        let known = known.ok_or_else(|| format!("{sighting:?} is of nothing, or came twice"))?;
        missing.remove(known);
    }
    Ok(())
}

/// An error of the handler is told to a sender that waits for it, and ends nothing.
pub(super) async fn survives_a_failing_handler(ground: &Ground) -> Result<(), Broken> {
    let mut hop = ground.receive(1, 1).await?;
    let first = ground.send(&hop, context()).await;
    let waits = ground.boundary.descriptor().medium == Medium::Direct;
    match first {
        Ok(()) if !waits => {}
        Err(BoundaryError::Refused { reason, .. }) if waits => {
            if !reason.contains(WHY) {
                return Err(format!("the handler's reason is lost: {reason}"));
            }
        }
        other => return Err(format!("the first send gave {other:?}")),
    }
    hop.delivery().await?;
    said(ground.send(&hop, context()).await)?;
    hop.delivery().await.map(drop)
}

/// What is sent before anybody receives waits at the broker. It then comes in deliveries of no
/// more than was asked for, whatever becomes of each, and none of it twice.
///
/// Where no broker stands between, there is nowhere to wait.
pub(super) async fn hands_over_what_waits(ground: &Ground) -> Result<(), Broken> {
    const MOST: usize = 2;
    if !matches!(ground.boundary.descriptor().medium, Medium::Broker(_)) {
        return Ok(());
    }
    let address = ground.address(&ground.endpoint)?;
    said(ground.boundary.declare(&address).await)?;
    let mut missing: Vec<_> = (0..5).map(|n| n.to_string()).collect();
    for number in &missing {
        said(ground.boundary.send(&address, numbered(number)).await)?;
    }
    let (handler, mut deliveries) = super::handler(usize::MAX, Refusal::Failed(WHY.to_owned()));
    let serving = ground.boundary.serve(&address, MOST, handler).await;
    let _serving = said(serving)?;
    while !missing.is_empty() {
        let delivery = arrival(&mut deliveries, "a delivery").await?;
        if delivery.messages.len() > MOST {
            let count = delivery.messages.len();
            return Err(format!("{count} messages came where {MOST} were asked for"));
        }
        for message in &delivery.messages {
            take(&mut missing, message)?;
        }
    }
    Ok(())
}

/// As many hops as a run has at once, each made, tapped, served and crossed.
pub(super) async fn crosses_side_by_side(ground: &Ground) -> Result<(), Broken> {
    let crossings = (0..30).map(|n| async move {
        let mut hop = ground.receive(1, 0).await?;
        let sent = numbered(&n.to_string());
        said(ground.boundary.send(&hop.tap.sender, sent.clone()).await)?;
        let delivery = hop.delivery().await?;
        same("messages in a delivery", &delivery.messages.len(), &1)?;
        holds(&delivery.messages[0].carrier, &sent.carrier)?;
        let sighting = arrival(&mut hop.sightings, "a sighting").await?;
        holds(&sighting.carrier, &sent.carrier)
    });
    try_join_all(crossings).await.map(drop)
}

/// Takes what has arrived off what is missing.
pub(super) fn take(missing: &mut Vec<String>, message: &Message) -> Result<(), Broken> {
    let number = message.carrier.all("number").next();
    let known = missing
        .iter()
        .position(|n| number.is_some_and(|number| number == n));
    let known = known.ok_or_else(|| format!("{message:?} was not sent, or came twice"))?;
    missing.remove(known);
    Ok(())
}
