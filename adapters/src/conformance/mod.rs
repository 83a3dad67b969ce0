//! What every boundary must do, written once: run it against your own.
//!
//! Each clause is a function of a [`Ground`], and gives the reason if the boundary does not keep
//! it. [`CLAUSES`] names them all, for a runner that mounts them one by one. For example:
//!
//! ```
//! # use std::sync::Arc;
//! # use unbroken_adapters::{conformance::{CLAUSES, Ground}, memory::Memory};
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let ground = Ground::new(Arc::new(Memory::default()), "");
//! for (name, clause) in CLAUSES {
//!     assert_eq!(clause(&ground).await, Ok(()), "{name}");
//! }
//! # }
//! ```

use std::collections::hash_map::RandomState;
use std::future::Future;
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::timeout;

use crate::tap::{Point, Sighting, Tap};
use crate::{
    Address, Boundary, BoundaryError, Carrier, Delivery, Handler, Medium, Message, Serving,
};

/// A boundary, and where to try it.
pub struct Ground {
    boundary: Arc<dyn Boundary>,
    endpoint: String,
    params: Vec<(&'static str, &'static str)>,
}

/// Why a clause is not kept.
pub type Broken = String;

/// One clause.
pub type Clause = for<'a> fn(&'a Ground) -> BoxFuture<'a, Result<(), Broken>>;

/// All clauses, by name.
pub const CLAUSES: &[(&str, Clause)] = &[
    ("declares_twice", |g| declares_twice(g).boxed()),
    ("carries_what_is_sent", |g| carries_what_is_sent(g).boxed()),
    ("repeats_names_as_described", |g| {
        repeats_names_as_described(g).boxed()
    }),
    ("carries_bytes_as_described", |g| {
        carries_bytes_as_described(g).boxed()
    }),
    ("carries_empty_values_as_described", |g| {
        carries_empty_values_as_described(g).boxed()
    }),
    ("delivers_no_more_than_asked", |g| {
        delivers_no_more_than_asked(g).boxed()
    }),
    ("taps_both_sides", |g| taps_both_sides(g).boxed()),
    ("survives_a_failing_handler", |g| {
        survives_a_failing_handler(g).boxed()
    }),
    ("stops_when_it_is_dropped", |g| {
        stops_when_it_is_dropped(g).boxed()
    }),
    ("says_that_nobody_listens", |g| {
        says_that_nobody_listens(g).boxed()
    }),
];

/// How long anything may take that is going to happen.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long it may take to find out that nobody is there.
const QUICKLY: Duration = Duration::from_secs(5);

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// A name that every carrier can hold; gRPC takes any bytes under the ending `-bin` only.
const NAME: &str = "unbroken-bin";

impl Ground {
    /// `endpoint` is the broker's `host:port`. A boundary without a broker takes a port itself.
    pub fn new(boundary: Arc<dyn Boundary>, endpoint: impl Into<String>) -> Self {
        let endpoint = match boundary.descriptor().medium {
            Medium::Broker(_) => endpoint.into(),
            Medium::Direct | Medium::Process => "127.0.0.1:0".to_owned(),
        };
        Self {
            boundary,
            endpoint,
            params: Vec::new(),
        }
    }

    /// Tries it with a parameter in every address, where a boundary has variants.
    #[must_use]
    pub fn with_param(mut self, name: &'static str, value: &'static str) -> Self {
        self.params.push((name, value));
        self
    }

    /// An address that nobody has used before, on a broker that other runs may share.
    fn address(&self, endpoint: &str) -> Result<Address, Broken> {
        let hop = format!("ub_{:016x}", RandomState::new().hash_one(()));
        let address = said(self.boundary.descriptor().address_of(endpoint, &hop))?;
        let params = self.params.iter();
        Ok(params.fold(address, |address, (name, value)| {
            address.with_param(name, value)
        }))
    }

    /// A receiver behind a tap, ready to be sent to.
    async fn receive(&self, max_messages: usize, fail_first: bool) -> Result<Hop, Broken> {
        let (arrived, deliveries) = mpsc::unbounded_channel();
        let (recorder, sightings) = mpsc::unbounded_channel();
        let failures = std::sync::atomic::AtomicBool::new(fail_first);
        let handler: Handler = Arc::new(move |delivery: Delivery| {
            let fails = failures.swap(false, std::sync::atomic::Ordering::Relaxed);
            // A clause that has its answer no longer looks.
            let _ = arrived.send(delivery);
            let outcome = if fails {
                Err("on purpose".into())
            } else {
                Ok(())
            };
            std::future::ready(outcome).boxed()
        });
        let bind = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let address = self.address(&self.endpoint)?;
        said(self.boundary.declare(&address).await)?;
        let (serving, tap);
        if self.boundary.descriptor().medium == Medium::Direct {
            serving = said(self.boundary.serve(&address, max_messages, handler).await)?;
            tap = said(self.boundary.tap(&serving.address, bind, recorder).await)?;
        } else {
            tap = said(self.boundary.tap(&address, bind, recorder).await)?;
            let at = &tap.receiver;
            serving = said(self.boundary.serve(at, max_messages, handler).await)?;
        }
        Ok(Hop {
            deliveries,
            sightings,
            tap,
            serving,
        })
    }

