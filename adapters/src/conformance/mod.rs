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

mod carriers;
mod check;
mod deliveries;
mod ends;
mod refusals;
mod several;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use self::check::{arrival, message, said};
use crate::tap::{Sighting, Tap};
use crate::{
    Address, Boundary, BoundaryError, Carrier, Delivery, Handler, Medium, Message, Refusal, Serving,
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

/// Each clause under the name of its function.
macro_rules! clauses {
    ($($room:ident::$clause:ident),* $(,)?) => {
        &[$((stringify!($clause), |ground| $room::$clause(ground).boxed())),*]
    };
}

/// All clauses, by name.
pub const CLAUSES: &[(&str, Clause)] = clauses![
    ends::declares_twice,
    carriers::carries_what_is_sent,
    carriers::repeats_names_as_described,
    carriers::carries_bytes_as_described,
    carriers::carries_bytes_under_any_name_as_described,
    carriers::carries_empty_values_as_described,
    carriers::refuses_what_is_too_large,
    deliveries::delivers_no_more_than_asked,
    deliveries::hands_over_what_waits,
    deliveries::crosses_side_by_side,
    deliveries::taps_both_sides,
    deliveries::survives_a_failing_handler,
    refusals::brings_again_what_was_not_taken,
    refusals::does_not_bring_again_what_was_rejected,
    refusals::keeps_what_was_rejected_as_described,
    several::hands_over_several_as_one,
    several::says_if_one_of_several_is_not_taken,
    several::fans_out_as_described,
    several::goes_on_where_its_group_was,
    ends::stops_when_it_is_dropped,
    ends::says_that_nobody_listens,
];

/// How long anything may take that is going to happen.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take to find out that nobody is there.
const QUICKLY: Duration = Duration::from_secs(10);

/// The reason of every refusal.
const WHY: &str = "on purpose";

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// Where taps and receivers of this process are bound.
const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
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
        self.address_of(endpoint, &unused_name())
    }

    /// The address of a hop of this name.
    fn address_of(&self, endpoint: &str, hop: &str) -> Result<Address, Broken> {
        let address = said(self.boundary.descriptor().address_of(endpoint, hop))?;
        let params = self.params.iter();
        Ok(params.fold(address, |address, (name, value)| {
            address.with_param(name, value)
        }))
    }

    /// A receiver behind a tap, ready to be sent to. The first so many deliveries fail.
    async fn receive(&self, max_messages: usize, failures: usize) -> Result<Hop, Broken> {
        let refusal = Refusal::Failed(WHY.to_owned());
        let address = self.address(&self.endpoint)?;
        self.receive_at(&address, max_messages, handler(failures, refusal))
            .await
    }

    /// A receiver at an address, behind a tap, ready to be sent to.
    async fn receive_at(
        &self,
        address: &Address,
        max_messages: usize,
        (handler, deliveries): (Handler, UnboundedReceiver<Delivery>),
    ) -> Result<Hop, Broken> {
        let (recorder, sightings) = mpsc::unbounded_channel();
        said(self.boundary.declare(address).await)?;
        let (serving, tap);
        if self.boundary.descriptor().medium == Medium::Direct {
            serving = said(self.boundary.serve(address, max_messages, handler).await)?;
            tap = said(
                self.boundary
                    .tap(&serving.address, LOCAL, recorder.into())
                    .await,
            )?;
        } else {
            tap = said(self.boundary.tap(address, LOCAL, recorder.into()).await)?;
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

/// A handler that passes on what it gets, and refuses the first so many deliveries.
fn handler(refusals: usize, refusal: Refusal) -> (Handler, UnboundedReceiver<Delivery>) {
    let (arrived, deliveries) = mpsc::unbounded_channel();
    let so_far = AtomicUsize::new(0);
    let handler: Handler = Arc::new(move |delivery: Delivery| {
        let refuses = so_far.fetch_add(1, Ordering::Relaxed) < refusals;
        // A clause that has its answer no longer looks.
        let _ = arrived.send(delivery);
        let outcome = if refuses {
            Err(refusal.clone())
        } else {
            Ok(())
        };
        std::future::ready(outcome).boxed()
    });
    (handler, deliveries)
}

fn unused_name() -> String {
    format!("ub_{:016x}", RandomState::new().hash_one(()))
}

/// A message that can be told from others.
fn numbered(number: &str) -> Message {
    message([("number", number.to_owned())].into_iter().collect())
}
