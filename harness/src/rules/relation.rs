//! The relation of a hop, judged against the context on the wire: HOP-001 and LINK-001.

use super::{Finding, Level, Outcome, blame};
use crate::evidence::{Crossing, Evidence};
use crate::route::Hop;
use crate::span::Span;
use crate::story::Ids;

/// Whether each hop of a style keeps the relation that is declared for it.
pub(super) fn keeps_relation(evidence: &Evidence, messaging: bool) -> Vec<Outcome> {
    let hops = evidence.hops();
    let hops = hops.filter(|(_, hop, _)| hop.over.is_messaging() == messaging);
    hops.map(|(index, hop, crossing)| keeps(evidence, index, hop, crossing))
        .collect()
}

/// How one span is tied to some contexts.
pub(super) struct Tie {
    pub(super) is_child: bool,
    pub(super) is_linked: bool,
    pub(super) has_parent: bool,
}

impl Tie {
    pub(super) fn of(span: &Span, contexts: &[Ids]) -> Self {
        let parent = span.parent.map(|parent| (span.trace_id, parent));
        let linked = |ids: &Ids| {
            let mut links = span.links.iter();
            links.any(|link| (link.trace_id, link.span_id) == *ids)
        };
        Self {
            is_child: parent.is_some_and(|ids| contexts.contains(&ids)),
            is_linked: contexts.iter().any(linked),
            has_parent: parent.is_some(),
        }
    }

    fn in_words(&self) -> &'static str {
        match (self.is_child, self.is_linked, self.has_parent) {
            (true, true, _) => "its child and linked to it",
            (true, false, _) => "its child, without a link",
            (false, true, true) => "linked to it, under another parent",
            (false, true, false) => "linked to it, with no parent",
            (false, false, true) => "under another parent, without a link",
            (false, false, false) => "a root, without a link",
        }
    }
}

fn keeps(evidence: &Evidence, index: usize, hop: &Hop, crossing: &Crossing) -> Outcome {
    if !evidence.exports(&hop.to) {
        return Outcome::not_shown(index, format!("`{}` exports no spans here", hop.to));
    }
    if crossing.consequences.is_empty() {
        return Outcome::not_shown(index, format!("`{}` has no span for this hop", hop.to));
    }
    let contexts = match causes(evidence, crossing) {
        Ok(contexts) => contexts,
        Err(why) => return Outcome::not_shown(index, why),
    };
    let spans = crossing.consequences.iter();
    let wrong = spans.map(|&at| evidence.story.span(at)).find_map(|span| {
        let tie = Tie::of(span, &contexts);
        let holds = hop
            .relation
            .holds(tie.is_child, tie.is_linked, tie.has_parent);
        (!holds).then_some((span, tie))
    });
    match wrong {
        None => Outcome::held(index),
        Some((span, tie)) => Outcome::Finding(Finding {
            level: Level::Must,
            hop: Some(index),
            expected: format!("{} of {}", hop.relation, in_words(&contexts, crossing)),
            actual: format!("`{}` of `{}` is {}", span.name, hop.to, tie.in_words()),
            spans: vec![span.clone()],
            blame: blame::of_hop(evidence, index),
        }),
    }
}

/// The contexts that the consequence is to be tied to: those on the wire, or, without a tap,
/// those of the sender's spans.
pub(super) fn causes(evidence: &Evidence, crossing: &Crossing) -> Result<Vec<Ids>, &'static str> {
    match crossing.wire.after() {
        Some([]) => Err("the tap saw no message arrive"),
        Some(_) => Ok(crossing.wire.contexts()),
        None if crossing.causes.is_empty() => Err("no tap, and no span of the sender"),
        None => {
            let spans = crossing.causes.iter().map(|&at| evidence.story.span(at));
            Ok(spans.map(|span| (span.trace_id, span.span_id)).collect())
        }
    }
}

fn in_words(contexts: &[Ids], crossing: &Crossing) -> String {
    let of_what = match crossing.wire.after() {
        Some(_) => "the context on the wire",
        None => "the sender's span",
    };
    match contexts {
        [] => format!("{of_what}, but there was none"),
        [(trace, span)] => format!("{of_what}, {trace}/{span}"),
        several => format!("{of_what}, one of {}", several.len()),
    }
}
