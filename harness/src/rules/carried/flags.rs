//! The decision to sample: taken once for a trace, and then kept. This is the policy of parent-based
//! sampling, and not of W3C, which lets everybody decide anew.

use super::checkpoints::{Clause, Said, Wrong, follow};
use super::keeps::{Case, keeps};
use crate::evidence::{Contexts, Evidence, Passage, Reading};
use crate::rules::blame::{Blame, Party};
use crate::rules::{Authority, Finding, Level, Needs, Outcome, Rule};
use crate::story::SpanIndex;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "FLAG-001",
        title: "what is sampled stays so, as the wire shows",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry trace SDK, ParentBased sampler; Trace Context level 2, §3.2.2.5.1: a component \
                 SHOULD respect the sampled flag",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| {
            let clause = Clause {
                format: None,
                of_the_trace: true,
                applies: |got| got.is_sampled() == Some(true),
                check: |_, _, passage, _| stays(passage, true),
            };
            follow(evidence, &clause)
        },
    },
    Rule {
        id: "FLAG-002",
        title: "what is not sampled stays so, as the wire shows",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry trace SDK, ParentBased sampler; Trace Context level 2, §3.2.2.5.1: a component \
                 SHOULD respect the sampled flag",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| {
            let clause = Clause {
                format: None,
                of_the_trace: true,
                applies: |got| got.is_sampled() == Some(false),
                check: |_, _, passage, _| stays(passage, false),
            };
            follow(evidence, &clause)
        },
    },
    Rule {
        id: "FLAG-003",
        title: "a flag beside sampled does not cut the trace",
        level: Level::Must,
        authority: Authority::Derived,
        source: "Trace Context level 2, §3.2.2.5: as this is a bit field, the flags cannot be interpreted by a \
                 simple equality comparison",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| keeps(evidence, Case::FlagBesideSampled),
    },
    Rule {
        id: "FLAG-004",
        title: "what is not sampled leaves no spans",
        level: Level::Should,
        authority: Authority::Convention,
        source: "OpenTelemetry trace SDK, ParentBased sampler",
        evidence: &[Needs::Wire, Needs::Settled],
        capabilities: &[],
        check: no_spans,
    },
];

fn stays(passage: &Passage<'_>, sampled: bool) -> Said {
    let words = |sampled| match sampled {
        true => "a context that is sampled".to_owned(),
        false => "a context that is not sampled".to_owned(),
    };
    match passage.made.is_sampled() {
        None => Said::Nothing,
        Some(made) if made == sampled => Said::Right,
        Some(made) => Said::Wrong(Wrong {
            level: Level::Must,
            got: words(sampled),
            made: words(made),
            means: "it takes the decision anew, and half of the trace is missing",
        }),
    }
}

/// Whether the receiver recorded a child of a context that is not sampled.
fn no_spans(evidence: &Evidence) -> Vec<Outcome> {
    let hops = evidence.hops().filter_map(|(index, hop, crossing)| {
        let arrived = crossing.wire.after()?;
        let unsampled = arrived.iter().filter(|r| r.is_unsampled());
        let unsampled: Contexts = unsampled.filter_map(Reading::ids).collect();
        if unsampled.is_empty() {
            return None;
        }
        if !evidence.settled {
            return Some(Outcome::not_shown(index, "spans may still be on their way"));
        }
        let story = &evidence.story;
        let is_child = |&at: &SpanIndex| {
            let span = story.span(at);
            let parent = span.parent.map(|parent| (span.trace_id, parent));
            parent.is_some_and(|parent| unsampled.contains(&parent))
        };
        let recorded: Vec<_> = crossing
            .consequences
            .iter()
            .copied()
            .filter(is_child)
            .collect();
        let Some(&first) = recorded.first() else {
            return Some(Outcome::held(index));
        };
        let name = &story.span(first).name;
        Some(Outcome::Finding(Finding {
            level: Level::Should,
            hop: Some(index),
            expected: "no span, as the context that arrived is not sampled".to_owned(),
            actual: format!("`{name}` of `{}`", hop.to),
            spans: evidence.spans(&recorded),
            blame: Blame::on(
                Party::Receiver,
                format!(
                    "`{}` received a context over {} that is not sampled, and recorded `{name}`",
                    hop.to, hop.over.name
                ),
            ),
        }))
    });
    hops.collect()
}
