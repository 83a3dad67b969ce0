//! The story: the spans of one request, tied together by ids and links, exactly as they are.
//!
//! Assembling never fails and never repairs. An orphan stays an orphan, a cycle stays a cycle:
//! the rules say what is wrong with them, and the report shows them.

mod descent;
mod edges;
mod gather;
mod order;
pub mod plumbing;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use opentelemetry::{SpanId, TraceId};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::span::{Span, SpanKind};
use crate::token::HopToken;
pub use descent::Beneath;
use descent::Descent;
use edges::Edges;
pub use gather::{Aside, OwnAccord, gather};

/// A span, by its place in [`Story::spans`].
pub type SpanIndex = usize;

/// The ids by which a span is named on the wire and in links.
pub type Ids = (TraceId, SpanId);

/// The spans of a request and of everything that touched the same run, immutable once assembled.
#[derive(Debug)]
pub struct Story {
    spans: Vec<Arc<Span>>,
    traces: Vec<Trace>,
    above: Vec<Above>,
    index: FxHashMap<Ids, SpanIndex>,
    children: Edges,
    linking: Edges,
    descent: Descent,
    duplicates: Vec<(SpanIndex, SpanIndex)>,
    copies: Vec<bool>,
    entry: TraceId,
    entry_service: String,
    reached: Vec<bool>,
}

/// The spans of one trace id.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Its id.
    pub id: TraceId,
    /// Where its spans stand.
    pub spans: Range<SpanIndex>,
    /// Whether it is part of the story, or only touched the same run.
    pub belongs: bool,
}

/// What stands above a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Above {
    /// It names no parent: a root.
    Nothing,
    /// Its parent.
    Span(SpanIndex),
    /// It names a context that the harness itself sent: the story begins here.
    Sent,
    /// It names a parent that nobody exported: an orphan.
    Missing,
}

/// Where a story begins, and where it begins anew on purpose.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// The trace of the entry.
    pub entry: TraceId,
    /// The service that begins it.
    pub service: String,
    /// Hops whose relation is `root`: a trace that names one of them belongs to the story.
    pub roots: Vec<HopToken>,
}

impl Story {
    /// Ties spans together. They may come in any order, several times, and from several traces.
    ///
    /// The story is the trace of the entry, the traces of hops that start anew on purpose, and,
    /// repeatedly, every trace that links into one of these. Other traces are kept beside it.
    pub fn assemble(spans: Vec<Arc<Span>>, beginning: &Beginning) -> Self {
        Self::continuing(spans, beginning, &[])
    }

    /// Ties spans together that continue contexts which the harness sent, and for which there
    /// is no span: to name one of them as the parent is to be present.
    pub fn continuing(spans: Vec<Arc<Span>>, beginning: &Beginning, sent: &[Ids]) -> Self {
        let spans = order::canonical(spans);
        let copies = order::copies(&spans);
        let (index, duplicates) = index(&spans, &copies);
        let above: Vec<_> = spans
            .iter()
            .map(|span| match span.parent {
                None => Above::Nothing,
                Some(parent) => match index.get(&(span.trace_id, parent)) {
                    Some(&at) => Above::Span(at),
                    None if sent.contains(&(span.trace_id, parent)) => Above::Sent,
                    None => Above::Missing,
                },
            })
            .collect();
        let children = Edges::of(spans.len(), || {
            above
                .iter()
                .enumerate()
                .filter_map(|(at, above)| match above {
                    Above::Span(parent) => Some((*parent, at)),
                    _ => None,
                })
        });
        let linking = Edges::of(spans.len(), || {
            spans.iter().enumerate().flat_map(|(at, span)| {
                let targets = span.links.iter();
                let targets = targets.filter_map(|link| index.get(&(link.trace_id, link.span_id)));
                targets.map(move |&target| (target, at))
            })
        });
        let mut story = Self {
            traces: traces(&spans),
            descent: Descent::of(&above, &children),
            reached: Vec::new(),
            entry: beginning.entry,
            entry_service: beginning.service.clone(),
            spans,
            above,
            index,
            children,
            linking,
            duplicates,
            copies,
        };
        story.belong(beginning);
        story.reached = story.reach(beginning);
        story
    }

    /// Every span, those of one trace beside each other, in an order that does not depend on
    /// the one in which they came.
    pub fn spans(&self) -> &[Arc<Span>] {
        &self.spans
    }

    /// The span at an index.
    pub fn span(&self, at: SpanIndex) -> &Arc<Span> {
        &self.spans[at]
    }

