use std::collections::{BTreeSet, HashMap};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::FutureProducer;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::Address;

/// How long a broker may take for one request before it counts as unreachable. It is long for a
/// broker that is there and shares a busy machine with sixty others of our kind; one that is not
/// there is known at once, as nothing takes the connection.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// What librdkafka says goes to `tracing`. It says much while brokers come and go, and what
/// matters of it comes back as an error: so it is all for those who ask for it.
pub(super) struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(target: "librdkafka", ?level, facility, "{message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, "{reason}");
    }
}

impl ConsumerContext for Quiet {}

/// What every client of this endpoint has in common.
pub(super) fn config(endpoint: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", endpoint)
        .set("client.id", "unbroken")
        .set("socket.timeout.ms", "20000")
        .set("socket.connection.setup.timeout.ms", "5000")
        .set("socket.nagle.disable", "true")
        .set("reconnect.backoff.max.ms", "1000")
        // A topic is used the moment it was made: its leader is often asked for too early.
        .set("topic.metadata.refresh.fast.interval.ms", "10")
        .set("retry.backoff.ms", "10")
        .set_log_level(RDKafkaLogLevel::Info);
    config
}

/// Where clients connect if an address does not say.
pub(super) fn port_of(address: &Address) -> u16 {
    address.port().unwrap_or(9092)
}

/// Knocks. librdkafka tries again until its time is up; a connection of one's own knows at once
/// that nobody listens. The error says what was found.
pub(super) async fn reach(address: &Address) -> Result<(), String> {
    // Whoever resolves names takes an IPv6 address without its brackets.
    let host = address.host().trim_matches(['[', ']']);
    let connecting = TcpStream::connect((host, port_of(address)));
    match timeout(PATIENCE, connecting).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no connection within {PATIENCE:?}")),
    }
}

/// The sending side of one endpoint: a producer and an admin client for all services of this
/// process. Each has threads and connections of its own, so one of each has to do.
pub(super) struct Client {
    pub(super) producer: FutureProducer<Quiet>,
    admin: AdminClient<Quiet>,
    wanted: Mutex<Vec<Wanted>>,
    turn: tokio::sync::Mutex<()>,
}

/// A topic, and who waits for it.
type Wanted = (String, oneshot::Sender<KafkaResult<()>>);

impl Client {
    pub(super) fn new(endpoint: &str) -> KafkaResult<Self> {
        let producer = config(endpoint)
            // Whoever waits for a message to be taken must not wait for company for it.
            .set("linger.ms", "0")
            // A topic that is new may refuse at first: what is sent again must not come after what
            // was sent later.
            .set("max.in.flight.requests.per.connection", "1")
            .set("message.timeout.ms", PATIENCE.as_millis().to_string())
            .create_with_context(Quiet)?;
        let admin = config(endpoint).create_with_context(Quiet)?;
        Ok(Self {
            producer,
            admin,
            wanted: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// Makes the topic exist, with the one partition that is listened to.
    ///
    /// A broker does one request of a connection after the other, and one for sixty topics takes
    /// little longer than one for one: so whoever comes while a request is under way goes with
    /// the next, and hundreds of hops at once do not wait for each other until their time is up.
    pub(super) async fn create_topic(&self, topic: &str) -> KafkaResult<()> {
        let (done, mut outcome) = oneshot::channel();
        self.wanted().push((topic.to_owned(), done));
        let _turn = self.turn.lock().await;
        if let Ok(outcome) = outcome.try_recv() {
            return outcome;
        }
        let waiting = mem::take(&mut *self.wanted());
        // This one is not among them if whoever had taken it has given up.
        let topics = waiting.iter().map(|(topic, _)| topic.as_str());
        let topics: BTreeSet<_> = topics.chain([topic]).collect();
        let made = self.create_topics(&topics).await;
        let outcome = |topic: &str| match &made {
            Ok(refused) => refused
                .get(topic)
                .map_or(Ok(()), |code| Err(KafkaError::AdminOp(*code))),
            Err(error) => Err(error.clone()),
        };
        for (topic, done) in waiting {
            // Whoever gave up has nobody to be told.
            let _ = done.send(outcome(&topic));
        }
        outcome(topic)
    }

    /// Makes topics, and says which of them the broker refused.
    async fn create_topics(
        &self,
        topics: &BTreeSet<&str>,
    ) -> KafkaResult<HashMap<String, RDKafkaErrorCode>> {
        let topics = topics.iter();
        let topics = topics.map(|topic| NewTopic::new(topic, 1, TopicReplication::Fixed(1)));
        let topics: Vec<_> = topics.collect();
        let options = AdminOptions::new()
            .request_timeout(Some(PATIENCE))
            .operation_timeout(Some(PATIENCE));
        let made = self.admin.create_topics(&topics, &options).await?;
        let refused = made.into_iter().filter_map(Result::err);
        let refused = refused.filter(|(_, code)| *code != RDKafkaErrorCode::TopicAlreadyExists);
        Ok(refused.collect())
    }

    fn wanted(&self) -> MutexGuard<'_, Vec<Wanted>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a code says that the broker cannot be reached, rather than that it said no.
pub(super) fn is_unreachable(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::BrokerDestroy
            | RDKafkaErrorCode::Resolve
            | RDKafkaErrorCode::MessageTimedOut
            | RDKafkaErrorCode::OperationTimedOut
            | RDKafkaErrorCode::RequestTimedOut
            | RDKafkaErrorCode::NetworkException
            | RDKafkaErrorCode::BrokerNotAvailable
            | RDKafkaErrorCode::LeaderNotAvailable
            | RDKafkaErrorCode::NotEnoughReplicas
            | RDKafkaErrorCode::Authentication
            | RDKafkaErrorCode::SSL
    )
}
