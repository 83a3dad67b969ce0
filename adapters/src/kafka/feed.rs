use std::collections::HashMap;
use std::sync::mpsc::{Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::mpsc;

use super::carrier;
use super::client::{Quiet, config, is_unreachable};
use crate::Message;

/// How long a broker may take to show that it is there.
const PROOF_OF_LIFE: Duration = Duration::from_secs(10);

/// How soon a feed that is no longer wanted stops reading.
const STEP: Duration = Duration::from_millis(100);

/// The feeds of this process, by endpoint.
#[derive(Default)]
pub(super) struct Feeds {
    by_endpoint: Mutex<HashMap<String, Slot>>,
}

/// Whoever comes while a feed is being connected waits here for it.
type Slot = Arc<Mutex<Vec<Arc<Feed>>>>;

/// One consumer of an endpoint, shared by many topics.
///
/// A consumer of librdkafka costs four threads, and up to 0.1 s to close; a run has hundreds of
/// hops. So there is one, its topics come and go, and its records are dealt out by topic. A thread
/// of its own reads it, and closes it: that blocks, and must not hold up a runtime.
struct Feed {
    // Dropped before `wanted`, so that the thread is the last to hold the consumer, and closes it.
    shared: Arc<Shared>,
    _wanted: Sender<()>,
}

struct Shared {
    consumer: BaseConsumer<Quiet>,
    topics: Mutex<Topics>,
}

#[derive(Default)]
struct Topics {
    open: HashMap<String, mpsc::UnboundedSender<Record>>,
    /// Why there will be no more records.
    ended: Option<KafkaError>,
}

/// A message, and where it stands in its topic.
pub(super) struct Record {
    pub(super) offset: i64,
    pub(super) message: Message,
}

/// The records of one topic, from its first to its last. Dropping it ends the reading.
pub(super) struct Subscription {
    feed: Arc<Feed>,
    topic: String,
    records: mpsc::UnboundedReceiver<Record>,
}

impl Feeds {
    /// Reads a topic from its beginning, on the first feed of this endpoint that does not read it
    /// yet: each subscription sees all records, so that a service and a tap of one hop are on two
    /// of them. It blocks.
    pub(super) fn subscribe(&self, endpoint: &str, topic: &str) -> KafkaResult<Subscription> {
        let slot = Arc::clone(
            lock(&self.by_endpoint)
                .entry(endpoint.to_owned())
                .or_default(),
        );
        let mut feeds = lock(&slot);
        feeds.retain(|feed| !feed.is_over());
        let free = feeds.iter().find_map(|feed| {
            let records = feed.open(topic)?;
            Some((Arc::clone(feed), records))
        });
        let (feed, records) = if let Some(found) = free {
            found
        } else {
            let feed = Arc::new(Feed::connect(endpoint)?);
            feeds.push(Arc::clone(&feed));
            let records = feed.open(topic).ok_or(KafkaError::Canceled)?;
            (feed, records)
        };
        drop(feeds);
        let topic = topic.to_owned();
        let subscription = Subscription {
            feed,
            topic,
            records,
        };
        subscription.begin()?;
        Ok(subscription)
    }
}

impl Feed {
    /// Connects. Returns when the broker has answered once, and blocks until then.
    fn connect(endpoint: &str) -> KafkaResult<Self> {
        let consumer: BaseConsumer<Quiet> = config(endpoint)
            // Asked for by librdkafka; nothing joins it, and nothing is committed.
            .set("group.id", "unbroken")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "earliest")
            // A new topic is not read before the fetch under way is answered: this is its wait.
            .set("fetch.wait.max.ms", "10")
            .set("fetch.error.backoff.ms", "10")
            .create_with_context(Quiet)?;
        consumer.fetch_metadata(None, PROOF_OF_LIFE)?;
        let shared = Arc::new(Shared {
            consumer,
            topics: Mutex::default(),
        });
        let (wanted, unwanted) = channel();
        let reader = Arc::clone(&shared);
        let spawned = thread::Builder::new()
            .name("kafka feed".to_owned())
            .spawn(move || {
                while unwanted.try_recv() == Err(TryRecvError::Empty) && reader.read() {}
                // Nothing is sent: this waits for the last one to look away.
                let _ = unwanted.recv();
            });
        spawned.map_err(|error| KafkaError::ClientCreation(error.to_string()))?;
        Ok(Self {
            shared,
            _wanted: wanted,
        })
    }

    /// A place for the records of a topic; `None` if it is taken, or if none will come.
    fn open(&self, topic: &str) -> Option<mpsc::UnboundedReceiver<Record>> {
        let mut topics = self.shared.topics();
        if topics.ended.is_some() || topics.open.contains_key(topic) {
            return None;
        }
        let (sender, records) = mpsc::unbounded_channel();
        topics.open.insert(topic.to_owned(), sender);
        Some(records)
    }

    /// Whether it has ended: there will be no more records, and no more subscriptions.
    fn is_over(&self) -> bool {
        self.shared.topics().ended.is_some()
    }
}

