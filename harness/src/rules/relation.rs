//! The relation of a hop, judged against the context on the wire: HOP-001 and LINK-001.

use std::fmt;
use std::sync::Arc;

use unbroken_adapters::Relation;

use super::blame::{Inquiry, comes_of, names_a_cause};
use super::{Finding, Level, Outcome, has_no_spans};
use crate::evidence::{Crossing, Evidence, Reading};
use crate::route::Hop;
use crate::span::Span;
use crate::story::{Above, Ids, SpanIndex, ties};

pub(super) use crate::evidence::Contexts;

/// Whether each hop of a style keeps the relation that is declared for it.
pub(super) fn keeps_relation(evidence: &Evidence, messaging: bool) -> Vec<Outcome> {
    let inquiry = Inquiry::of(evidence);
    let hops = evidence.hops();
    let hops = hops.filter(|(_, hop, _)| hop.over.is_messaging() == messaging);
    hops.map(|(index, hop, crossing)| {
        let wrong = match is_right(evidence, index, hop, crossing) {
            Err(why) => return Outcome::not_shown(index, why),
            Ok(None) => return Outcome::held(index),
            Ok(Some(wrong)) => wrong,
        };
        let (hop, blame) = inquiry.hop(index);
        Outcome::Finding(Finding {
            level: Level::Must,
            hop,
            expected: wrong.expected,
            actual: wrong.actual,
            spans: wrong.spans,
            blame,
        })
    })
    .collect()
}

/// How one span is tied to some contexts.
pub(super) struct Tie {
    pub(super) is_child: bool,
    pub(super) is_linked: bool,
    pub(super) has_parent: bool,
}

impl Tie {
    pub(super) fn of(span: &Span, contexts: &Contexts) -> Self {
        let parent = span.parent.map(|parent| (span.trace_id, parent));
        let cause = parent.filter(|ids| contexts.contains(ids));
        let mut links = span.links.iter().map(|link| (link.trace_id, link.span_id));
        Self {
            is_child: cause.is_some(),
            // The child of one message is not tied to it by a link to another.
            is_linked: match cause {
                Some(cause) => links.any(|ids| ids == cause),
                None => links.any(|ids| contexts.contains(&ids)),
            },
            has_parent: parent.is_some(),
        }
    }

    /// Whether there is a tie at all.
    pub(super) fn is_any(&self) -> bool {
        self.keeps(Relation::Either)
    }

    pub(super) fn keeps(&self, relation: Relation) -> bool {
        relation.holds(self.is_child, self.is_linked, self.has_parent)
    }
}

impl fmt::Display for Tie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.is_child, self.is_linked, self.has_parent) {
            (true, true, _) => "its child and linked to it",
            (true, false, _) => "its child, without a link",
            (false, true, true) => "linked to it, under another parent",
            (false, true, false) => "linked to it, with no parent",
            (false, false, true) => "under another parent, without a link",
            (false, false, false) => "a root, without a link",
        })
    }
}

/// What is wrong with a relation.
struct Wrong {
    expected: String,
    actual: String,
    spans: Vec<Arc<Span>>,
}

fn is_right(
    evidence: &Evidence,
    index: usize,
    hop: &Hop,
    crossing: &Crossing,
) -> Result<Option<Wrong>, String> {
    if let Some(why) = has_no_spans(evidence, index) {
        return Err(why);
    }
    let of_what = match crossing.wire.after() {
        Some(_) => "the context on the wire",
        None => "the sender's span",
    };
    let story = &evidence.story;
    let (contexts, wrong) = match causes(evidence, crossing) {
        Ok(contexts) => {
            let wrong = wrongly_tied(evidence, hop, crossing, &contexts);
            (contexts, wrong)
        }
        Err(why) => {
            // Whatever the context was: who is tied to nothing is not tied to it.
            let nothing = Arc::<Contexts>::default();
            let mut wrong = wrongly_tied(evidence, hop, crossing, &nothing);
            if hop.relation != Relation::Root {
                wrong.retain(|&at| ties(story.span(at)).next().is_none());
            }
            if hop.relation != Relation::Root && (wrong.is_empty() || crossing.wire.is_tapped()) {
                return Err(why.to_owned());
            }
            (nothing, wrong)
        }
    };
    if let Some(&first) = wrong.first() {
        let others = match wrong.len() {
            1 => String::new(),
            several => format!(", and {} more of its spans are wrong", several - 1),
        };
        let tie = Tie::of(story.span(first), &contexts);
        let under = under_another_service(evidence, hop, first);
        let under = match under.filter(|_| tie.keeps(hop.relation)) {
            Some((above, service)) => format!(", `{}` of `{service}`", story.span(above).name),
            None => String::new(),
        };
        let first = story.span(first);
        return Ok(Some(Wrong {
            expected: expected(hop.relation, of_what, &contexts, crossing),
            actual: format!("`{}` of `{}` is {tie}{under}{others}", first.name, hop.to),
            spans: evidence.spans(&wrong),
        }));
    }
    let untied = untied_request(evidence, hop, crossing);
    if let Some((trace, span)) = untied {
        return Ok(Some(Wrong {
            expected: format!("{} of each context on the wire", hop.relation),
            actual: format!("no span of `{}` is tied to {trace}/{span}", hop.to),
            spans: evidence.spans(&crossing.consequences),
        }));
    }
    if let Some(stale) = Stale::of(evidence, index) {
        let (trace, span) = stale.again;
        let unsent = story.span(stale.unsent);
        return Ok(Some(Wrong {
            expected: format!(
                "the context of `{}` of `{}` on the wire",
                unsent.name, hop.from
            ),
            actual: format!("{trace}/{span}, which was sent before"),
            spans: vec![unsent.clone()],
        }));
    }
    Ok(wire_is_of_the_sender(evidence, hop, crossing))
}

