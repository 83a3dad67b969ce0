//! AMQP 0-9-1, as `RabbitMQ` speaks it: context in the headers of a message.

mod carrier;
mod link;
mod place;
mod receive;
mod tap;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use async_trait::async_trait;
use lapin::options::{
    BasicPublishOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Confirmation, Error, ErrorKind, ExchangeKind};
use opentelemetry::KeyValue;
use tokio_util::task::AbortOnDropHandle;

use self::link::{Link, Links, failed, refused};
use self::place::Place;
use crate::boundary::{
    Boundary, BoundaryError, Broker, Capabilities, Descriptor, Handler, Limits, Medium, Message,
    Receipt, Semantics, Serving, Side,
};
use crate::tap::{Recorder, Tap};
use crate::{Address, Relation};

/// An exchange for each hop, and a queue that is bound to it. Credentials come from
/// `RABBITMQ_DEFAULT_USER` and `RABBITMQ_DEFAULT_PASS`, or else are those of the guest.
#[derive(Default)]
pub struct Amqp {
    links: Links,
}

static BROKER: Broker = Broker {
    name: "rabbitmq",
    port: 5672,
    network_port: 5672,
    ready: "Server startup complete",
    environment: &[],
    command: &[],
    after_start: &[],
};

static DESCRIPTOR: Descriptor = Descriptor {
    name: "AMQP",
    scheme: "amqp",
    carrier: "message headers",
    specified: None,
    medium: Medium::Broker(&BROKER),
    default_relation: Relation::Either,
    address: "amqp://{endpoint}/%2F?exchange={hop}&key={hop}&queue={hop}",
    capabilities: Capabilities {
        repeated_names: false,
        binary_values: true,
        empty_values: true,
        batches: true,
        redelivery: false,
        dead_letters: false,
        fan_out: true,
    },
    resend_count: None,
    limits: Limits {
        entries: None,
        bytes: Some(carrier::MOST_BYTES),
    },
};

/// How long a queue may go unused, in milliseconds, before the broker removes it. The exchange
/// goes with the last queue that is bound to it, so that nothing outlives a run by much.
const UNUSED_MS: i32 = 600_000;

#[async_trait]
impl Boundary for Amqp {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    /// [RabbitMQ spans](https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/).
    fn semantics(&self, address: &Address, side: Side) -> Semantics {
        let part = |name| address.param(name).unwrap_or_default();
        let (exchange, key, queue) = (part("exchange"), part("key"), part("queue"));
        let mut parts = vec![exchange.as_str(), key.as_str()];
        // A queue that is named like the key is not said twice.
        if side == Side::Consequence && queue != key {
            parts.push(&queue);
        }
        parts.retain(|part| !part.is_empty());
        let server = (address.host(), address.port().unwrap_or(5672));
        let mut semantics = Semantics::of_message("rabbitmq", parts.join(":"), side, Some(server));
        if !key.is_empty() {
            let name = "messaging.rabbitmq.destination.routing_key";
            semantics.attributes.push(KeyValue::new(name, key));
        }
        semantics
    }

    fn place(&self, address: &Address) -> String {
        place::words(address)
    }

    async fn declare(&self, address: &Address) -> Result<(), BoundaryError> {
        let place = Place::of(address)?;
        let link = self.links.to(address).await?;
        let has_exchange = !place.exchange.as_str().is_empty();
        if has_exchange {
            let channel = link.borrow(address).await?;
            let declared = declare_exchange(&channel, place.exchange.clone()).await;
            settle(&link, channel, address, declared)?;
        }
        // An address that is only sent to has no queue.
        let Ok(queue) = place.queue(address) else {
            return Ok(());
        };
        let channel = link.borrow(address).await?;
        let declared = declare_queue(&channel, queue.clone()).await;
        settle(&link, channel, address, declared)?;
        if has_exchange {
            let channel = link.borrow(address).await?;
            let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
            let bound = channel
                .queue_bind(queue, place.exchange, place.key, options, arguments)
                .await;
            settle(&link, channel, address, bound)?;
        }
        Ok(())
    }