    async fn send(&self, to: &Hop, carrier: Carrier) -> Result<(), BoundaryError> {
        let sent = self.boundary.send(&to.tap.sender, message(carrier)).await;
        sent.map(|_receipt| ())
    }
}

/// A hop with its receiver and its tap.
struct Hop {
    deliveries: UnboundedReceiver<Delivery>,
    sightings: UnboundedReceiver<Sighting>,
    tap: Tap,
    serving: Serving,
}

impl Hop {
    async fn delivery(&mut self) -> Result<Delivery, Broken> {
        arrival(&mut self.deliveries, "a delivery").await
    }
}

/// To declare an address twice is no error.
pub async fn declares_twice(ground: &Ground) -> Result<(), Broken> {
    let address = ground.address(&ground.endpoint)?;
    said(ground.boundary.declare(&address).await)?;
    said(ground.boundary.declare(&address).await)
}

/// Body and carrier arrive as they were sent, whatever the boundary adds.
pub async fn carries_what_is_sent(ground: &Ground) -> Result<(), Broken> {
    let mut hop = ground.receive(1, false).await?;
    let sent = context();
    said(ground.send(&hop, sent.clone()).await)?;
    let delivery = hop.delivery().await?;
    let [message] = delivery.messages.as_slice() else {
        return Err(format!("one message was sent, and arrived as {delivery:?}"));
    };
    holds(&message.carrier, &sent)?;
    same("the body", &message.body, &Bytes::from_static(b"[]"))
}

/// Two entries of one name arrive as two, in order, if and only if the descriptor says so.
pub async fn repeats_names_as_described(ground: &Ground) -> Result<(), Broken> {
    let described = ground.boundary.descriptor().capabilities.repeated_names;
    let twice = [("vendor", "1"), ("vendor", "2")].into_iter().collect();
    as_described(ground, twice, described).await
}

/// A value of any bytes arrives if and only if the descriptor says so.
pub async fn carries_bytes_as_described(ground: &Ground) -> Result<(), Broken> {
    let described = ground.boundary.descriptor().capabilities.binary_values;
    let bytes = Bytes::from_static(b"\xff\x00\x0a\x80");
    as_described(ground, [(NAME, bytes)].into_iter().collect(), described).await
}

/// An empty value arrives if and only if the descriptor says so.
pub async fn carries_empty_values_as_described(ground: &Ground) -> Result<(), Broken> {
    let described = ground.boundary.descriptor().capabilities.empty_values;
    as_described(ground, [(NAME, "")].into_iter().collect(), described).await
}

/// All messages arrive, none twice, and no delivery holds more of them than was asked for.
pub async fn delivers_no_more_than_asked(ground: &Ground) -> Result<(), Broken> {
    let mut hop = ground.receive(1, false).await?;
    let mut missing = vec!["1", "2", "3"];
    for number in &missing {
        let numbered = [("number", *number)].into_iter().collect();
        said(ground.send(&hop, numbered).await)?;
    }
    while !missing.is_empty() {
        let delivery = hop.delivery().await?;
        same("messages in a delivery", &delivery.messages.len(), &1)?;
        let arrived = delivery.messages[0].carrier.all("number").next();
        let known = missing.iter().position(|n| arrived.is_some_and(|a| a == n));
        let known = known.ok_or_else(|| format!("{delivery:?} was not sent, or came twice"))?;
        missing.remove(known);
    }
    Ok(())
}

/// The tap sees what was sent once on either side of the middle.
pub async fn taps_both_sides(ground: &Ground) -> Result<(), Broken> {
    let mut hop = ground.receive(1, false).await?;
    let sent = context();
    said(ground.send(&hop, sent.clone()).await)?;
    hop.delivery().await?;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let sighting = arrival(&mut hop.sightings, "a sighting").await?;
        holds(&sighting.carrier, &sent)?;
        seen.push(sighting.point);
    }
    seen.sort_unstable();
    let both = vec![Point::BeforeMiddle, Point::AfterMiddle];
    same("where the carrier was seen", &seen, &both)
}

