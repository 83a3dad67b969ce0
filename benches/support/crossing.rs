//! The ways across a boundary that are compared: with the bare client library, with the boundary
//! alone, and with a reference service on either side, without and with a tap.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SimpleSpanProcessor};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use unbroken::collector::{InProcess, Store};
use unbroken_adapters::service::{Config, Element, Listen, Luggage, Problem, Service, Taking};
use unbroken_adapters::tap::{Sighting, Tap};
use unbroken_adapters::{Address, Boundaries, Boundary, Format, Handler, Message, Serving};

pub(crate) const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What the application says.
pub(crate) const BODY: &[u8] = b"[]";

/// One way across, to be crossed again and again.
pub(crate) trait Way {
    /// From before the sending until all is there that the way is about.
    fn cross(&mut self) -> BoxFuture<'_, ()>;
}

/// How long one crossing takes.
pub(crate) async fn timed(way: &mut dyn Way) -> Duration {
    let start = Instant::now();
    way.cross().await;
    start.elapsed()
}

/// An address that nobody else has. A direct boundary takes a free port.
pub(crate) fn fresh(boundary: &dyn Boundary, endpoint: &str) -> Address {
    let number = opentelemetry_sdk::trace::IdGenerator::new_span_id(
        &opentelemetry_sdk::trace::RandomIdGenerator::default(),
    );
    let run = number.to_string();
    let token = format!("ub_{}_0", &run[..8]);
    let address = boundary.descriptor().address_of(endpoint, &token);
    address.expect("the template is a URL")
}

/// The boundary's own sending and receiving: the client code of the adapters, and nothing of
/// what makes Unbroken of it.
pub(crate) struct Raw {
    boundary: Arc<dyn Boundary>,
    serving: Serving,
    arrived: UnboundedReceiver<()>,
}

impl Raw {
    pub(crate) async fn over(boundary: &Arc<dyn Boundary>, endpoint: &str) -> Self {
        let address = fresh(&**boundary, endpoint);
        boundary.declare(&address).await.expect("declared");
        let (sender, arrived) = mpsc::unbounded_channel();
        let handler: Handler = Arc::new(move |delivery| {
            let _ = sender.send(());
            drop(delivery);
            async { Ok(()) }.boxed()
        });
        let serving = boundary.serve(&address, 1, handler).await;
        Self {
            boundary: Arc::clone(boundary),
            serving: serving.expect("served"),
            arrived,
        }
    }
}

impl Way for Raw {
    fn cross(&mut self) -> BoxFuture<'_, ()> {
        async {
            let message = Message {
                body: BODY.into(),
                ..Message::default()
            };
            let sent = self.boundary.send(&self.serving.address, message).await;
            sent.expect("sent");
            self.arrived.recv().await.expect("arrived");
        }
        .boxed()
    }
}

/// A sending and a receiving reference service, whose spans go to a store in this process.
pub(crate) struct Hop {
    sender: Service,
    _receiver: Service,
    elements: Vec<Element>,
    store: Store,
    tap: Option<(Tap, UnboundedReceiver<Sighting>)>,
    _problems: UnboundedReceiver<Problem>,
}

impl Hop {
    /// The entry's root, the two sides of the hop, and the handler's work.
    const SPANS: usize = 4;

    pub(crate) async fn over(
        boundaries: &Boundaries,
        boundary: &Arc<dyn Boundary>,
        endpoint: &str,
        tapped: bool,
    ) -> Self {
        let address = fresh(&**boundary, endpoint);
        boundary.declare(&address).await.expect("declared");
        let store = Store::new();
        let (problems, reported) = mpsc::unbounded_channel();
        let start = |name: &'static str, listen| {
            let resource = Resource::builder_empty().with_service_name(name).build();
            let provider = SdkTracerProvider::builder()
                .with_resource(resource)
                .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
                .with_span_processor(SimpleSpanProcessor::new(InProcess::new(&store)))
                .build();
            Service::start(Config {
                name: name.to_owned(),
                listen,
                provider,
                boundaries: boundaries.clone(),
                formats: Format::DEFAULT.to_vec(),
                send_timeout: Duration::from_secs(30),
                problems: problems.clone(),
            })
        };
        let listen = |address: Address| Listen {
            address,
            relation: boundary.descriptor().default_relation,
            taking: Taking::Each,
            fault: None,
        };
        let (recorder, seen) = mpsc::unbounded_channel();
        let (receiver, tap) = if boundary.descriptor().is_messaging() {
            // The tap stands at the broker, and is there first.
            let tap = match tapped {
                true => Some(
                    boundary
                        .tap(&address, LOCAL, recorder.into())
                        .await
                        .expect("tapped"),
                ),
                false => None,
            };
            let at = tap.as_ref().map_or(&address, |tap| &tap.receiver).clone();
            (start("receiver", vec![listen(at)]).await, tap)
        } else {
            // The tap stands before the receiver, whose port it must know.
            let receiver = start("receiver", vec![listen(address)]).await;
            let service = receiver.as_ref().ok();
            let at = service.and_then(|service| service.addresses().next());
            let at = at.expect("it listens");
            let tap = match tapped {
                true => Some(
                    boundary
                        .tap(at, LOCAL, recorder.into())
                        .await
                        .expect("tapped"),
                ),
                false => None,
            };
            (receiver, tap)
        };
        let receiver = receiver.expect("started");
        let url = match &tap {
            Some(tap) => tap.sender.clone(),
            None => receiver.addresses().next().expect("it listens").clone(),
        };
        Self {
            sender: start("sender", Vec::new()).await.expect("started"),
            _receiver: receiver,
            elements: vec![Element {
                url,
                arguments: serde_json::json!([]),
                unbroken: None,
            }],
            store,
            tap: tap.map(|tap| (tap, seen)),
            _problems: reported,
        }
    }
}

impl Way for Hop {
    /// Until every span of the hop is exported, and the tap has seen both sides of the middle.
    fn cross(&mut self) -> BoxFuture<'_, ()> {
        async {
            let (trace, sent) = self
                .sender
                .enter("a crossing", &Luggage::default(), &self.elements)
                .await;
            sent.expect("sent");
            let whole = |store: &Store| (store.trace(trace).len() == Self::SPANS).then_some(());
            self.store.wait_for(whole).await;
            if let Some((_, seen)) = &mut self.tap {
                for _ in 0..2 {
                    seen.recv().await.expect("seen");
                }
            }
        }
        .boxed()
    }
}
