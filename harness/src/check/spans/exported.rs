//! The spans that may have to do with a check, and how to get from one to the next.

use std::sync::Arc;

use opentelemetry::TraceId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::ids;
use crate::check::judge::Trial;
use crate::check::judge::reading::{contexts, sent};
use crate::collector::Store;
use crate::span::Span;
use crate::story::{Ids, ties};
use crate::token::HopToken;

/// No more than this is looked at of the spans that are tied to a case, or speak of it: a service that
/// makes thousands of them is to cost no more than one that makes a few.
const MOST_OF_ONE: usize = 256;
/// No way is longer.
const LONGEST_WAY: usize = 1024;

/// A snapshot of the store.
pub(super) struct Exported {
    spans: FxHashMap<Ids, Arc<Span>>,
    /// By what they are tied to, be that a span or a context that was sent.
    tied: FxHashMap<Ids, Vec<Ids>>,
    /// By the case whose address stands in their attributes.
    marked: FxHashMap<HopToken, Vec<Ids>>,
}

impl Exported {
    /// The spans of every trace that was sent or sent on, of those that link into one, and of those
    /// that speak of a case.
    pub(super) fn of(store: &Store, trials: &[Trial]) -> Self {
        let mut exported = Self {
            spans: FxHashMap::default(),
            tied: FxHashMap::default(),
            marked: FxHashMap::default(),
        };
        let mut taken = FxHashSet::default();
        let runs: FxHashSet<_> = trials.iter().map(|trial| trial.ids.token.run).collect();
        for trace in runs.into_iter().flat_map(|run| store.touching(run)) {
            exported.take(store, trace, &mut taken);
        }
        for trial in trials {
            let sent = sent(trial).into_iter().map(|(trace, _)| trace);
            let went_on = contexts(trial).map(|context| context.trace_id);
            for trace in sent.chain(went_on) {
                exported.take(store, trace, &mut taken);
                for linking in store.linking_into(trace) {
                    exported.take(store, linking, &mut taken);
                }
            }
        }
        exported
    }

    fn take(&mut self, store: &Store, trace: TraceId, taken: &mut FxHashSet<TraceId>) {
        if !taken.insert(trace) {
            return;
        }
        for span in store.trace(trace) {
            let own = ids(&span);
            for tie in ties(&span) {
                self.tied.entry(tie).or_default().push(own);
            }
            for mark in &span.hops {
                self.marked.entry(*mark).or_default().push(own);
            }
            // Of two with the same ids the first is as good as the other.
            self.spans.entry(own).or_insert(span);
        }
    }

    pub(super) fn find(&self, ids: Ids) -> Option<&Arc<Span>> {
        self.spans.get(&ids)
    }

    /// The spans that have this context for a parent or a link.
    pub(super) fn tied_to(&self, context: Ids) -> impl Iterator<Item = &Arc<Span>> {
        let tied = self.tied.get(&context).into_iter().flatten();
        let tied = tied.take(MOST_OF_ONE);
        tied.filter_map(|ids| self.spans.get(ids))
    }

    /// The spans whose attributes speak of a case.
    pub(super) fn marked(&self, case: HopToken) -> impl Iterator<Item = &Arc<Span>> {
        let marked = self.marked.get(&case).into_iter().flatten();
        let marked = marked.take(MOST_OF_ONE);
        marked.filter_map(|ids| self.spans.get(ids))
    }

    /// From a span up to the one nearest the entry, by parents that were exported.
    pub(super) fn way_up(&self, from: Ids) -> Vec<Arc<Span>> {
        let mut way: Vec<Arc<Span>> = Vec::new();
        let mut seen = FxHashSet::default();
        let mut next = Some(from);
        // Parents may go round in a circle.
        while let Some(span) = next
            .filter(|&at| seen.insert(at) && way.len() < LONGEST_WAY)
            .and_then(|at| self.find(at))
        {
            next = span.parent.map(|parent| (span.trace_id, parent));
            way.push(Arc::clone(span));
        }
        way
    }
}
