//! What else a consumer's span should be linked to: LINK-009 and LINK-014.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::evidence::{Crossing, Evidence};
use crate::rules::blame::{Blame, Party};
use crate::rules::link::messages;
use crate::rules::relation::{Tie, causes};
use crate::rules::{Finding, Level, Outcome, unseen};
use crate::span::{Span, SpanKind};
use crate::story::{SpanIndex, plumbing};
use crate::token;

pub(super) fn the_ambient_context_is_linked(evidence: &Evidence) -> Vec<Outcome> {
    let receiving = receiving(evidence);
    let hops = messages(evidence).filter_map(|(index, hop, crossing)| {
        let contexts = causes(evidence, crossing).ok()?;
        let brought = |at: &&SpanIndex| Tie::of(evidence.story.span(**at), &contexts).is_linked;
        let ambient = || receiving.get(&index).into_iter().flatten().filter(brought);
        let first = *ambient().next()?;
        let ambient: FxHashSet<_> = ambient().copied().collect();
        if let Some(unseen) = unseen(evidence, index) {
            return Some(unseen);
        }
        let is_linked = |span: &Span| {
            let targets = span.links.iter();
            let mut targets = targets.filter_map(|link| {
                let ids = (link.trace_id, link.span_id);
                evidence.story.find(ids)
            });
            targets.any(|target| ambient.contains(&target))
        };
        let spans = children(evidence, crossing)?;
        let Some(child) = spans
            .iter()
            .map(|&at| evidence.story.span(at))
            .find(|span| !is_linked(span))
        else {
            return Some(Outcome::held(index));
        };
        let receive = &evidence.story.span(first).name;
        Some(Outcome::Finding(Finding {
            level: Level::Should,
            hop: Some(index),
            expected: format!("a link to the span that it was received under, `{receive}`"),
            actual: format!("`{}` has none", child.name),
            spans: vec![child.clone()],
            blame: Blame::on(
                Party::Receiver,
                format!("`{}` does not tell which poll brought the message", hop.to),
            ),
        }))
    });
    hops.collect()
}

pub(super) fn the_parent_is_linked_too(evidence: &Evidence) -> Vec<Outcome> {
    let hops = messages(evidence).filter_map(|(index, hop, crossing)| {
        if let Some(unseen) = unseen(evidence, index) {
            return Some(unseen);
        }
        let contexts = causes(evidence, crossing).ok()?;
        let spans = children(evidence, crossing)?;
        let is_linked = |at: &&SpanIndex| Tie::of(evidence.story.span(**at), &contexts).is_linked;
        let Some(first) = spans.iter().find(|at| !is_linked(at)) else {
            return Some(Outcome::held(index));
        };
        let span = evidence.story.span(*first);
        Some(Outcome::Finding(Finding {
            level: Level::May,
            hop: Some(index),
            expected: "a link to the context that is the parent".to_owned(),
            actual: format!("`{}` is its child, without a link", span.name),
            spans: vec![span.clone()],
            blame: Blame::on(
                Party::Receiver,
                format!(
                    "`{}` made the context the parent, and did not link to it",
                    hop.to
                ),
            ),
        }))
    });
    hops.collect()
}

/// The receiver's spans whose parent is the context of the message; `None` if none is.
fn children(evidence: &Evidence, crossing: &Crossing) -> Option<Vec<SpanIndex>> {
    let contexts = causes(evidence, crossing).ok()?;
    let spans = crossing.consequences.iter().copied();
    let spans = spans.filter(|&at| Tie::of(evidence.story.span(at), &contexts).is_child);
    let spans: Vec<_> = spans.collect();
    (!spans.is_empty()).then_some(spans)
}

/// The spans that received, by the hop whose address they speak of. One that links to a message
/// is the one that brought it.
fn receiving(evidence: &Evidence) -> FxHashMap<usize, Vec<SpanIndex>> {
    let mut receiving = FxHashMap::<_, Vec<_>>::default();
    for (at, span) in evidence.story.spans().iter().enumerate() {
        if span.kind != SpanKind::Client || !plumbing::is_plumbing(&evidence.story, at) {
            continue;
        }
        for hop in token::of_run(&span.hops, evidence.run) {
            let service = span.origin.service.as_deref();
            let to = evidence.route.hops().get(hop).map(|hop| &*hop.to);
            if to.is_some() && to == service {
                receiving.entry(hop).or_default().push(at);
            }
        }
    }
    receiving
}
