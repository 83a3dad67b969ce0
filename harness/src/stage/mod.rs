//! The stage: the brokers, services, taps and the collector of one run. Only the stage starts,
//! stops and waits.

mod broker;
mod cast;
mod contained;
mod container;
mod elements;
mod engine;
mod error;
mod hosted;
mod images;
mod middle;
mod passage;
mod place;
mod plan;
mod questioned;
mod quiet;
mod reaper;
pub mod role;
mod running;
mod scene;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use tokio::sync::{OnceCell, watch};
use unbroken_adapters::{Boundaries, Broker};

pub use error::StageError;
pub use hosted::{Hosted, Lodger};
pub use middle::{Middle, PARTS, Part};
pub use plan::{Participant, Plan, Subject};
pub use questioned::Question;

use crate::collector::{Receiver, Store};
use crate::evidence::Evidence;
use engine::Engine;

/// How a stage behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long one scenario may take once everything it needs is started; a service that is asked by
    /// itself has a sixth of it, and at least five seconds, for each answer.
    pub timeout: Duration,
    /// How long one container may take to start.
    pub start_timeout: Duration,
    /// Whether taps look at every hop. Without them a missing injection and a missing extraction
    /// cannot be told apart.
    pub taps: bool,
    /// How long a subject that somebody else runs may take to export what it has; as often as
    /// most SDKs export by default.
    pub settle: Duration,
    /// The port of the collector for subjects that somebody else runs.
    pub otlp_port: u16,
}

impl Options {
    /// How long one send may take: deadlines shrink inward, so that a send that hangs is known
    /// before the scenario's own time is over.
    fn send_timeout(&self) -> Duration {
        self.timeout / 2
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            start_timeout: Duration::from_mins(1),
            taps: true,
            settle: Duration::from_secs(5),
            otlp_port: 4318,
        }
    }
}

/// What all scenarios of a run share. Everything on it is started by the first that needs it;
/// clones are the same stage.
#[derive(Clone)]
pub struct Stage {
    shared: Arc<Shared>,
}

struct Shared {
    name: String,
    options: Options,
    store: Store,
    boundaries: Boundaries,
    engine: OnceCell<Result<Engine, StageError>>,
    brokers: Mutex<HashMap<&'static str, Arc<OnceBroker>>>,
    dead: watch::Sender<Vec<&'static str>>,
    otlp_for_containers: OnceCell<Result<Receiver, StageError>>,
    otlp_for_neighbours: OnceCell<Result<Receiver, StageError>>,
}

/// What failed to start once is not tried again: every scenario that needs it says the same.
type OnceBroker = OnceCell<Result<broker::Started, StageError>>;

impl Stage {
    /// An empty stage. Nothing is started, and Docker is not asked for, before it is needed.
    pub fn new(options: Options) -> Self {
        Self::with_boundaries(options, Boundaries::all())
    }

    /// An empty stage for boundaries of one's own choice.
    pub fn with_boundaries(options: Options, boundaries: Boundaries) -> Self {
        let shared = Shared {
            name: format!("{:08x}", random()),
            options,
            store: Store::new(),
            boundaries,
            engine: OnceCell::new(),
            brokers: Mutex::default(),
            dead: watch::Sender::default(),
            otlp_for_containers: OnceCell::new(),
            otlp_for_neighbours: OnceCell::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The boundaries that routes on this stage can cross.
    pub fn boundaries(&self) -> &Boundaries {
        &self.shared.boundaries
    }

    /// The spans of every scenario so far.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Sends a request along its route, and comes back with what was seen: at the latest when
    /// the time-out is over.
    pub async fn perform(&self, plan: &Plan) -> Result<Evidence, StageError> {
        scene::perform(&self.shared, plan).await
    }

    /// Makes sure of a broker, and says where it is: `127.0.0.1:49153`.
    pub async fn broker(&self, broker: &'static Broker) -> Result<String, StageError> {
        let (outside, _) = self.shared.broker(broker).await?;
        Ok(outside)
    }

    /// The same, as containers of this stage call it.
    pub async fn broker_inside(&self, broker: &'static Broker) -> Result<String, StageError> {
        let (_, inside) = self.shared.broker(broker).await?;
        Ok(inside)
    }

    /// Ends a broker as a crash would, if it was started.
    pub async fn kill_broker(&self, name: &str) -> Result<(), StageError> {
        let broker = self.shared.brokers().get(name).cloned();
        match broker.as_deref().and_then(OnceCell::get) {
            Some(Ok(broker)) => broker.running.kill().await,
            _ => Err(StageError::Scenario(format!(
                "the broker {name} is not running"
            ))),
        }
    }

    /// Removes everything that was started. A stage that is dropped without this, or killed,
    /// leaves the same to its reaper.
    pub async fn close(&self) {
        self.shared.brokers().clear();
        if let Some(Ok(engine)) = self.shared.engine.get() {
            engine.clear(&self.shared.name).await;
        }
    }
}

impl Shared {
    async fn engine(&self) -> Result<&Engine, StageError> {
        let engine = self
            .engine
            .get_or_init(|| Engine::connect(&self.name))
            .await;
        engine.as_ref().map_err(Clone::clone)
    }

    fn brokers(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, Arc<OnceBroker>>> {
        self.brokers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a broker is, from outside and from inside the stage's network.
    ///
    /// It starts in a task of its own: whoever waits for it may give up, and what was started by
    /// half would keep the name from the next to ask.
    async fn broker(
        self: &Arc<Self>,
        broker: &'static Broker,
    ) -> Result<(String, String), StageError> {
        let shared = Arc::clone(self);
        let starting = tokio::spawn(async move {
            let cell = Arc::clone(shared.brokers().entry(broker.name).or_default());
            let started = cell.get_or_init(|| shared.start_broker(broker)).await;
            let started = started.as_ref().map_err(Clone::clone)?;
            Ok((started.outside.clone(), started.inside.clone()))
        });
        starting.await?
    }

    async fn start_broker(&self, broker: &'static Broker) -> Result<broker::Started, StageError> {
        let engine = self.engine().await?;
        broker::start(
            engine,
            broker,
            self.options.start_timeout,
            self.dead.clone(),
        )
        .await
    }

    /// The collector as containers reach it: `http://172.18.0.1:40123`.
    async fn otlp_inside(&self) -> Result<String, StageError> {
        let engine = self.engine().await?;
        let start = || self.receive(engine.bind(), 0);
        let receiver = self.otlp_for_containers.get_or_init(start).await;
        let receiver = receiver.as_ref().map_err(Clone::clone)?;
        let (host, port) = (engine.host_as_seen_inside(), receiver.local_addr().port());
        Ok(format!("http://{host}:{port}"))
    }

    /// The collector for subjects of this host that somebody else runs.
    async fn otlp_outside(&self) -> Result<(), StageError> {
        let start = || self.receive(IpAddr::V4(Ipv4Addr::LOCALHOST), self.options.otlp_port);
        let receiver = self.otlp_for_neighbours.get_or_init(start).await;
        receiver.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    async fn receive(&self, bind: IpAddr, port: u16) -> Result<Receiver, StageError> {
        let receiver = Receiver::start(bind, port, self.store.clone()).await;
        receiver.map_err(|error| {
            StageError::Environment(format!(
                "the collector cannot listen on {bind}:{port}: {error}"
            ))
        })
    }
}

/// A number for a run, in no relation to any other.
fn random() -> u32 {
    let id = RandomIdGenerator::default().new_span_id().to_bytes();
    u32::from_be_bytes([id[0], id[1], id[2], id[3]])
}