/// A context that was sent where another was due.
pub(super) struct Stale {
    /// The context that an earlier send had.
    pub(super) again: Ids,
    /// A span that was made to send, and whose context was not sent.
    pub(super) unsent: SpanIndex,
}

impl Stale {
    /// Two sends bear one context, and there is a span for the second.
    pub(super) fn of(evidence: &Evidence, index: usize) -> Option<Self> {
        let unsent = *evidence.crossings[index].unsent.first()?;
        sent_again(evidence, index).map(|again| Self { again, unsent })
    }
}

/// A context that stands on several messages of a hop, where each was sent by itself, and once.
pub(super) fn sent_again(evidence: &Evidence, index: usize) -> Option<Ids> {
    let mut seen = Contexts::default();
    let mut contexts = each_sent(evidence, index)?.iter().filter_map(Reading::ids);
    contexts.find(|ids| !seen.insert(*ids))
}

/// What was sent over a hop, where each message was sent by itself, and once.
pub(super) fn each_sent(evidence: &Evidence, index: usize) -> Option<&[Reading]> {
    let (route, sent) = (&evidence.route, evidence.crossings[index].wire.before()?);
    let is_each = route.hops()[index].sends_each() && sent.len() == route.carriers(index);
    is_each.then_some(sent)
}

/// The receiver's spans that are not tied to the contexts as declared. Where each context is
/// accounted for, a span below another one of the receiver's is only one too many.
pub(super) fn wrongly_tied(
    evidence: &Evidence,
    hop: &Hop,
    crossing: &Crossing,
    contexts: &Contexts,
) -> Vec<SpanIndex> {
    let story = &evidence.story;
    let spans = || crossing.consequences.iter().copied();
    let keeps = |&at: &SpanIndex| {
        let tie = Tie::of(story.span(at), contexts);
        tie.keeps(hop.relation) && under_another_service(evidence, hop, at).is_none()
    };
    let mut wrong: Vec<_> = spans().filter(|at| !keeps(at)).collect();
    if !wrong.is_empty() {
        let right = spans().filter(keeps);
        let mut open = contexts.clone();
        for ids in right.clone().flat_map(|at| ties(story.span(at))) {
            open.remove(&ids);
        }
        let arrived = crossing.wire.after().unwrap_or_default().iter();
        for ids in arrived
            .filter(|it| it.is_unsampled())
            .filter_map(Reading::ids)
        {
            open.remove(&ids);
        }
        if open.is_empty() {
            let accounted_for = story.beneath(right);
            wrong.retain(|&at| !accounted_for.contains(at));
        }
    }
    wrong
}

/// Where follows-from is declared, the span of another service of the route that a receiver's hangs
/// under: it is to be a root, or under something ambient of its own. A cause that is the parent is
/// told of as such.
fn under_another_service<'a>(
    evidence: &'a Evidence,
    hop: &Hop,
    at: SpanIndex,
) -> Option<(SpanIndex, &'a str)> {
    let story = &evidence.story;
    let Above::Span(above) = story.above(at) else {
        return None;
    };
    let service = story.span(above).origin.service.as_deref()?;
    let route = &evidence.route;
    let takes_part = || service == route.entry() || route.reaching(service).next().is_some();
    let applies = hop.relation == Relation::Link && service != hop.to && takes_part();
    applies.then_some((above, service))
}

