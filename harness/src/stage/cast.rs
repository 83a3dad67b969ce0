//! Who plays the services of a scene: starting them, and learning where they listen.

use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SimpleSpanProcessor};
use tokio::sync::mpsc::UnboundedSender;
use unbroken_adapters::service::{Config, Listen, Problem, Service};
use unbroken_adapters::{Address, Maker};

use super::contained::{self, Configuration};
use super::container::{Spec, Whose};
use super::place::{Faces, Ground, Place};
use super::running::Running;
use super::{Participant, Plan, Shared, StageError, Subject, role};
use crate::collector::InProcess;
use crate::evidence::token;

/// A service that has been started, and where it listens for its direct hops.
pub(super) struct Actor {
    pub(super) direct: Vec<(usize, Faces)>,
    pub(super) player: Player,
}

/// What keeps it going.
pub(super) enum Player {
    InProcess(Service),
    Contained(Box<Running>),
    Elsewhere,
}

impl From<Running> for Actor {
    /// One that nobody leads to directly.
    fn from(running: Running) -> Self {
        Self {
            direct: Vec::new(),
            player: Player::Contained(Box::new(running)),
        }
    }
}

impl Actor {
    /// The service, if it runs in this process.
    pub(super) fn service(&self) -> Option<&Service> {
        match &self.player {
            Player::InProcess(service) => Some(service),
            Player::Contained(_) | Player::Elsewhere => None,
        }
    }

    /// Waits until it has become impossible for this service to receive.
    pub(super) async fn failure(&mut self) -> StageError {
        match &mut self.player {
            Player::InProcess(service) => service.failure().await.into(),
            Player::Contained(running) => running.ended().await,
            Player::Elsewhere => std::future::pending().await,
        }
    }
}

/// How often subjects export; the settle is a multiple of it.
pub(super) const EXPORT_INTERVAL_MS: u64 = 100;

/// The first port that a contained reference service listens on.
const FIRST_PORT: u16 = 8080;

/// Where our executable stands in a container.
const EXECUTABLE: &str = "/unbroken";

/// Starts whoever plays a service.
pub(super) async fn start(
    ground: &Ground<'_>,
    plan: &Plan,
    service: &str,
    places: &[Option<Place>],
    problems: UnboundedSender<Problem>,
) -> Result<Actor, StageError> {
    match plan.participant(service) {
        None => in_process(ground, plan, service, places, problems).await,
        Some(Participant::Contained) => contained(ground, plan, service, places).await,
        Some(Participant::Image(subject)) => image(ground, plan, service, places, subject).await,
        Some(Participant::Listening { address }) => {
            ground.shared.otlp_outside().await?;
            let hops = plan.route.reaching(service);
            let direct = hops.map(|hop| {
                let own = address.with_param("hop", &token(ground.run, hop).to_string());
                Ok((hop, ground.ours(own)?))
            });
            Ok(Actor {
                direct: direct.collect::<Result<_, StageError>>()?,
                player: Player::Elsewhere,
            })
        }
    }
}

/// The entry: a reference service in this process that listens for replies, and for nothing else.
pub(super) async fn entry(
    ground: &Ground<'_>,
    plan: &Plan,
    places: &[Option<Place>],
    problems: UnboundedSender<Problem>,
) -> Result<Service, StageError> {
    let entry = plan.route.entry();
    let listen = listens(ground, plan, entry, places, std::iter::empty())?;
    let listen = listen.into_iter().map(|(_, listen)| listen);
    reference(ground, plan, entry, listen.collect(), problems).await
}

async fn in_process(
    ground: &Ground<'_>,
    plan: &Plan,
    service: &str,
    places: &[Option<Place>],
    problems: UnboundedSender<Problem>,
) -> Result<Actor, StageError> {
    let endpoint = format!("{}:0", ground.bind);
    let endpoints = std::iter::repeat(endpoint);
    let listen = listens(ground, plan, service, places, endpoints)?;
    let service = reference(
        ground,
        plan,
        service,
        listen.iter().map(|(_, l)| l.clone()).collect(),
        problems,
    )
    .await?;
    let bound = listen.iter().zip(service.addresses());
    let direct = bound
        .filter(|((hop, _), _)| places[*hop].is_none())
        .map(|((hop, _), address)| Ok((*hop, ground.ours(address.clone())?)))
        .collect::<Result<_, StageError>>()?;
    Ok(Actor {
        direct,
        player: Player::InProcess(service),
    })
}

