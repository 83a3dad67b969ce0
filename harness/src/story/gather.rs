use std::collections::HashSet;
use std::sync::Arc;

use opentelemetry::TraceId;

use crate::collector::Store;
use crate::span::Span;

/// Takes out of the store what may concern one run: the entry's trace, every trace that touched
/// the run, and, repeatedly, every trace that links into one of these.
pub fn gather(store: &Store, run: u32, entry: TraceId) -> Vec<Arc<Span>> {
    let mut seen = HashSet::new();
    let mut next = store.touching(run);
    next.push(entry);
    let mut spans = Vec::new();
    while let Some(trace) = next.pop() {
        if seen.insert(trace) {
            spans.extend(store.trace(trace));
            next.extend(store.linking_into(trace));
        }
    }
    spans
}
