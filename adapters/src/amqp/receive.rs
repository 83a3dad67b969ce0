use futures::{FutureExt, StreamExt};
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Consumer, Error};

use super::carrier;
use super::link::unreachable_broker;
use crate::Address;
use crate::boundary::{BoundaryError, Delivery, Handler, Message, Refusal};

/// A consumer that has up to a batch of messages ahead of their acknowledgement.
pub(super) async fn consume(
    channel: &Channel,
    queue: ShortString,
    max_messages: usize,
) -> Result<Consumer, Error> {
    // Zero would mean that there is no bound.
    let ahead = u16::try_from(max_messages.max(1)).unwrap_or(u16::MAX);
    let options = BasicQosOptions::default();
    channel.basic_qos(ahead, options).await?;
    let options = BasicConsumeOptions::default();
    channel
        .basic_consume(queue, "".into(), options, FieldTable::default())
        .await
}

/// Hands over what comes until nothing can come any more, and says why that is.
pub(super) async fn receive(
    mut consumer: Consumer,
    max_messages: usize,
    handler: Handler,
    address: Address,
) -> BoundaryError {
    let ended = |reason: String| unreachable_broker(&address, reason);
    loop {
        let mut last = match consumer.next().await {
            Some(Ok(delivery)) => delivery,
            Some(Err(error)) => return ended(error.to_string()),
            None => return ended("the broker has cancelled the receiving".to_owned()),
        };
        let mut messages = vec![message_of(&mut last)];
        while messages.len() < max_messages {
            // Whatever is not a message comes again, with the next wait.
            let Some(Some(Ok(mut next))) = consumer.next().now_or_never() else {
                break;
            };
            messages.push(message_of(&mut next));
            last = next;
        }
        // Its sender has long gone on: the service itself reports what went wrong.
        let settled = match handler(Delivery { messages }).await {
            Ok(()) | Err(Refusal::Failed(_)) => {
                let options = BasicAckOptions { multiple: true };
                last.acker.ack(options).await
            }
            Err(refusal) => {
                let options = BasicNackOptions {
                    multiple: true,
                    requeue: matches!(refusal, Refusal::Again(_)),
                };
                last.acker.nack(options).await
            }
        };
        if let Err(error) = settled {
            return ended(error.to_string());
        }
    }
}

fn message_of(delivery: &mut lapin::message::Delivery) -> Message {
    Message {
        carrier: carrier::from_table(delivery.properties.headers().as_ref()),
        body: std::mem::take(&mut delivery.data).into(),
    }
}
