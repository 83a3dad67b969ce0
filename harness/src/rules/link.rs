//! Messages: the consumer's span is tied to the context that the message brought.

mod ambient;
mod creation;
mod fan_out;
mod redelivery;

use std::cell::LazyCell;
use std::ops::Deref;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use unbroken_adapters::Relation;
use unbroken_adapters::service::Taking;

use super::blame::{Blame, Inquiry, Party};
use super::relation::{Contexts, Tie, causes, keeps_relation};
use super::{
    Authority, Capability, Finding, Level, Needs, Outcome, Rule, expects_none, has_no_spans, once,
    schedule, unseen, work,
};
use crate::evidence::{Crossing, Evidence, Part, Reading};
use crate::route::Hop;
use crate::span::Span;
use crate::story::Ids;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "LINK-001",
        title: "the consumer's span keeps the relation declared, by default parent or link",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Trace structure\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans],
        capabilities: &[],
        check: |evidence| keeps_relation(evidence, true),
    },
    Rule {
        id: "LINK-002",
        title: "a span that accounts for several messages links to each creation context, at most once a message",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Batch receiving\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[Capability::Batches],
        check: each_message_is_linked_once,
    },
    Rule {
        id: "LINK-003",
        title: "where follows-from is declared, the cause is not the parent",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry trace API, \"Links between spans\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans],
        capabilities: &[],
        check: cause_is_not_the_parent,
    },
    Rule {
        id: "LINK-004",
        title: "the tie is to this message's context, and not to a neighbour's",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Context propagation\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans],
        capabilities: &[],
        check: tied_to_its_own_message,
    },
    Rule {
        id: "LINK-005",
        title: "a message that is delivered again ties to its context at each attempt",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Context propagation\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[Capability::Redelivery],
        check: redelivery::each_attempt_is_tied,
    },
    Rule {
        id: "LINK-006",
        title: "a dead letter ties to the context that its message was sent with",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Context propagation\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[Capability::DeadLetters],
        check: redelivery::dead_letters_are_tied,
    },
    Rule {
        id: "LINK-007",
        title: "every receiver of a message ties to the same context",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Context propagation\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[Capability::FanOut],
        check: fan_out::every_receiver_is_tied,
    },
    Rule {
        id: "LINK-008",
        title: "the messages of a batch that have no span of their own all carry the context of its send",
        level: Level::Should,
        authority: Authority::Specification,
        source: "semantic conventions v1.44, messaging spans, \"Producer spans\"",
        evidence: &[Needs::Wire],
        capabilities: &[Capability::Batches],
        check: creation::a_batch_shares_its_context,
    },
    Rule {
        id: "LINK-009",
        title: "a consumer whose parent is the message's context links to the span it was received under",
        level: Level::Should,
        authority: Authority::Specification,
        source: "semantic conventions v1.44, messaging spans, \"Consumer spans\"",
        evidence: &[Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[],
        check: ambient::the_ambient_context_is_linked,
    },
    Rule {
        id: "LINK-010",
        title: "scheduled work begins a new trace at each run",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry trace API, \"Links between spans\"",
        evidence: &[Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[],
        check: schedule::each_run_begins_anew,
    },
    Rule {
        id: "LINK-011",
        title: "a context that is already in the message stays there",
        level: Level::Should,
        authority: Authority::Specification,
        source: "semantic conventions v1.44, messaging spans, \"Context propagation\"",
        evidence: &[Needs::Wire, Needs::CauseSpans],
        capabilities: &[],
        check: creation::the_first_context_stays,
    },
    Rule {
        id: "LINK-012",
        title: "a cause that nobody waits for ends while its consumer is still at work",
        level: Level::Should,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Producer spans\"",
        evidence: &[Needs::CauseSpans],
        capabilities: &[],
        check: ends_first,
    },
    Rule {
        id: "LINK-013",
        title: "the work done for a message descends from its consumer's span, or ties to its context",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Consumer spans\"",
        evidence: &[Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[],
        check: |evidence| work::belongs_to_its_hop(evidence, |hop| hop.over.is_messaging()),
    },
    Rule {
        id: "LINK-014",
        title: "a consumer whose parent is the message's context links to it as well",
        level: Level::May,
        authority: Authority::Specification,
        source: "semantic conventions v1.44, messaging spans, \"Consumer spans\"",
        evidence: &[Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[],
        check: ambient::the_parent_is_linked_too,
    },
    Rule {
        id: "LINK-015",
        title: "a message that was sent once is accounted for once",
        level: Level::Should,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Consumer spans\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[],
        check: once::accounted_for_once,
    },
];

pub(super) fn messages(evidence: &Evidence) -> impl Iterator<Item = (usize, &Hop, &Crossing)> {
    let hops = evidence.hops();
    hops.filter(|(_, hop, _)| hop.over.is_messaging())
}

fn each_message_is_linked_once(evidence: &Evidence) -> Vec<Outcome> {
    let hops = messages(evidence).filter(|(_, hop, crossing)| {
        let untapped = crossing.wire.after().is_none() && crossing.causes.len() > 1;
        hop.relation != Relation::Root && (untapped || crossing.wire.contexts().len() > 1)
    });
    hops.map(|(index, hop, crossing)| {
        let Some(arrived) = crossing.wire.after() else {
            return Outcome::not_shown(index, "no tap saw which messages arrived");
        };
        if let Some(unseen) = unseen(evidence, index) {
            return unseen;
        }
        let spans = crossing.consequences.iter();
        let spans = spans.map(|&at| evidence.story.span(at));
        let tied = times_tied(spans.clone(), crossing.wire.contexts().len());
        // A message that is delivered again is accounted for again, and messages may share a context.
        let deliveries = once::times(arrived);
        // Who is given a message again tries again, and not every attempt that failed says so.
        let surplus = match hop.taking {
            Taking::AfterFailing | Taking::Rejecting => FxHashMap::default(),
            _ => once::surplus(evidence, crossing, &deliveries),
        };
        let unrecorded = unrecorded(hop, arrived);
        let right = |ids: &Ids| match tied.get(ids) {
            Some(tied) => tied.in_one_span <= deliveries[ids] && !surplus.contains_key(ids),
            None => unrecorded.contains(ids),
        };
        let contexts = crossing.wire.contexts();
        let wrong: Vec<_> = contexts.iter().filter(|ids| !right(ids)).collect();
        let Some(&&first) = wrong.first() else {
            return Outcome::held(index);
        };
        let times = tied.get(&first).map_or(0, |tied| tied.all);
        let others = match wrong.len() {
            1 => String::new(),
            several => format!(", and {} more are wrong", several - 1),
        };
        let message = what_was_received(hop, crossing, Some(first));
        let to = &hop.to;
        Outcome::Finding(Finding {
            level: Level::Must,
            hop: Some(index),
            expected: format!(
                "a tie to each of {} contexts, at most one a message",
                contexts.len()
            ),
            actual: format!("{times} to {}/{}{others}", first.0, first.1),
            spans: spans.cloned().collect(),
            blame: Blame::on(
                Party::Receiver,
                match times {
                    0 => format!("`{to}` received {message}, and tied no span to it"),
                    _ => format!(
                        "`{to}` received {message}, and tied its spans to it more often than it \
                         came"
                    ),
                },
            ),
        })
    })
    .collect()
}

/// The contexts that a consumer may have no span of: it continues what is not sampled.
fn unrecorded(hop: &Hop, arrived: &[Reading]) -> Contexts {
    if hop.relation == Relation::Link {
        return Contexts::default();
    }
    let unsampled = arrived.iter().filter(|reading| reading.is_unsampled());
    unsampled.filter_map(Reading::ids).collect()
}

fn ends_first(evidence: &Evidence) -> Vec<Outcome> {
    let held = messages(evidence).filter(|(_, hop, _)| hop.taking == Taking::Held);
    held.map(|(index, hop, crossing)| {
        let from = &hop.from;
        if let Some(why) = expects_none(evidence, index, Part::Cause) {
            return Outcome::not_shown(index, why);
        }
        match crossing.ended_while_held {
            None => Outcome::not_shown(index, format!("nobody held `{}`", hop.to)),
            Some(true) => Outcome::held(index),
            Some(false) => Outcome::Finding(Finding {
                level: Level::Should,
                hop: Some(index),
                expected: "a span that ends when the message is handed over".to_owned(),
                actual: format!("none had ended while `{}` was held", hop.to),
                spans: evidence.spans(&crossing.causes),
                blame: Blame::on(
                    Party::Sender,
                    format!("`{from}` keeps its span open until `{}` is done", hop.to),
                ),
            }),
        }
    })
    .collect()
}

/// How often spans are tied to one context.
#[derive(Clone, Copy, Default)]
struct TimesTied {
    /// In all of them.
    all: usize,
    /// By links, in the one that has most; a parent counts where there is no link.
    in_one_span: usize,
    /// By links, in the last of them.
    in_the_last: usize,
    /// Which was the last.
    last: Option<usize>,
}

impl TimesTied {
    fn again(&mut self, span: usize) {
        if self.last != Some(span) {
            (self.last, self.in_the_last) = (Some(span), 0);
        }
        self.all += 1;
        self.in_the_last += 1;
        self.in_one_span = self.in_one_span.max(self.in_the_last);
    }
}

fn times_tied<'a>(
    spans: impl Iterator<Item = &'a Arc<Span>>,
    contexts: usize,
) -> FxHashMap<Ids, TimesTied> {
    let mut times = FxHashMap::<Ids, TimesTied>::default();
    times.reserve(contexts);
    for (at, span) in spans.enumerate() {
        for link in &span.links {
            let times = times.entry((link.trace_id, link.span_id)).or_default();
            times.again(at);
        }
        if let Some(parent) = span.parent {
            let times = times.entry((span.trace_id, parent)).or_default();
            if times.last != Some(at) {
                times.again(at);
            }
        }
    }
    times
}

fn cause_is_not_the_parent(evidence: &Evidence) -> Vec<Outcome> {
    let declared = messages(evidence).filter(|(_, hop, _)| hop.relation == Relation::Link);
    declared
        .map(|(index, hop, crossing)| {
            let contexts = match causes(evidence, crossing) {
                Ok(contexts) => contexts,
                Err(why) => return Outcome::not_shown(index, why),
            };
            if let Some(why) = has_no_spans(evidence, index) {
                return Outcome::not_shown(index, why);
            }
            let spans = crossing.consequences.iter();
            let spans = spans.map(|&at| evidence.story.span(at));
            let children: Vec<_> = spans
                .filter(|span| Tie::of(span, &contexts).is_child)
                .cloned()
                .collect();
            let Some(first) = children.first() else {
                return Outcome::held(index);
            };
            Outcome::Finding(Finding {
                level: Level::Must,
                hop: Some(index),
                expected: "a link, and another parent or none".to_owned(),
                actual: format!("`{}` is the child of its cause", first.name),
                blame: Blame::on(
                    Party::Receiver,
                    format!(
                        "`{}` received {}, and made it the parent of `{}`",
                        hop.to,
                        what_was_received(
                            hop,
                            crossing,
                            first.parent.map(|parent| (first.trace_id, parent))
                        ),
                        first.name
                    ),
                ),
                spans: children,
            })
        })
        .collect()
}

/// The message that brought a context, for a sentence.
fn what_was_received(hop: &Hop, crossing: &Crossing, ids: Option<Ids>) -> String {
    let mut arrived = crossing.wire.after().unwrap_or_default().iter();
    let message = arrived.find(|reading| ids.is_some() && reading.ids() == ids);
    let nothing = || format!("a context over {}", hop.over.name);
    message.map_or_else(nothing, |reading| reading.in_words(hop.over))
}

fn tied_to_its_own_message(evidence: &Evidence) -> Vec<Outcome> {
    let inquiry = Inquiry::of(evidence);
    // Wanted only where a span is tied to something that is not its own.
    let neighbours = LazyCell::new(|| neighbours(evidence));
    messages(evidence)
        .filter(|(_, hop, crossing)| {
            hop.relation != Relation::Root && !crossing.consequences.is_empty()
        })
        .map(|(index, Hop { to, .. }, crossing)| {
            if crossing.wire.after().is_none() {
                return Outcome::not_shown(index, "no tap saw which context the message brought");
            }
            let own = crossing.wire.context_set();
            let spans = crossing.consequences.iter();
            let mut spans = spans.map(|&at| evidence.story.span(at));
            let story = &evidence.story;
            let is_ours = |ids| {
                let span = story.find(ids).map(|at| story.span(at));
                span.is_some_and(|span| span.origin.service.as_deref() == Some(&**to))
            };
            let stray = spans
                .find_map(|span| Some((span, neighbour_of(span, &own, is_ours, &neighbours)?)));
            match stray {
                None => Outcome::held(index),
                Some((span, other)) => {
                    let why = format!(
                        "`{to}` tied `{}` to the context of another message",
                        span.name
                    );
                    let (hop, blame) = inquiry.receiver(index, why);
                    Outcome::Finding(Finding {
                        level: Level::Must,
                        hop,
                        expected: "a tie to the context of this message".to_owned(),
                        actual: format!(
                            "`{}` is tied to the message of {}",
                            span.name,
                            evidence.route.hops()[other]
                        ),
                        spans: vec![span.clone()],
                        blame,
                    })
                }
            }
        })
        .collect()
}

/// The first hop that each context was seen on.
fn neighbours(evidence: &Evidence) -> FxHashMap<Ids, usize> {
    let mut neighbours = FxHashMap::default();
    for (index, _, crossing) in evidence.hops() {
        for &ids in crossing.wire.contexts() {
            neighbours.entry(ids).or_insert(index);
        }
    }
    neighbours
}

/// The hop whose message a span is tied to instead of its own. Links beside the right one are
/// free, and so is what a span of the receiver's own is ambient to; a parent that is another
/// message's context is not.
fn neighbour_of(
    span: &Span,
    own: &Contexts,
    is_ours: impl Fn(Ids) -> bool,
    hops: &impl Deref<Target = FxHashMap<Ids, usize>>,
) -> Option<usize> {
    let tie = Tie::of(span, own);
    let parent = span.parent.map(|parent| (span.trace_id, parent));
    let is_ambient = |ids| tie.is_linked && is_ours(ids);
    let parent = parent.filter(|ids| !own.contains(ids) && !is_ambient(*ids));
    let is_tied = tie.is_linked || tie.is_child;
    let links = span.links.iter().filter(|_| !is_tied);
    let links = links.map(|link| (link.trace_id, link.span_id));
    let mut ties = parent.into_iter().chain(links);
    ties.find_map(|ids| hops.get(&ids).copied())
}