async fn reference(
    ground: &Ground<'_>,
    plan: &Plan,
    name: &str,
    listen: Vec<Listen>,
    problems: UnboundedSender<Problem>,
) -> Result<Service, StageError> {
    // The sampler is named: the environment of a test run must not decide what is seen.
    let provider = SdkTracerProvider::builder()
        .with_resource(contained::resource(name, &instance(ground.run, name)))
        // A span may account for as many messages as a hop can have.
        .with_max_links_per_span(u16::MAX.into())
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
        .with_span_processor(SimpleSpanProcessor::new(InProcess::new(
            &ground.shared.store,
        )))
        .build();
    let config = Config {
        name: name.to_owned(),
        listen,
        provider,
        boundaries: ground.shared.boundaries.clone(),
        formats: plan.request.formats_of(name),
        send_timeout: ground.shared.options.send_timeout(),
        problems,
    };
    Ok(Service::start(config).await?)
}

async fn contained(
    ground: &Ground<'_>,
    plan: &Plan,
    service: &str,
    places: &[Option<Place>],
) -> Result<Actor, StageError> {
    if !role::can_be_played() {
        return Err(StageError::Scenario(format!(
            "{service:?} cannot run in a container: this program does not call \
             unbroken::role::play() first of all"
        )));
    }
    let ports = FIRST_PORT..;
    let endpoints = ports.map(|port| format!("0.0.0.0:{port}"));
    let listen = listens(ground, plan, service, places, endpoints)?;
    let direct: Vec<_> = listen
        .iter()
        .filter(|(hop, _)| places[*hop].is_none())
        .cloned()
        .collect();
    let engine = ground.engine()?;
    let configuration = Configuration {
        name: service.to_owned(),
        instance: instance(ground.run, service),
        listen: listen.into_iter().map(|(_, listen)| listen).collect(),
        formats: plan.request.formats_of(service),
        collector: ground.shared.otlp_inside().await?,
        send_timeout: ground.shared.options.send_timeout(),
    };
    let configuration = serde_json::to_string(&configuration)
        .map_err(|error| StageError::Harness(error.to_string()))?;
    let executable = std::env::current_exe()
        .map_err(|error| StageError::Harness(format!("where is this executable? {error}")))?;
    let ports: Vec<_> = direct
        .iter()
        .filter_map(|(_, listen)| listen.address.port())
        .collect();
    let spec = Spec {
        whose: Whose::Ours,
        image: engine.image("debian").await?,
        name: container_name(ground.run, plan, service),
        ports,
        environment: vec![
            (role::VARIABLE.to_owned(), role::SERVICE.to_owned()),
            (role::CONFIGURATION.to_owned(), configuration),
        ],
        command: vec![EXECUTABLE.to_owned()],
        ready: contained::READY.to_owned(),
        after_start: Vec::new(),
        executable: Some((executable, EXECUTABLE)),
    };
    let name = spec.name.clone();
    let running = run(ground, spec).await?;
    let mut faces = Vec::new();
    for (hop, listen) in direct {
        let port = listen.address.port().unwrap_or_default();
        faces.push((
            hop,
            Faces {
                outside: listen.address.behind(&running.endpoint(port).await?)?,
                inside: listen
                    .address
                    .behind(&format!("{}:{port}", engine.name_of(&name)))?,
            },
        ));
    }
    Ok(Actor {
        direct: faces,
        player: Player::Contained(Box::new(running)),
    })
}