/// A request that no server's span is tied to, though there are spans enough: two of them share
/// another. One that is not sampled needs none. (Messages may be accounted for in batches: that is a
/// rule of its own.)
pub(super) fn untied_request(evidence: &Evidence, hop: &Hop, crossing: &Crossing) -> Option<Ids> {
    let contexts = crossing.wire.contexts();
    let spans = &crossing.consequences;
    let applies = !hop.over.is_messaging() && hop.relation != Relation::Root;
    if !applies || spans.len() < contexts.len() {
        return None;
    }
    let tied: Contexts = spans
        .iter()
        .flat_map(|&at| ties(evidence.story.span(at)))
        .collect();
    let arrived = crossing.wire.after().unwrap_or_default().iter();
    let mut due = arrived
        .filter(|it| !it.is_unsampled())
        .filter_map(Reading::ids);
    due.find(|ids| !tied.contains(ids))
}

/// To hang under the context on the wire is not enough if that is not the sender's own.
fn wire_is_of_the_sender(evidence: &Evidence, hop: &Hop, crossing: &Crossing) -> Option<Wrong> {
    if hop.relation == Relation::Root {
        return None;
    }
    let wire = &crossing.wire;
    let sent = wire.before().filter(|before| !before.is_empty());
    let sent = sent.or(wire.after()).unwrap_or_default();
    // A span that nobody exported is missed where its child is.
    let is_exported = |ids: &Ids| evidence.story.find(*ids).is_some();
    let mut sent = sent.iter().filter_map(|reading| {
        let ids = reading.ids()?;
        // Of what is not sampled there is none.
        (!reading.is_unsampled() || is_exported(&ids)).then_some(ids)
    });
    let arrived = wire.after().unwrap_or_default().iter();
    let mut arrived = arrived.filter_map(Reading::ids).filter(is_exported);
    let names_a_cause = names_a_cause(evidence, crossing);
    let is_wrong = |ids: &Ids| !names_a_cause(*ids);
    // Who handed it on may have begun a trace of his own, and linked that to the cause.
    let handed_on = comes_of(evidence, ids_of_causes(evidence, crossing).collect());
    let has_no_cause = |ids: &Ids| is_wrong(ids) && !handed_on(*ids);
    let (trace, span) = sent.find(is_wrong).or_else(|| arrived.find(has_no_cause))?;
    let first = crossing.causes.first().copied()?;
    let cause = evidence.story.span(first);
    Some(Wrong {
        expected: format!(
            "the context of `{}` of `{}` on the wire",
            cause.name, hop.from
        ),
        actual: match evidence.story.find((trace, span)) {
            Some(other) => {
                let other = evidence.story.span(other);
                let service = other.origin.service.as_deref().unwrap_or("unknown");
                format!("{trace}/{span}, which is `{}` of `{service}`", other.name)
            }
            None => format!("{trace}/{span}, which nobody exported"),
        },
        spans: vec![cause.clone()],
    })
}

/// The contexts that the consequence is to be tied to: those on the wire, or, without a tap,
/// those of the sender's spans.
pub(super) fn causes(
    evidence: &Evidence,
    crossing: &Crossing,
) -> Result<Arc<Contexts>, &'static str> {
    match crossing.wire.after() {
        Some([]) => Err("the tap saw no message arrive"),
        Some(_) => Ok(crossing.wire.context_set()),
        None if crossing.causes.is_empty() => Err("no tap, and no span of the sender"),
        None => Ok(Arc::new(ids_of_causes(evidence, crossing).collect())),
    }
}

/// The contexts of the sender's own spans.
pub(super) fn ids_of_causes(evidence: &Evidence, crossing: &Crossing) -> impl Iterator<Item = Ids> {
    let spans = crossing.causes.iter().map(|&at| evidence.story.span(at));
    spans.map(|span| (span.trace_id, span.span_id))
}

fn expected(relation: Relation, of_what: &str, contexts: &Contexts, crossing: &Crossing) -> String {
    let tie = match relation {
        Relation::Either => "child or follows-from",
        declared => declared.as_str(),
    };
    let mut ids = contexts.iter();
    match (relation, ids.next(), ids.len()) {
        (Relation::Root, ..) => "a root: a new trace, on purpose".to_owned(),
        (_, None, _) if !crossing.wire.is_tapped() => format!("{tie} of {of_what}"),
        (_, None, _) => format!("{tie} of {of_what}, and no valid one arrived"),
        (_, Some((trace, span)), 0) => format!("{tie} of {of_what}, {trace}/{span}"),
        (_, Some(_), others) => format!("{tie} of {of_what}, one of {}", others + 1),
    }
}