    /// Every trace, by id.
    pub fn traces(&self) -> &[Trace] {
        &self.traces
    }

    /// The trace of a span.
    pub fn trace_of(&self, at: SpanIndex) -> &Trace {
        let trace = self.traces.partition_point(|trace| trace.spans.end <= at);
        &self.traces[trace]
    }

    /// The trace that the request began.
    pub fn entry(&self) -> TraceId {
        self.entry
    }

    /// The spans of a trace that name no parent; one that was exported twice counts once.
    pub fn roots(&self, trace: &Trace) -> impl Iterator<Item = SpanIndex> {
        let spans = trace.spans.clone();
        spans.filter(|&at| self.above[at] == Above::Nothing && !self.copies[at])
    }

    /// The span that the request began with: a root, of the service that begins if it has one, or else
    /// a span that continues what the harness sent.
    pub fn entry_root(&self) -> Option<SpanIndex> {
        let traces = &self.traces;
        let entry = traces.binary_search_by_key(&self.entry.to_bytes(), |t| t.id.to_bytes());
        let trace = &traces[entry.ok()?];
        let mut spans = trace.spans.clone();
        let sent = || spans.find(|&at| self.above[at] == Above::Sent);
        let own = |at: &SpanIndex| {
            let service = self.spans[*at].origin.service.as_deref();
            service == Some(&*self.entry_service)
        };
        let foreign = || {
            let roots = self.roots(trace);
            // No clock has a say in it.
            roots.min_by_key(|&at| order::without_times(&self.spans[at]))
        };
        let root = self.roots(trace).find(own).or_else(foreign);
        root.or_else(sent)
    }

    /// What stands above a span.
    pub fn above(&self, at: SpanIndex) -> Above {
        self.above[at]
    }

    /// The spans that name this one as their parent.
    pub fn children(&self, at: SpanIndex) -> &[u32] {
        self.children.from(at)
    }

    /// The spans that link to this one.
    pub fn linking(&self, at: SpanIndex) -> &[u32] {
        self.linking.from(at)
    }

    /// The span that these ids name; where several do, always the same of them.
    pub fn find(&self, ids: Ids) -> Option<SpanIndex> {
        self.index.get(&ids).copied()
    }

    /// Pairs of spans that have the same ids: the one that they are said to name, and another.
    pub fn duplicates(&self) -> &[(SpanIndex, SpanIndex)] {
        &self.duplicates
    }

    /// Whether a span is identical to an earlier one: an export that came twice, and no span
    /// more.
    pub fn is_copy(&self, at: SpanIndex) -> bool {
        self.copies[at]
    }

    /// Whether a span is reached from the entry, along parent → child and link target → linking
    /// span.
    pub fn is_reached(&self, at: SpanIndex) -> bool {
        self.reached[at]
    }