async fn image(
    ground: &Ground<'_>,
    plan: &Plan,
    service: &str,
    places: &[Option<Place>],
    subject: &Subject,
) -> Result<Actor, StageError> {
    let engine = ground.engine()?;
    let hops: Vec<_> = plan.route.reaching(service).collect();
    let mut listen = Vec::new();
    for &hop in &hops {
        let known = places[hop].as_ref().and_then(|p| p.receiver.as_ref());
        listen.push(match known {
            Some(faces) => faces.inside.to_string(),
            None => own_address(ground, plan, hop, subject)?.to_string(),
        });
    }
    let mut told = telemetry(ground.shared, ground.run, service).await?;
    told.push(("LISTEN".to_owned(), listen.join(",")));
    told.extend(subject.environment.clone());
    let spec = Spec {
        whose: Whose::Theirs,
        image: engine.image_of_subject(&subject.image).await?,
        name: container_name(ground.run, plan, service),
        ports: subject.port.into_iter().collect(),
        environment: told,
        command: Vec::new(),
        ready: subject.ready.clone(),
        after_start: Vec::new(),
        executable: None,
    };
    let name = spec.name.clone();
    let running = run(ground, spec).await?;
    let mut direct = Vec::new();
    for hop in hops.into_iter().filter(|&hop| places[hop].is_none()) {
        let port = subject.port.unwrap_or_default();
        let over = plan.route.hops()[hop].over;
        let token = token(ground.run, hop).to_string();
        direct.push((
            hop,
            Faces {
                outside: over.address_of(&running.endpoint(port).await?, &token)?,
                inside: over.address_of(&format!("{}:{port}", engine.name_of(&name)), &token)?,
            },
        ));
    }
    Ok(Actor {
        direct,
        player: Player::Contained(Box::new(running)),
    })
}

/// Where a subject is called, as it sees it itself: some servers must know the names of their methods.
fn own_address(
    ground: &Ground<'_>,
    plan: &Plan,
    hop: usize,
    subject: &Subject,
) -> Result<Address, StageError> {
    let endpoint = format!("0.0.0.0:{}", subject.port.unwrap_or_default());
    let token = token(ground.run, hop).to_string();
    Ok(plan.route.hops()[hop].over.address_of(&endpoint, &token)?)
}

/// Where spans are to go, in the standard variables, for what nobody here wrote.
pub(super) async fn telemetry(
    shared: &Shared,
    run: u32,
    name: &str,
) -> Result<Vec<(String, String)>, StageError> {
    let told = [
        ("OTEL_SERVICE_NAME", name.to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", shared.otlp_inside().await?),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()),
        ("OTEL_BSP_SCHEDULE_DELAY", EXPORT_INTERVAL_MS.to_string()),
        ("OTEL_METRICS_EXPORTER", "none".to_owned()),
        ("OTEL_LOGS_EXPORTER", "none".to_owned()),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            format!("service.instance.id={}", instance(run, name)),
        ),
    ];
    Ok(told.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

async fn run(ground: &Ground<'_>, spec: Spec) -> Result<Running, StageError> {
    let engine = ground.engine()?;
    engine.run(spec, ground.shared.options.start_timeout).await
}

/// Where a reference service is to receive: at the places that are known, and for direct hops at
/// the next endpoint.
fn listens(
    ground: &Ground<'_>,
    plan: &Plan,
    service: &str,
    places: &[Option<Place>],
    endpoints: impl IntoIterator<Item = String>,
) -> Result<Vec<(usize, Listen)>, StageError> {
    let mut endpoints = endpoints.into_iter();
    let contained = plan.is_contained(service);
    plan.route
        .reaching(service)
        .map(|index| {
            let hop = &plan.route.hops()[index];
            let known = places[index]
                .as_ref()
                .and_then(|place| place.receiver.as_ref());
            let address = if let Some(faces) = known {
                faces.for_whom(contained).clone()
            } else {
                let endpoint = endpoints.next().unwrap_or_default();
                let token = token(ground.run, index).to_string();
                hop.over.address_of(&endpoint, &token)?
            };
            let listen = Listen {
                address,
                relation: hop.relation,
                taking: hop.taking,
                fault: plan.fault(index, Maker::Receiver),
            };
            Ok((index, listen))
        })
        .collect()
}

/// By this name spans are known to be of this run, even where everything else is lost.
fn instance(run: u32, service: &str) -> String {
    format!("ub_{run:08x}_{}", letters(service))
}

/// A name that Docker and DNS accept, however the service is called: short, and with its place on
/// the route, as two names may be the same in the letters that are left.
fn container_name(run: u32, plan: &Plan, service: &str) -> String {
    let services = plan.route.services();
    let place = services.iter().position(|name| *name == service);
    format!(
        "{run:08x}-{}-{}",
        place.unwrap_or_default(),
        letters(service)
    )
}

/// What is left of a name where only letters, digits and dashes are understood.
fn letters(service: &str) -> String {
    const LONGEST: usize = 20;
    let letter = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '-',
    };
    service.chars().map(letter).take(LONGEST).collect()
}
