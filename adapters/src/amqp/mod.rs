//! AMQP 0-9-1, as `RabbitMQ` speaks it: context in the headers of a message.

mod carrier;
mod link;
mod place;
mod publish;
mod receive;
mod tap;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use async_trait::async_trait;
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, Error, ErrorKind, ExchangeKind};
use opentelemetry::KeyValue;
use tokio_util::task::AbortOnDropHandle;

use self::link::{Link, Links, failed, refused};
use self::place::{Place, queue_of};
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
        binary_suffix: None,
        empty_values: true,
        batches: true,
        redelivery: true,
        dead_letters: true,
        fan_out: true,
    },
    resend_count: None,
    seen_when_taken: false,
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
        let (exchange, key, queue) = (part("exchange"), part("key"), queue_of(address));
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
        let declared = declare_queue(&channel, queue.clone(), place.dead_letter.clone()).await;
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
        self.send_all(address, vec![message]).await
    }

    /// One after the other on one channel, and only then the wait for what the broker says of them.
    async fn send_all(
        &self,
        address: &Address,
        messages: Vec<Message>,
    ) -> Result<Receipt, BoundaryError> {
        let place = Place::of(address)?;
        let headers = messages.iter().map(|m| carrier::to_table(&m.carrier));
        let headers: Result<Vec<_>, _> = headers.collect();
        let headers = headers.map_err(|reason| refused(address, reason))?;
        let link = self.links.to(address).await?;
        let channel = link.borrow(address).await?;
        let published = publish::all(&channel, &place, headers.into_iter().zip(&messages)).await;
        let confirmations = published.map_err(|error| failed(address, &error))?;
        link.put_back(channel);
        for confirmation in confirmations {
            publish::taken(confirmation).map_err(|reason| refused(address, reason))?;
        }
        Ok(Receipt::default())
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
async fn declare_queue(
    channel: &Channel,
    queue: ShortString,
    dead_letter: Option<ShortString>,
) -> Result<(), Error> {
    let mut arguments = FieldTable::default();
    arguments.insert("x-expires".into(), AMQPValue::LongInt(UNUSED_MS));
    if let Some(name) = dead_letter {
        // Which the address of that name declares.
        for argument in ["x-dead-letter-exchange", "x-dead-letter-routing-key"] {
            let name = AMQPValue::LongString(name.as_str().into());
            arguments.insert(argument.into(), name);
        }
    }
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    let declared = channel.queue_declare(queue, options, arguments).await;
    declared.map(|_| ())
}
