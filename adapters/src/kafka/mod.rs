//! Kafka: context in the headers of a record.

mod carrier;
mod client;
mod feed;
mod tap;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{mem, thread};

use async_trait::async_trait;
use opentelemetry::KeyValue;
use rdkafka::error::KafkaError;
use rdkafka::producer::FutureRecord;
use tokio_util::task::AbortOnDropHandle;

use self::client::{Client, PATIENCE, is_unreachable};
use self::feed::{Begin, Feeds, Record, Subscription};
use crate::boundary::{
    Boundary, BoundaryError, Broker, Capabilities, Delivery, Descriptor, Handler, Limits, Medium,
    Message, Receipt, Semantics, Serving, Side,
};
use crate::tap::{Recorder, Tap};
use crate::{Address, Relation};

/// A topic for each hop, of one partition. A receiver reads it from its beginning and joins nothing,
/// as a group has to be agreed on with the broker first; with the parameter `group` in its address it
/// is a member of that consumer group, and commits what it has handled. A topic that is somebody else's is read with
/// `from=end`: all its partitions, and what comes from now on. A tap never joins.
#[derive(Default)]
pub struct Kafka {
    clients: Mutex<HashMap<String, Arc<Client>>>,
    feeds: Arc<Feeds>,
}

/// One node that is broker and controller. Clients outside are sent to a port that is known only
/// once the container runs: the command waits for it at a pipe, which `after_start` writes to.
/// Both make the pipe, as either may come first.
static BROKER: Broker = Broker {
    name: "kafka",
    port: 9092,
    network_port: 19092,
    ready: "Kafka Server started",
    environment: &[
        ("KAFKA_NODE_ID", "1"),
        ("KAFKA_PROCESS_ROLES", "broker,controller"),
        ("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093"),
        ("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
        ("KAFKA_INTER_BROKER_LISTENER_NAME", "NET"),
        (
            "KAFKA_LISTENERS",
            "HOST://0.0.0.0:9092,NET://0.0.0.0:19092,CONTROLLER://0.0.0.0:9093",
        ),
        (
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
            "HOST:PLAINTEXT,NET:PLAINTEXT,CONTROLLER:PLAINTEXT",
        ),
        ("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "1"),
        ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1"),
        ("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1"),
        ("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1"),
        // A broker for tests need not wait for company.
        ("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0"),
        ("KAFKA_CONTROLLER_QUORUM_APPEND_LINGER_MS", "0"),
    ],
    command: &[
        "sh",
        "-c",
        "mkfifo /tmp/advertised 2>/dev/null; read -r port </tmp/advertised; \
         export KAFKA_ADVERTISED_LISTENERS=HOST://127.0.0.1:$port,NET://$(hostname):19092; \
         exec /etc/kafka/docker/run",
    ],
    after_start: &[
        "sh",
        "-c",
        "mkfifo /tmp/advertised 2>/dev/null; echo {port} >/tmp/advertised",
    ],
};

static DESCRIPTOR: Descriptor = Descriptor {
    name: "Kafka",
    scheme: "kafka",
    carrier: "record headers",
    specified: None,
    medium: Medium::Broker(&BROKER),
    default_relation: Relation::Either,
    address: "kafka://{endpoint}/{hop}",
    capabilities: Capabilities {
        repeated_names: true,
        binary_values: true,
        binary_suffix: None,
        empty_values: true,
        batches: true,
        redelivery: true,
        dead_letters: false,
        fan_out: true,
    },
    resend_count: None,
    seen_when_taken: false,
    limits: Limits {
        entries: None,
        // Of the whole record, which is what librdkafka's `message.max.bytes` is by default.
        bytes: Some(1_000_000),
    },
};

/// Each topic has only this one.
const PARTITION: i32 = 0;

#[async_trait]
impl Boundary for Kafka {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    /// [Kafka spans](https://opentelemetry.io/docs/specs/semconv/messaging/kafka/).
    fn semantics(&self, address: &Address, side: Side) -> Semantics {
        let topic = address.segments().next().unwrap_or_default().to_owned();
        let server = (address.host(), client::port_of(address));
        let mut semantics = Semantics::of_message("kafka", topic, side, Some(server));
        let particular = match side {
            Side::Cause => {
                let key = address.param("key");
                key.map(|key| KeyValue::new("messaging.kafka.message.key", key))
            }
            Side::Consequence => {
                let group = address.param("group");
                let group =
                    group.map(|group| KeyValue::new("messaging.consumer.group.name", group));
                semantics.attributes.extend(group);
                Some(partition_id(PARTITION))
            }
        };
        semantics.attributes.extend(particular);
        semantics
    }

    fn place(&self, address: &Address) -> String {
        format!("topic {}", address.segments().next().unwrap_or_default())
    }

    async fn declare(&self, address: &Address) -> Result<(), BoundaryError> {
        let topic = topic_of(address)?;
        let client = self.client(address).await?;
        let created = client.create_topic(topic).await;
        created.map_err(|error| failed(address, &error))
    }

    async fn send(&self, address: &Address, message: Message) -> Result<Receipt, BoundaryError> {
        let key = address.param("key");
        let record = record(topic_of(address)?, key.as_deref(), &message);
        let client = self.client(address).await?;
        let sent = client.producer.send(record, PATIENCE).await;
        let delivery = sent.map_err(|(error, _)| failed(address, &error))?;
        Ok(Receipt {
            attributes: vec![
                partition_id(delivery.partition),
                KeyValue::new("messaging.kafka.offset", delivery.offset),
            ],
        })
    }

    async fn send_all(
        &self,
        address: &Address,
        messages: Vec<Message>,
    ) -> Result<Receipt, BoundaryError> {
        let mut messages = messages.into_iter();
        let Some(first) = messages.next() else {
            return Ok(Receipt::default());
        };
        // Of a topic that librdkafka has only just heard of, later records overtake earlier ones:
        // when one has been taken, it knows the topic.
        self.send(address, first).await?;
        let (topic, key) = (topic_of(address)?, address.param("key"));
        let client = self.client(address).await?;
        let rest: Vec<_> = messages.collect();
        // All are in the producer's queue, in order, before the first of them is waited for.
        let sent = rest.iter().map(|message| {
            let record = record(topic, key.as_deref(), message);
            let sent = client.producer.send_result(record);
            sent.map_err(|(error, _)| failed(address, &error))
        });
        for taken in sent.collect::<Result<Vec<_>, _>>()? {
            let taken = taken.await;
            let taken = taken.map_err(|_| failed(address, &KafkaError::Canceled))?;
            taken.map_err(|(error, _)| failed(address, &error))?;
        }
        Ok(Receipt {
            attributes: vec![partition_id(PARTITION)],
        })
    }

    async fn serve(
        &self,
        address: &Address,
        max_messages: usize,
        handler: Handler,
    ) -> Result<Serving, BoundaryError> {
        let begin = begin_of(address)?;
        let mut subscription = self.subscribe(address, begin).await?;
        let this = address.clone();
        let task = tokio::spawn(async move {
            loop {
                let records = match subscription.next(max_messages).await {
                    Ok(records) => records,
                    Err(error) => return unreachable_broker(&this, &error),
                };
                let positions: Vec<_> = records.iter().map(Record::position).collect();
                let messages = records.into_iter().map(|record| record.message).collect();
                // Nothing of it is committed yet, so what is asked for again comes before all else.
                Delivery { messages }.hand_over(&handler).await;
                subscription.handled(positions);
            }
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
        let begin = match begin_of(address)? {
            Begin::Committed(_) => Begin::First,
            begin => begin,
        };
        let records = self.subscribe(address, begin).await?;
        Ok(tap::observe(
            records,
            address,
            self.place(address),
            recorder,
        ))
    }
}

impl Kafka {
    /// The sending side of this endpoint. Whoever comes first finds out whether anybody is there.
    async fn client(&self, address: &Address) -> Result<Arc<Client>, BoundaryError> {
        if let Some(client) = self.clients().get(&address.endpoint()) {
            return Ok(Arc::clone(client));
        }
        client::reach(address)
            .await
            .map_err(|reason| unreachable_because(address, reason))?;
        match self.clients().entry(address.endpoint()) {
            Entry::Occupied(made) => Ok(Arc::clone(made.get())),
            Entry::Vacant(free) => {
                let client = Client::new(&address.endpoint());
                let client = client.map_err(|error| unreachable_broker(address, &error))?;
                Ok(Arc::clone(free.insert(Arc::new(client))))
            }
        }
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<String, Arc<Client>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn subscribe(
        &self,
        address: &Address,
        begin: Begin,
    ) -> Result<Subscription, BoundaryError> {
        let topic = topic_of(address)?.to_owned();
        self.client(address).await?;
        let endpoint = address.endpoint();
        let feeds = Arc::clone(&self.feeds);
        // All of this blocks, if only for a millisecond.
        let subscribing =
            tokio::task::spawn_blocking(move || feeds.subscribe(&endpoint, &topic, &begin));
        let subscribed = subscribing.await.unwrap_or(Err(KafkaError::Canceled));
        subscribed.map_err(|error| failed(address, &error))
    }
}

impl Drop for Kafka {
    /// The threads of a client take 0.1 s to join, and this may well run on a runtime.
    fn drop(&mut self) {
        let clients = mem::take(&mut self.clients);
        // Without a thread they are dropped here: late, but dropped.
        let _ = thread::Builder::new().spawn(move || drop(clients));
    }
}

fn record<'a>(
    topic: &'a str,
    key: Option<&'a str>,
    message: &'a Message,
) -> FutureRecord<'a, str, [u8]> {
    FutureRecord {
        key,
        ..FutureRecord::to(topic)
            .partition(PARTITION)
            .headers(carrier::to_headers(&message.carrier))
            .payload(&message.body)
    }
}

fn begin_of(address: &Address) -> Result<Begin, BoundaryError> {
    let reason = match (address.param("from").as_deref(), address.param("group")) {
        (None, None) => return Ok(Begin::First),
        (Some("end"), None) => return Ok(Begin::Now),
        (None, Some(group)) if !group.is_empty() => {
            return Ok(Begin::Committed(group));
        }
        (None, Some(_)) => "its 'group' has no name",
        (Some("end"), Some(_)) => "a 'group' goes on where it has committed: 'from' is not for it",
        (Some(_), _) => "'from' is 'end', or is not there",
    };
    Err(BoundaryError::Address {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason,
    })
}

fn topic_of(address: &Address) -> Result<&str, BoundaryError> {
    let fits = |topic: &&str| {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        topic.len() <= 249 && topic.chars().all(legal)
    };
    let mut segments = address.segments();
    match (segments.next().filter(fits), segments.next()) {
        (Some(topic), None) => Ok(topic),
        _ => Err(BoundaryError::Address {
            boundary: DESCRIPTOR.name,
            address: address.clone(),
            reason: "its path must be one topic, of letters, digits, '.', '_' and '-'",
        }),
    }
}

fn partition_id(partition: i32) -> KeyValue {
    KeyValue::new("messaging.destination.partition.id", partition.to_string())
}

fn failed(address: &Address, error: &KafkaError) -> BoundaryError {
    if error.rdkafka_error_code().is_none_or(is_unreachable) {
        return unreachable_broker(address, error);
    }
    BoundaryError::Refused {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason: error.to_string(),
    }
}

fn unreachable_broker(address: &Address, error: &KafkaError) -> BoundaryError {
    unreachable_because(address, error.to_string())
}

fn unreachable_because(address: &Address, reason: String) -> BoundaryError {
    BoundaryError::Unreachable {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason,
    }
}
