use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use opentelemetry::TraceId;

use crate::collector::Store;
use crate::span::Span;

/// What services are said to do of their own accord: the names of the spans that it begins with, by
/// service.
pub type OwnAccord = BTreeMap<String, BTreeSet<String>>;

/// What touches a run, and is of no request.
#[derive(Debug, Default)]
pub struct Aside {
    /// The traces that were there before the request was sent, with how many spans each had by then.
    earlier: HashMap<TraceId, usize>,
    own_accord: OwnAccord,
}

impl Aside {
    /// What services are said to do of their own accord.
    pub fn new(own_accord: OwnAccord) -> Self {
        Self {
            earlier: HashMap::new(),
            own_accord,
        }
    }

    /// What touches the run and is in the store now came before its request.
    pub fn came_before(&mut self, store: &Store, run: u32) {
        let touching = store.touching(run).into_iter();
        self.earlier = touching.map(|id| (id, store.trace(id).len())).collect();
    }

    /// Whether all of a trace is of no request.
    fn is_all_of(&self, run: u32, id: TraceId, spans: &[Arc<Span>]) -> bool {
        self.earlier.get(&id) == Some(&spans.len()) || self.is_own_accord(run, spans)
    }

    /// Whether all that a trace begins with is said to be of a service's own accord. What speaks of a
    /// hop, or links to anything, is judged, whatever it is called.
    fn is_own_accord(&self, run: u32, spans: &[Arc<Span>]) -> bool {
        if self.own_accord.is_empty() {
            return false;
        }
        let ids: HashSet<_> = spans.iter().map(|span| span.span_id).collect();
        let is_below = |span: &Span| span.parent.is_some_and(|parent| ids.contains(&parent));
        let mut tops = spans.iter().filter(|span| !is_below(span)).peekable();
        let is_said = |span: &Arc<Span>| {
            let service = span.origin.service.as_deref();
            let own = service.and_then(|service| self.own_accord.get(service));
            own.is_some_and(|own| own.contains(&*span.name))
        };
        let is_tied =
            |span: &Arc<Span>| !span.links.is_empty() || span.hops.iter().any(|hop| hop.run == run);
        tops.peek().is_some() && tops.all(is_said) && !spans.iter().any(is_tied)
    }
}

/// Takes out of the store what may concern one run: the entry's trace, every trace that touched
/// the run and is not aside, and, repeatedly, every trace that links into one of these.
pub fn gather(store: &Store, run: u32, entry: TraceId, aside: &Aside) -> Vec<Arc<Span>> {
    let mut seen = HashSet::new();
    let mut next = store.touching(run);
    next.push(entry);
    let mut spans = Vec::new();
    while let Some(trace) = next.pop() {
        if !seen.insert(trace) {
            continue;
        }
        let found = store.trace(trace);
        if !aside.is_all_of(run, trace, &found) {
            spans.extend(found);
            next.extend(store.linking_into(trace));
        }
    }
    spans
}
