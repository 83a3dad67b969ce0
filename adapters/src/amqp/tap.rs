use futures::StreamExt;
use lapin::message::Delivery;
use lapin::options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Consumer, Error};
use tokio_util::task::AbortOnDropHandle;

use super::carrier;
use super::link::{Link, failed, unreachable_broker};
use super::place::{Place, unusable, words};
use crate::tap::{Recorder, Tap};
use crate::{Address, BoundaryError};

/// An observer: a queue of its own at the same exchange, bound by the same key, so that the
/// broker routes a copy of every message to it.
///
/// It stands behind the broker, and yet it knows both points of the hop. An exchange routes a
/// message to each queue as it was published, properties and all, except for names that the
/// broker keeps for itself (`x-death`, `CC`, `BCC`), none of which carries context. What does
/// change messages (dead-lettering, shovels, federation) publishes them anew elsewhere, and is a
/// hop of its own.
///
/// A message that no receiver's queue would get is routable while a tap is there: that nobody has
/// received it is then seen by the rules, and no more by the sender.
pub(super) async fn observe(
    link: &Link,
    address: &Address,
    place: &Place,
    recorder: Recorder,
) -> Result<Tap, BoundaryError> {
    if place.exchange.as_str().is_empty() {
        return Err(unusable(address, "without an 'exchange' no tap sees it"));
    }
    let channel = link.channel(address).await?;
    let copies = async {
        let options = QueueDeclareOptions {
            exclusive: true,
            auto_delete: true,
            ..QueueDeclareOptions::default()
        };
        let queue = channel
            .queue_declare("".into(), options, FieldTable::default())
            .await?;
        let (exchange, key) = (place.exchange.clone(), place.key.clone());
        let options = QueueBindOptions::default();
        channel
            .queue_bind(
                queue.name().clone(),
                exchange,
                key,
                options,
                FieldTable::default(),
            )
            .await?;
        let options = BasicConsumeOptions {
            no_ack: true,
            exclusive: true,
            ..BasicConsumeOptions::default()
        };
        channel
            .basic_consume(
                queue.name().clone(),
                "".into(),
                options,
                FieldTable::default(),
            )
            .await
    };
    let copies = copies
        .await
        .map_err(|error: Error| failed(address, &error))?;
    let task = tokio::spawn(record(copies, address.clone(), recorder));
    Ok(Tap {
        sender: address.clone(),
        receiver: address.clone(),
        task: AbortOnDropHandle::new(task),
    })
}

async fn record(mut copies: Consumer, address: Address, recorder: Recorder) -> BoundaryError {
    let words = words(&address);
    loop {
        let Delivery { properties, .. } = match copies.next().await {
            Some(Ok(copy)) => copy,
            Some(Err(error)) => return unreachable_broker(&address, error.to_string()),
            None => return unreachable_broker(&address, "the tap's queue is gone".to_owned()),
        };
        let carrier = carrier::from_table(properties.headers().as_ref());
        recorder.seen(&carrier, &words);
    }
}
