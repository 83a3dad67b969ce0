//! Messages: the consumer's span is tied to the context that the message brought.

use std::collections::HashMap;

use super::blame::{self, Blame, Party};
use super::relation::{Tie, causes, keeps_relation};
use super::{Authority, Finding, Level, Needs, Outcome, Rule, work};
use crate::evidence::{Crossing, Evidence};
use crate::route::Hop;
use crate::story::Ids;
use unbroken_adapters::Relation;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "LINK-001",
        title: "the consumer's span keeps the relation declared, by default parent or link",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Trace structure\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans],
        check: |evidence| keeps_relation(evidence, true),
    },
    Rule {
        id: "LINK-002",
        title: "a span that accounts for several messages links to each creation context once",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Batch receiving\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans, Needs::Settled],
        check: each_message_is_linked_once,
    },
    Rule {
        id: "LINK-003",
        title: "where follows-from is declared, the cause is not the parent",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry trace API, \"Links between spans\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans],
        check: cause_is_not_the_parent,
    },
    Rule {
        id: "LINK-004",
        title: "the tie is to this message's context, and not to a neighbour's",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Context propagation\"",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans],
        check: tied_to_its_own_message,
    },
    Rule {
        id: "LINK-013",
        title: "the work done for a message descends from its consumer's span, or ties to its context",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, messaging spans, \"Consumer spans\"",
        evidence: &[Needs::ConsequenceSpans, Needs::Settled],
        check: |evidence| work::belongs_to_its_hop(evidence, true),
    },
];

fn messages(evidence: &Evidence) -> impl Iterator<Item = (usize, &Hop, &Crossing)> {
    let hops = evidence.hops();
    hops.filter(|(_, hop, _)| hop.over.is_messaging())
}

fn each_message_is_linked_once(evidence: &Evidence) -> Vec<Outcome> {
    let several = |crossing: &Crossing| crossing.wire.contexts().len() > 1;
    let hops = messages(evidence)
        .filter(|(_, hop, crossing)| several(crossing) && hop.relation != Relation::Root);
    hops.map(|(index, hop, crossing)| {
        if crossing.consequences.is_empty() || !evidence.exports(&hop.to) {
            return Outcome::not_shown(index, format!("`{}` has no span for this hop", hop.to));
        }
        if !evidence.settled {
            return Outcome::not_shown(index, "spans may still be on their way");
        }
        let spans = crossing.consequences.iter();
        let spans: Vec<_> = spans.map(|&at| evidence.story.span(at).clone()).collect();
        let times = |ids: &Ids| {
            let links = spans.iter().flat_map(|span| &span.links);
            let linked = links
                .filter(|link| (link.trace_id, link.span_id) == *ids)
                .count();
            let child = |span: &&_| Tie::of(span, &[*ids]).is_child;
            linked.max(usize::from(spans.iter().any(|span| child(&&**span))))
        };
        let contexts = crossing.wire.contexts();
        let wrong: Vec<_> = contexts.iter().filter(|ids| times(ids) != 1).collect();
        let Some((trace, span)) = wrong.first() else {
            return Outcome::held(index);
        };
        Outcome::Finding(Finding {
            level: Level::Must,
            hop: Some(index),
            expected: format!("one link to each of {} messages", contexts.len()),
            actual: format!(
                "{} of them not once: {trace}/{span} {} times",
                wrong.len(),
                times(&(*trace, *span))
            ),
            spans: spans.clone(),
            blame: Blame::on(
                Party::Receiver,
                format!(
                    "`{}` did not tie its spans to every message it took",
                    hop.to
                ),
            ),
        })
    })
    .collect()
}

fn cause_is_not_the_parent(evidence: &Evidence) -> Vec<Outcome> {
    let declared = messages(evidence).filter(|(_, hop, _)| hop.relation == Relation::Link);
    declared
        .map(|(index, hop, crossing)| {
            let contexts = match causes(evidence, crossing) {
                Ok(contexts) => contexts,
                Err(why) => return Outcome::not_shown(index, why),
            };
            if crossing.consequences.is_empty() {
                return Outcome::not_shown(index, format!("`{}` has no span for this hop", hop.to));
            }
            let mut spans = crossing
                .consequences
                .iter()
                .map(|&at| evidence.story.span(at));
            match spans.find(|span| Tie::of(span, &contexts).is_child) {
                None => Outcome::held(index),
                Some(span) => Outcome::Finding(Finding {
                    level: Level::Must,
                    hop: Some(index),
                    expected: "a link, and another parent or none".to_owned(),
                    actual: format!("`{}` is the child of its cause", span.name),
                    spans: vec![span.clone()],
                    blame: Blame::on(
                        Party::Receiver,
                        format!("`{}` made the message's context its parent", hop.to),
                    ),
                }),
            }
        })
        .collect()
}

fn tied_to_its_own_message(evidence: &Evidence) -> Vec<Outcome> {
    let mut neighbours: HashMap<Ids, usize> = HashMap::new();
    for (index, _, crossing) in evidence.hops() {
        for ids in crossing.wire.contexts() {
            neighbours.insert(ids, index);
        }
    }
    messages(evidence)
        .filter(|(_, hop, crossing)| {
            hop.relation != Relation::Root && !crossing.consequences.is_empty()
        })
        .map(|(index, _, crossing)| {
            if crossing.wire.after().is_none() {
                return Outcome::not_shown(index, "no tap saw which context the message brought");
            }
            let own = crossing.wire.contexts();
            let spans = crossing
                .consequences
                .iter()
                .map(|&at| evidence.story.span(at));
            let stray = spans.into_iter().find_map(|span| {
                let parent = span.parent.map(|parent| (span.trace_id, parent));
                let links = span.links.iter().map(|link| (link.trace_id, link.span_id));
                let mut ties = parent.into_iter().chain(links);
                let neighbour =
                    ties.find_map(|ids| (!own.contains(&ids)).then(|| neighbours.get(&ids))?);
                neighbour.map(|&other| (span, other))
            });
            match stray {
                None => Outcome::held(index),
                Some((span, other)) => Outcome::Finding(Finding {
                    level: Level::Must,
                    hop: Some(index),
                    expected: "a tie to the context of this message".to_owned(),
                    actual: format!(
                        "`{}` is tied to the message of {}",
                        span.name,
                        evidence.route.hops()[other]
                    ),
                    spans: vec![span.clone()],
                    blame: blame::of_hop(evidence, index),
                }),
            }
        })
        .collect()
}
