use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use opentelemetry::TraceId;

use crate::collector::Store;
use crate::span::Span;

/// The traces that touched a run before its request was sent, with how many spans each had by then.
#[derive(Debug, Default)]
pub struct Earlier(HashMap<TraceId, usize>);

impl Earlier {
    /// Those that are in the store now.
    pub fn of(store: &Store, run: u32) -> Self {
        let touching = store.touching(run).into_iter();
        Self(touching.map(|id| (id, store.trace(id).len())).collect())
    }

    /// Whether all of a trace was here before: then it is of no request, but of a service that started.
    fn is_all_of(&self, id: TraceId, spans: &[Arc<Span>]) -> bool {
        self.0.get(&id) == Some(&spans.len())
    }
}

/// Takes out of the store what may concern one run: the entry's trace, every trace that touched
/// the run since its request was sent, and, repeatedly, every trace that links into one of these.
pub fn gather(store: &Store, run: u32, entry: TraceId, earlier: &Earlier) -> Vec<Arc<Span>> {
    let mut seen = HashSet::new();
    let mut next = store.touching(run);
    next.push(entry);
    let mut spans = Vec::new();
    while let Some(trace) = next.pop() {
        if !seen.insert(trace) {
            continue;
        }
        let found = store.trace(trace);
        if !earlier.is_all_of(trace, &found) {
            spans.extend(found);
            next.extend(store.linking_into(trace));
        }
    }
    spans
}