impl Subscription {
    fn begin(&self) -> KafkaResult<()> {
        let consumer = &self.feed.shared.consumer;
        // An offset that is known need not be asked for: that saves half a second.
        consumer.incremental_assign(&partition(&self.topic, Offset::Offset(0))?)?;
        // Else librdkafka asks for the topic's leader at its next stroke of a second.
        consumer.fetch_metadata(Some(&self.topic), PROOF_OF_LIFE)?;
        Ok(())
    }

    /// Waits for records and takes up to `limit` of those that are there. None are there for ever
    /// when the feed has ended.
    pub(super) async fn next(&mut self, limit: usize) -> Result<Vec<Record>, KafkaError> {
        let mut records = Vec::new();
        if self.records.recv_many(&mut records, limit.max(1)).await > 0 {
            return Ok(records);
        }
        let ended = self.feed.shared.topics().ended.clone();
        Err(ended.unwrap_or(KafkaError::Canceled))
    }
}

impl Drop for Subscription {
    /// Some ten microseconds: the broker is not asked.
    fn drop(&mut self) {
        let shared = &self.feed.shared;
        let unassigned = partition(&self.topic, Offset::Invalid)
            .and_then(|partition| shared.consumer.incremental_unassign(&partition));
        if let Err(error) = unassigned {
            tracing::debug!(topic = self.topic, %error, "a topic is still read");
        }
        // Only now, so that the next one to read it here does so from the beginning.
        shared.topics().open.remove(&self.topic);
    }
}

impl Shared {
    fn topics(&self) -> MutexGuard<'_, Topics> {
        lock(&self.topics)
    }

    /// Deals out what comes within a step. False if nothing will come any more.
    fn read(&self) -> bool {
        match self.consumer.poll(STEP) {
            None => {}
            Some(Ok(record)) => self.deal(&record),
            Some(Err(error)) => {
                tracing::debug!(target: "librdkafka", %error, "while reading");
                let fatal = matches!(error, KafkaError::MessageConsumptionFatal(_));
                if fatal || self.is_cut_off(&error) {
                    let mut topics = self.topics();
                    topics.ended = Some(error);
                    topics.open.clear();
                    return false;
                }
            }
        }
        true
    }

    /// librdkafka also says that all brokers are down when the first of two addresses of one name
    /// refused: so the broker is asked.
    fn is_cut_off(&self, error: &KafkaError) -> bool {
        error.rdkafka_error_code().is_some_and(is_unreachable)
            && self.consumer.fetch_metadata(None, PROOF_OF_LIFE).is_err()
    }

    fn deal(&self, record: &BorrowedMessage<'_>) {
        let message = Message {
            carrier: carrier::from_headers(record.headers()),
            body: Bytes::copy_from_slice(record.payload().unwrap_or_default()),
        };
        if let Some(sender) = self.topics().open.get(record.topic()) {
            // A receiver that is gone is about to close its topic.
            let offset = record.offset();
            let _ = sender.send(Record { offset, message });
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn partition(topic: &str, offset: Offset) -> KafkaResult<TopicPartitionList> {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, 0, offset)?;
    Ok(list)
}
