//! What was exported of one case.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use unbroken_adapters::w3c::TraceParent;

use super::exported::Exported;
use super::{enters, ids};
use crate::check::judge::Trial;
use crate::check::judge::beside::{carrier, is_refused};
use crate::check::judge::reading::{contexts, continues, sent};
use crate::span::Span;
use crate::story::{Ids, ties};

/// What the spans of a case say.
#[derive(Debug)]
pub struct Account {
    /// The contexts that the service sent on, as far as they are valid, with the spans they name.
    pub calls: Vec<Named>,
    /// What was made of the request: the spans of a server or a consumer nearest to the entry, or, of
    /// several one under the other, those that are tied to what was sent.
    pub consequences: Vec<Consequence>,
    /// Whether spans are to be made at all: what is not sampled is judged from the wire alone.
    pub is_sampled: bool,
    /// Whether there should be any: it was sent, taken, and is sampled.
    pub is_expected: bool,
    /// Whether the way from every call to the entry is there.
    is_connected: bool,
}

/// A span that was made of the request.
#[derive(Clone, Debug)]
pub struct Consequence {
    /// It.
    pub span: Arc<Span>,
    /// The one nearest the entry that was exported: it itself, or one that stands above it.
    pub top: Arc<Span>,
}

/// A context on the wire, and the span that it names.
#[derive(Debug)]
pub struct Named {
    /// What went on.
    pub context: TraceParent,
    /// From the span that it names up to the one nearest the entry; empty if nobody exported it.
    pub way: Vec<Arc<Span>>,
}

impl Account {
    pub(super) fn of(trial: &Trial, exported: &Exported) -> Self {
        let sent = sent(trial);
        let calls: Vec<_> = contexts(trial)
            .map(|context| Named {
                way: exported.way_up((context.trace_id, context.parent_id)),
                context,
            })
            .collect();
        let ways = calls.iter().flat_map(|call| call.way.iter().cloned());
        let tied = sent.iter().flat_map(|sent| exported.tied_to(*sent));
        // Whoever calls an address of the case stands under the one who was asked to.
        let marked = exported.marked(trial.ids.token);
        let marked = marked.flat_map(|span| exported.way_up(ids(span)));
        let spans = ways.chain(marked).chain(tied.cloned());
        let consequences = consequences(spans, &sent, exported);
        let is_sampled = is_sampled(trial, &calls);
        let is_taken = trial
            .tried
            .as_ref()
            .is_some_and(|(_, seen)| seen.answer.is_success() || !calls.is_empty());
        // The parent may be what was sent after all where it should not be, be it cut or padded.
        let has_begun = |span: &Arc<Span>| {
            span.parent
                .is_none_or(|parent| continues(parent.to_string().as_bytes(), &trial.ids))
        };
        let is_connected = !consequences.is_empty()
            && calls
                .iter()
                .all(|call| call.way.last().is_some_and(has_begun));
        Self {
            calls,
            consequences,
            is_sampled,
            is_expected: is_sampled && is_taken,
            is_connected,
        }
    }

    /// Whether nothing more is to be waited for.
    pub(super) fn is_whole(&self) -> bool {
        !self.is_expected || self.is_connected
    }

    /// Whether there is no span of it.
    pub fn is_silent(&self) -> bool {
        self.consequences.is_empty() && self.calls.iter().all(|call| call.way.is_empty())
    }
}

/// What was made of the request.
fn consequences(
    spans: impl Iterator<Item = Arc<Span>>,
    sent: &[Ids],
    exported: &Exported,
) -> Vec<Consequence> {
    let mut known = FxHashSet::default();
    let mut all: Vec<_> = spans.filter(|span| known.insert(ids(span))).collect();
    // Where nothing says that it received anything, what stands nearest to the entry did.
    if all.iter().any(|span| enters(span)) {
        all.retain(|span| enters(span));
    }
    let is_tied = |span: &Arc<Span>| ties(span).any(|tie| sent.contains(&tie));
    if all.iter().any(is_tied) {
        all.retain(is_tied);
    }
    let ones: FxHashSet<_> = all.iter().map(|span| ids(span)).collect();
    let made = all.iter().filter_map(|span| {
        let way = exported.way_up(ids(span));
        let is_one = |above: &Arc<Span>| ones.contains(&ids(above));
        let is_nearest = !way.iter().skip(1).any(is_one);
        let top = way.last().filter(|_| is_nearest)?;
        Some(Consequence {
            span: Arc::clone(span),
            top: Arc::clone(top),
        })
    });
    made.collect()
}

impl Consequence {
    /// Where it hangs, as the end of a sentence, seen from what was sent.
    pub fn place_in_words(&self, sent: Ids) -> String {
        let span = &self.span;
        let trace = span.trace_id;
        let mut words = match span.parent {
            None => format!("a root, in the trace {trace}"),
            Some(parent) if (trace, parent) == sent => "a child of what was sent".to_owned(),
            Some(parent) if self.top.span_id == span.span_id => {
                format!("under {trace}/{parent}, which nobody exported")
            }
            Some(parent) => format!("under {trace}/{parent}"),
        };
        for link in &span.links {
            words.push_str(&match (link.trace_id, link.span_id) == sent {
                true => ", with a link to what was sent".to_owned(),
                false => format!(", with a link to {}/{}", link.trace_id, link.span_id),
            });
        }
        words
    }
}

/// What was sent says it, if that is valid, and then what went on; of what is neither, one may expect
/// a span.
fn is_sampled(trial: &Trial, calls: &[Named]) -> bool {
    let sent = trial.tried.as_ref();
    let is_sent_so = sent.is_none_or(|(exchange, _)| !is_refused(&carrier(&exchange.headers)));
    is_sent_so && (calls.is_empty() || calls.iter().any(|call| call.context.is_sampled()))
}
