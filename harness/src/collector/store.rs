use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::TraceId;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
use tokio::sync::watch;

use super::budget::Budget;
use super::counts::{Counts, Ingested};
use super::index::Index;
use super::origins::Origins;
use super::payload::PayloadError;
use crate::span::{Malformed, Origin, Span};

/// The spans of all runs, in memory. Clones share one store.
///
/// Queries give snapshots: what arrives later is not in them. To wait for something, take
/// [`arrivals`](Self::arrivals) *before* the first look, or use [`wait_for`](Self::wait_for).
#[derive(Clone, Debug)]
pub struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    index: Mutex<Index>,
    origins: Mutex<Origins>,
    version: watch::Sender<u64>,
}

/// Wakes when something arrives. See [`Store::arrivals`].
#[derive(Clone, Debug)]
pub struct Arrivals(watch::Receiver<u64>);

impl Store {
    /// How many spans a store holds unless told otherwise: some gigabytes of small ones.
    pub const LIMIT: usize = 2_000_000;

    /// An empty store.
    pub fn new() -> Self {
        Self::with_limit(Self::LIMIT)
    }

    /// An empty store that holds no more than `limit` spans, the malformed among them.
    pub fn with_limit(limit: usize) -> Self {
        let shared = Shared {
            index: Mutex::new(Index::new(limit)),
            origins: Mutex::default(),
            version: watch::Sender::new(0),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Decodes and stores what an exporter sent, and wakes the waiters once; or nothing of it, if
    /// it has [resources with too many scopes](super::TooMany::Scopes). What else it holds stands in
    /// memory already, and is not counted.
    pub fn ingest(&self, batch: Vec<ResourceSpans>) -> Result<Ingested, PayloadError> {
        let mut budget = Budget::default();
        let mut decoded = Vec::new();
        for batch in batch {
            let resource = batch.resource.as_ref();
            let scopes = || batch.scope_spans.iter().map(|scope| scope.scope.as_ref());
            budget = budget.scopes(resource, scopes())?;
            let origins = self.origins(resource, scopes());
            for (scope, origin) in batch.scope_spans.into_iter().zip(origins) {
                let spans = scope.spans.into_iter();
                decoded.extend(spans.map(|span| Span::decode(span, &origin)));
            }
        }
        Ok(self.append(decoded))
    }

    /// Stores what is decoded already, and wakes the waiters once.
    pub fn append(
        &self,
        batch: impl IntoIterator<Item = Result<Span, Arc<Malformed>>>,
    ) -> Ingested {
        let mut ingested = Ingested::default();
        let mut index = self.index();
        for item in batch {
            index.insert(item, &mut ingested);
        }
        drop(index);
        // After the lock is gone: who wakes finds the door open, and everything inside.
        if ingested != Ingested::default() {
            self.shared.version.send_modify(|version| *version += 1);
        }
        ingested
    }

    /// The origin of spans, one and the same for all spans of one resource and scope.
    pub fn origin(
        &self,
        resource: Option<&Resource>,
        scope: Option<&InstrumentationScope>,
    ) -> Arc<Origin> {
        self.origins(resource, [scope]).remove(0)
    }

    /// As [`origin`](Self::origin), for each of the scopes.
    pub(super) fn origins<'a>(
        &self,
        resource: Option<&Resource>,
        scopes: impl IntoIterator<Item = Option<&'a InstrumentationScope>>,
    ) -> Vec<Arc<Origin>> {
        lock(&self.shared.origins).intern(resource, scopes)
    }

    /// The spans of a trace, in the order of their arrival.
    pub fn trace(&self, id: TraceId) -> Vec<Arc<Span>> {
        self.index().trace(id).to_vec()
    }

    /// The other traces that have a span with a link to a span of this trace.
    pub fn linking_into(&self, id: TraceId) -> Vec<TraceId> {
        self.index().linking_into(id).to_vec()
    }

    /// The traces with a span that speaks of the run, by a hop or by its origin.
    pub fn touching(&self, run: u32) -> Vec<TraceId> {
        self.index().touching(run).to_vec()
    }

    /// Everything malformed, in the order of its arrival.
    pub fn malformed(&self) -> Vec<Arc<Malformed>> {
        self.index().malformed()
    }

    /// What is malformed and speaks of the run, or stands in a trace that does.
    pub fn malformed_of(&self, run: u32) -> Vec<Arc<Malformed>> {
        self.index().malformed_of(run)
    }

    /// What was taken in so far.
    pub fn counts(&self) -> Counts {
        self.index().counts()
    }

    /// Forgets the traces that touch this run and no other, and what was malformed in it. What
    /// arrives afterwards is stored as ever.
    pub fn forget(&self, run: u32) {
        self.index().forget(run);
    }

    /// From now on, all arrivals: one that comes between this call and
    /// [`changed`](Arrivals::changed) is not missed.
    pub fn arrivals(&self) -> Arrivals {
        Arrivals(self.shared.version.subscribe())
    }

    /// Looks until there is something to see: at once, and after each arrival. It has no deadline
    /// of its own.
    pub async fn wait_for<T>(&self, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        let mut arrivals = self.arrivals();
        loop {
            if let Some(seen) = look(self) {
                return seen;
            }
            arrivals.changed().await;
        }
    }

    /// Counts a request that nothing could be read from.
    pub fn bad_payload(&self, reason: &str) {
        tracing::debug!(reason, "a bad payload was turned away");
        self.index().bad_payload(reason);
    }

    /// Counts a request with metrics or logs.
    pub(super) fn discarded(&self) {
        self.index().discarded();
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        lock(&self.shared.index)
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Arrivals {
    /// Waits for something to arrive that was not there at the last call, or at the subscription.
    /// Many arrivals may wake once. If the store is gone nothing will arrive, and this never ends.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A panic elsewhere leaves at worst a span that some index does not know.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
