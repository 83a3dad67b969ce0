//! What only SQS can do.

use std::net::Ipv4Addr;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use tokio::sync::mpsc;
use tokio::time::timeout;
use unbroken_adapters::tap::Point;
use unbroken_adapters::{Boundary, Carrier, Message};

use crate::bench::{Bench, declared};
use crate::{PATIENCE, passing_on};

pub(crate) fn trials(bench: &Arc<Bench>) -> Vec<Trial> {
    vec![bench.trial(
        "SQS::gives_nothing_that_is_not_asked_for",
        |sqs, endpoint| async move { gives_nothing_that_is_not_asked_for(&*sqs, &endpoint).await },
    )]
}

/// And the tap sees it all the same, and says so.
async fn gives_nothing_that_is_not_asked_for(
    sqs: &dyn Boundary,
    endpoint: &str,
) -> Result<(), Failed> {
    let address = declared(sqs, endpoint, "not_asked_for").await?;
    let address = address.with_param("ask", "nothing");
    let (recorder, mut sightings) = mpsc::unbounded_channel();
    let tap = sqs
        .tap(&address, Ipv4Addr::LOCALHOST.into(), recorder.into())
        .await?;
    let (handler, mut deliveries) = passing_on();
    let _serving = sqs.serve(&tap.receiver, 1, handler).await?;
    let carrier: Carrier = [("AWSTraceHeader", "Root=1"), ("traceparent", "00-1")]
        .into_iter()
        .collect();
    let sent = Message {
        carrier: carrier.clone(),
        body: "[]".into(),
    };
    sqs.send(&tap.sender, sent).await?;
    let delivery = timeout(PATIENCE, deliveries.recv()).await?;
    let delivery = delivery.ok_or("nothing can arrive any more")?;
    if !delivery.messages[0].carrier.is_empty() {
        return Err(format!("it came unasked: {delivery:?}").into());
    }
    for (point, words) in [
        (Point::BeforeMiddle, "queue not_asked_for"),
        (
            Point::AfterMiddle,
            "(not asked for: traceparent, AWSTraceHeader)",
        ),
    ] {
        let sighting = timeout(PATIENCE, sightings.recv()).await?;
        let sighting = sighting.ok_or("nothing can be seen any more")?;
        let all = carrier
            .iter()
            .all(|(name, value)| sighting.carrier.all(name).eq([value]));
        if sighting.point != point || !all || !sighting.place.contains(words) {
            return Err(format!("it was seen otherwise {point:?}: {sighting:?}").into());
        }
    }
    Ok(())
}