    /// The given spans and everything below them along parent → child, to ask again and again
    /// whether a span is among them.
    pub fn beneath(&self, spans: impl IntoIterator<Item = SpanIndex>) -> Beneath<'_> {
        self.descent.beneath(spans)
    }

    /// Those of the given spans that are below no other of them.
    pub fn uppermost(&self, spans: &[SpanIndex]) -> Vec<SpanIndex> {
        let all = self.beneath(spans.iter().copied());
        let is_below = |at: SpanIndex| match self.above(at) {
            Above::Span(above) => all.contains(above),
            _ => false,
        };
        let spans = spans.iter().copied();
        spans.filter(|&at| !is_below(at)).collect()
    }

    /// Everything that follows from the given spans, themselves included, along parent → child
    /// and link target → linking span.
    pub fn following(&self, from: impl IntoIterator<Item = SpanIndex>) -> FxHashSet<SpanIndex> {
        let mut seen = FxHashSet::default();
        let mut next: Vec<_> = from.into_iter().collect();
        while let Some(at) = next.pop() {
            if seen.insert(at) {
                let onward = self.children(at).iter().chain(self.linking(at));
                next.extend(onward.map(|&at| at as SpanIndex));
            }
        }
        seen
    }

    /// The chains of parents that end in themselves, each once.
    pub fn cycles(&self) -> Vec<Vec<SpanIndex>> {
        // Which walk came by here first; a walk that meets its own track has found a cycle.
        let mut walked_by = vec![usize::MAX; self.spans.len()];
        let mut cycles = Vec::new();
        for start in 0..self.spans.len() {
            let mut at = start;
            while walked_by[at] == usize::MAX {
                walked_by[at] = start;
                let Above::Span(parent) = self.above[at] else {
                    break;
                };
                at = parent;
                if walked_by[at] == start {
                    cycles.push(self.cycle_through(at));
                }
            }
        }
        cycles
    }

    fn cycle_through(&self, start: SpanIndex) -> Vec<SpanIndex> {
        let mut cycle = vec![start];
        let mut at = start;
        while let Above::Span(parent) = self.above[at]
            && parent != start
        {
            cycle.push(parent);
            at = parent;
        }
        cycle
    }

    /// Marks the traces that belong, and follows the links into them.
    fn belong(&mut self, beginning: &Beginning) {
        let begins = |trace: &Trace, spans: &[Arc<Span>]| {
            trace.id == beginning.entry
                || spans[trace.spans.clone()]
                    .iter()
                    .any(|span| begins_anew(span, &beginning.roots))
        };
        let mut next: Vec<usize> = (0..self.traces.len())
            .filter(|&trace| begins(&self.traces[trace], &self.spans))
            .collect();
        while let Some(trace) = next.pop() {
            if std::mem::replace(&mut self.traces[trace].belongs, true) {
                continue;
            }
            for at in self.traces[trace].spans.clone() {
                next.extend(self.linking(at).iter().map(|&linking| {
                    let linking = linking as SpanIndex;
                    self.traces
                        .partition_point(|trace| trace.spans.end <= linking)
                }));
            }
        }
    }

    fn reach(&self, beginning: &Beginning) -> Vec<bool> {
        let mut reached = vec![false; self.spans.len()];
        let mut next: Vec<SpanIndex> = (0..self.spans.len())
            .filter(|&at| {
                let span = &self.spans[at];
                match self.above[at] {
                    Above::Sent => true,
                    Above::Nothing => {
                        span.trace_id == beginning.entry || begins_anew(span, &beginning.roots)
                    }
                    Above::Span(_) | Above::Missing => false,
                }
            })
            .collect();
        while let Some(at) = next.pop() {
            if !std::mem::replace(&mut reached[at], true) {
                let onward = self.children(at).iter().chain(self.linking(at));
                next.extend(onward.map(|&at| at as SpanIndex));
            }
        }
        reached
    }
}

/// The contexts that a span names as what it came of: its parent's, and those it links to.
pub fn ties(span: &Span) -> impl Iterator<Item = Ids> + '_ {
    let parent = span.parent.map(|parent| (span.trace_id, parent));
    let links = span.links.iter().map(|link| (link.trace_id, link.span_id));
    parent.into_iter().chain(links)
}

/// Whether a span is the consequence of one of these hops. The cause names the hop as well, and
/// begins nothing.
fn begins_anew(span: &Span, hops: &[HopToken]) -> bool {
    let is_cause = matches!(span.kind, SpanKind::Client | SpanKind::Producer);
    !hops.is_empty()
        && span.hops.iter().any(|hop| hops.contains(hop))
        && (!is_cause || plumbing::is_listed(span))
}

/// The span of each pair of ids, and the others that have them.
fn index(
    spans: &[Arc<Span>],
    copies: &[bool],
) -> (FxHashMap<Ids, SpanIndex>, Vec<(SpanIndex, SpanIndex)>) {
    let mut index = FxHashMap::with_capacity_and_hasher(spans.len(), FxBuildHasher);
    let (mut duplicates, mut others) = (Vec::new(), Vec::new());
    for (at, span) in spans.iter().enumerate() {
        let named = index.entry((span.trace_id, span.span_id)).or_insert(at);
        if copies[at] {
            duplicates.push((at - 1, at));
        } else if *named != at {
            // Not the one that began first: clocks of two hosts do not agree on that.
            let is_other = order::without_times(span) < order::without_times(&spans[*named]);
            others.push(if is_other {
                std::mem::replace(named, at)
            } else {
                at
            });
        }
    }
    let others = others.into_iter().map(|at| {
        let span = &spans[at];
        (index[&(span.trace_id, span.span_id)], at)
    });
    duplicates.extend(others);
    (index, duplicates)
}

fn traces(spans: &[Arc<Span>]) -> Vec<Trace> {
    let mut start = 0;
    spans
        .chunk_by(|a, b| a.trace_id == b.trace_id)
        .map(|chunk| {
            let spans = start..start + chunk.len();
            start = spans.end;
            Trace {
                id: chunk[0].trace_id,
                spans,
                belongs: false,
            }
        })
        .collect()
}