    async fn send(&self, address: &Address, message: Message) -> Result<Receipt, BoundaryError> {
        let place = Place::of(address)?;
        let headers = carrier::to_table(&message.carrier);
        let headers = headers.map_err(|reason| refused(address, reason))?;
        let properties = BasicProperties::default()
            .with_content_type("application/json".into())
            .with_headers(headers);
        let link = self.links.to(address).await?;
        let channel = link.borrow(address).await?;
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let (exchange, key) = (place.exchange, place.key);
        let sent = channel.basic_publish(exchange, key, options, &message.body, properties);
        let confirmation = match sent.await {
            Ok(confirmation) => confirmation.await,
            Err(error) => Err(error),
        };
        let confirmation = confirmation.map_err(|error| failed(address, &error))?;
        link.put_back(channel);
        match confirmation {
            Confirmation::Ack(None) | Confirmation::NotRequested => Ok(Receipt::default()),
            Confirmation::Nack(None) => Err(refused(address, "not acknowledged".to_owned())),
            Confirmation::Ack(Some(returned)) | Confirmation::Nack(Some(returned)) => {
                let (code, text) = (returned.reply_code, &returned.reply_text);
                Err(refused(address, format!("{code} {text}")))
            }
        }
    }

    async fn serve(
        &self,
        address: &Address,
        max_messages: usize,
        handler: Handler,
    ) -> Result<Serving, BoundaryError> {
        let queue = Place::of(address)?.queue(address)?;
        let channel = self.links.to(address).await?.channel(address).await?;
        let consumer = receive::consume(&channel, queue, max_messages).await;
        let consumer = consumer.map_err(|error| failed(address, &error))?;
        let task = receive::receive(consumer, max_messages, handler, address.clone());
        let task = tokio::spawn(async move {
            // A channel that nobody holds is closed, and its consumer with it.
            let _channel = channel;
            task.await
        });
        Ok(Serving {
            address: address.clone(),
            task: AbortOnDropHandle::new(task),
        })
    }

    async fn tap(
        &self,
        address: &Address,
        _bind: IpAddr,
        recorder: Recorder,
    ) -> Result<Tap, BoundaryError> {
        let place = Place::of(address)?;
        let link = self.links.to(address).await?;
        tap::observe(&link, address, &place, recorder).await
    }
}

/// Ends the making of something. If it is there already, made otherwise by whoever it belongs to,
/// then it is theirs to say how; the broker has closed the channel over it.
fn settle(
    link: &Link,
    channel: Channel,
    address: &Address,
    outcome: Result<(), Error>,
) -> Result<(), BoundaryError> {
    match outcome {
        Ok(()) => link.put_back(channel),
        Err(error) if is_there_otherwise(&error) => {}
        Err(error) => return Err(failed(address, &error)),
    }
    Ok(())
}

fn is_there_otherwise(error: &Error) -> bool {
    let precondition = AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED);
    matches!(error.kind(), ErrorKind::ProtocolError(error) if *error.kind() == precondition)
}

async fn declare_exchange(channel: &Channel, exchange: ShortString) -> Result<(), Error> {
    let options = ExchangeDeclareOptions {
        durable: true,
        auto_delete: true,
        ..ExchangeDeclareOptions::default()
    };
    let arguments = FieldTable::default();
    channel
        .exchange_declare(exchange, ExchangeKind::Direct, options, arguments)
        .await
}

/// It is not deleted with its last consumer, so that a receiver may go and come back. It is
/// durable because the broker no longer wants shared queues that are not; its messages are not.
async fn declare_queue(channel: &Channel, queue: ShortString) -> Result<(), Error> {
    let mut arguments = FieldTable::default();
    arguments.insert("x-expires".into(), AMQPValue::LongInt(UNUSED_MS));
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    let declared = channel.queue_declare(queue, options, arguments).await;
    declared.map(|_| ())
}