/// An error of the handler is told to a sender that waits for it, and ends nothing.
pub async fn survives_a_failing_handler(ground: &Ground) -> Result<(), Broken> {
    let mut hop = ground.receive(1, true).await?;
    let first = ground.send(&hop, context()).await;
    let waits = ground.boundary.descriptor().medium == Medium::Direct;
    match first {
        Ok(()) if !waits => {}
        Err(BoundaryError::Refused { reason, .. }) if waits => {
            if !reason.contains("on purpose") {
                return Err(format!("the handler's reason is lost: {reason}"));
            }
        }
        other => return Err(format!("the first send gave {other:?}")),
    }
    hop.delivery().await?;
    said(ground.send(&hop, context()).await)?;
    hop.delivery().await.map(drop)
}

/// A receiver that has ended takes nothing more, not even over a connection that is still open.
///
/// Where a broker stands between, a message may be sent to nobody: there only the end is shown.
pub async fn stops_when_it_is_dropped(ground: &Ground) -> Result<(), Broken> {
    let Hop {
        mut deliveries,
        serving,
        tap,
        ..
    } = ground.receive(1, false).await?;
    let to = &tap.receiver;
    let send = || ground.boundary.send(to, message(context()));
    said(send().await)?;
    arrival(&mut deliveries, "a delivery").await?;
    serving.task.abort();
    // What it ends with is its own affair: it was told to.
    let _ = within(serving.task, "the receiver to end").await?;
    if matches!(ground.boundary.descriptor().medium, Medium::Broker(_)) {
        return Ok(());
    }
    match within(send(), "an answer").await? {
        Err(BoundaryError::Unreachable { .. }) => Ok(()),
        other => Err(format!("a send to an ended receiver gave {other:?}")),
    }
}

/// Sending where nobody listens is [`BoundaryError::Unreachable`], and found out soon.
pub async fn says_that_nobody_listens(ground: &Ground) -> Result<(), Broken> {
    let address = ground.address(&closed_endpoint().await?)?;
    let sending = ground.boundary.send(&address, message(context()));
    match timeout(QUICKLY, sending).await {
        Ok(Err(BoundaryError::Unreachable { .. })) => Ok(()),
        Ok(other) => Err(format!("expected Unreachable, got {other:?}")),
        Err(_) => Err(format!("no answer within {QUICKLY:?}")),
    }
}

/// Arrives as it was sent where the descriptor says so; elsewhere it is refused, or altered.
async fn as_described(ground: &Ground, sent: Carrier, described: bool) -> Result<(), Broken> {
    let mut hop = ground.receive(1, false).await?;
    let arrived = match ground.send(&hop, sent.clone()).await {
        Ok(()) => {
            let delivery = hop.delivery().await?;
            let carrier = delivery.messages.first().map(|message| &message.carrier);
            carrier.map_or(Err("no message".into()), |c| holds(c, &sent))
        }
        Err(BoundaryError::Refused { reason, .. }) => Err(reason),
        Err(error) => return Err(error.to_string()),
    };
    match (described, arrived) {
        (true, arrived) => arrived,
        (false, Ok(())) => Err("the descriptor denies it, and it arrived all the same".into()),
        (false, Err(_)) => Ok(()),
    }
}

fn message(carrier: Carrier) -> Message {
    let body = Bytes::from_static(b"[]");
    Message { carrier, body }
}

fn context() -> Carrier {
    [("traceparent", TRACEPARENT), ("tracestate", "a=1,b=2")]
        .into_iter()
        .collect()
}

/// Whether every name of `sent` has just its values in `found`, in order.
fn holds(found: &Carrier, sent: &Carrier) -> Result<(), Broken> {
    for (name, _) in sent.iter() {
        let values = |carrier: &Carrier| carrier.all(name).cloned().collect::<Vec<_>>();
        same(
            &format!("the values of {name}"),
            &values(found),
            &values(sent),
        )?;
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, sent: &T) -> Result<(), Broken> {
    if found == sent {
        return Ok(());
    }
    Err(format!("{what}: expected {sent:?}, found {found:?}"))
}

fn said<T>(outcome: Result<T, BoundaryError>) -> Result<T, Broken> {
    outcome.map_err(|error| error.to_string())
}

async fn arrival<T>(from: &mut UnboundedReceiver<T>, what: &str) -> Result<T, Broken> {
    within(from.recv(), what)
        .await?
        .ok_or(format!("{what} can no longer arrive"))
}

async fn within<T>(arrival: impl Future<Output = T>, what: &str) -> Result<T, Broken> {
    let late = |_| format!("waited {PATIENCE:?} for {what}");
    timeout(PATIENCE, arrival).await.map_err(late)
}

/// A port that was free a moment ago.
async fn closed_endpoint() -> Result<String, Broken> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let endpoint = listener.and_then(|listener| listener.local_addr());
    endpoint.map(|e| e.to_string()).map_err(|e| e.to_string())
}
