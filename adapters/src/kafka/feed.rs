use std::collections::HashMap;
use std::sync::mpsc::{Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
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
    partition: i32,
    offset: i64,
    pub(super) message: Message,
}

/// Where the reading of a topic begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// At the first record of its one partition: a topic of our own has nothing that is not ours.
    First,
    /// In every partition after the last that is there now: a topic of somebody else's may be long.
    Now,
    /// As a member of this consumer group, in the partitions that the broker assigns to it: after
    /// what the group has committed, and at the first record where that is nothing.
    Committed(String),
}

/// The records of one topic. Dropping it ends the reading.
pub(super) struct Subscription {
    feed: Arc<Feed>,
    topic: String,
    reads: Reads,
    records: mpsc::UnboundedReceiver<Record>,
}

enum Reads {
    /// These partitions, which it assigned to itself.
    Own(Vec<i32>),
    /// What the broker assigns to a member of its group.
    Shared,
}

/// A feed, and the place on it for one topic.
type Opened = (Arc<Feed>, mpsc::UnboundedReceiver<Record>);

impl Record {
    /// Its partition, and its offset there.
    pub(super) fn position(&self) -> (i32, i64) {
        (self.partition, self.offset)
    }
}

impl Feeds {
    /// Reads a topic: as a member of a group with a consumer of its own, which joins and leaves with
    /// the subscription, and otherwise on a shared one. It blocks.
    pub(super) fn subscribe(
        &self,
        endpoint: &str,
        topic: &str,
        begin: &Begin,
    ) -> KafkaResult<Subscription> {
        let ((feed, records), reads) = match begin {
            Begin::Committed(group) => (Feed::joining(endpoint, group, topic)?, Reads::Shared),
            Begin::First | Begin::Now => (self.open(endpoint, topic)?, Reads::Own(Vec::new())),
        };
        let mut subscription = Subscription {
            feed,
            topic: topic.to_owned(),
            reads,
            records,
        };
        match begin {
            Begin::First => subscription.begin()?,
            Begin::Now => subscription.go_on()?,
            Begin::Committed(_) => {}
        }
        Ok(subscription)
    }

    /// A place on the first feed of this endpoint that does not read the topic yet: each
    /// subscription sees all records, so that a service and a tap of one hop are on two of them.
    fn open(&self, endpoint: &str, topic: &str) -> KafkaResult<Opened> {
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
        if let Some(found) = free {
            return Ok(found);
        }
        // Of no group: every subscription begins where it says.
        let feed = Arc::new(Feed::of(consumer(endpoint, None)?)?);
        feeds.push(Arc::clone(&feed));
        let records = feed.open(topic).ok_or(KafkaError::Canceled)?;
        Ok((feed, records))
    }
}

impl Feed {
    /// A feed of one topic, that the group's other members share it with.
    fn joining(endpoint: &str, group: &str, topic: &str) -> KafkaResult<Opened> {
        let feed = Arc::new(Self::of(consumer(endpoint, Some(group))?)?);
        // Before anything can come.
        let records = feed.open(topic).ok_or(KafkaError::Canceled)?;
        feed.shared.consumer.subscribe(&[topic])?;
        Ok((feed, records))
    }

    /// Returns when the broker has answered once, and blocks until then.
    fn of(consumer: BaseConsumer<Quiet>) -> KafkaResult<Self> {
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
    fn begin(&mut self) -> KafkaResult<()> {
        let consumer = &self.feed.shared.consumer;
        self.reads = Reads::Own(vec![0]);
        // An offset that is known need not be asked for: that saves half a second.
        let first = [(0, Offset::Offset(0))];
        consumer.incremental_assign(&partitions(&self.topic, first)?)?;
        // Else librdkafka asks for the topic's leader at its next stroke of a second.
        consumer.fetch_metadata(Some(&self.topic), PROOF_OF_LIFE)?;
        Ok(())
    }

    /// What is sent from now on, to whatever partition.
    fn go_on(&mut self) -> KafkaResult<()> {
        let consumer = &self.feed.shared.consumer;
        let metadata = consumer.fetch_metadata(Some(&self.topic), PROOF_OF_LIFE)?;
        let found = metadata.topics().iter().flat_map(MetadataTopic::partitions);
        let found: Vec<_> = found.map(MetadataPartition::id).collect();
        let ends = found.iter().map(|&id| {
            let (_, end) = consumer.fetch_watermarks(&self.topic, id, PROOF_OF_LIFE)?;
            Ok((id, Offset::Offset(end)))
        });
        let ends = ends.collect::<KafkaResult<Vec<_>>>()?;
        consumer.incremental_assign(&partitions(&self.topic, ends)?)?;
        self.reads = Reads::Own(found);
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

    /// The group's next member goes on behind these records: librdkafka commits them in its own
    /// time, and when the subscription ends. Nothing happens where no group was joined.
    pub(super) fn handled(&self, positions: impl IntoIterator<Item = (i32, i64)>) {
        if let Reads::Own(_) = self.reads {
            return;
        }
        for (partition, offset) in positions {
            let consumer = &self.feed.shared.consumer;
            if let Err(error) = consumer.store_offset(&self.topic, partition, offset) {
                // It is another member's by now, and comes again there.
                tracing::debug!(topic = self.topic, partition, offset, %error, "not committed");
            }
        }
    }
}

impl Drop for Subscription {
    /// Some ten microseconds: the broker is not asked.
    fn drop(&mut self) {
        let shared = &self.feed.shared;
        let unassigned = match &self.reads {
            Reads::Own(ids) => {
                let read = ids.iter().map(|&id| (id, Offset::Invalid));
                partitions(&self.topic, read)
                    .and_then(|read| shared.consumer.incremental_unassign(&read))
            }
            // It leaves the group when the consumer goes.
            Reads::Shared => Ok(()),
        };
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
            let _ = sender.send(Record {
                partition: record.partition(),
                offset: record.offset(),
                message,
            });
        }
    }
}

/// A member of a group commits what it was told is handled, and nothing else; one of no group commits
/// nothing, but librdkafka asks for a name in any case.
fn consumer(endpoint: &str, group: Option<&str>) -> KafkaResult<BaseConsumer<Quiet>> {
    let commits = if group.is_some() { "true" } else { "false" };
    config(endpoint)
        .set("group.id", group.unwrap_or("unbroken"))
        .set("enable.auto.commit", commits)
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest")
        // A new topic is not read before the fetch under way is answered: this is its wait.
        .set("fetch.wait.max.ms", "10")
        .set("fetch.error.backoff.ms", "10")
        .create_with_context(Quiet)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn partitions(
    topic: &str,
    each: impl IntoIterator<Item = (i32, Offset)>,
) -> KafkaResult<TopicPartitionList> {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in each {
        list.add_partition_offset(topic, partition, offset)?;
    }
    Ok(list)
}
