//! Request and response: the server's span belongs under the client's.

mod attempts;
mod remote;

use rustc_hash::FxHashSet;

use super::blame::{Blame, Party};
use super::relation::{each_sent, keeps_relation};
use super::{Authority, Capability, Finding, Level, Needs, Outcome, Rule, expects_none, work};
use crate::evidence::{Evidence, Part, Place};
use crate::route::Hop;
use crate::span::SpanKind;
use crate::story::{Above, SpanIndex};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "HOP-001",
        title: "the server's span keeps the relation declared, by default child of the client's",
        level: Level::Must,
        authority: Authority::Specification,
        source: "OpenTelemetry trace API, \"Determining the parent span from a context\"; Trace \
                 Context level 2, §3.2.2.4 parent-id",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans],
        capabilities: &[],
        check: |evidence| keeps_relation(evidence, false),
    },
    Rule {
        id: "HOP-002",
        title: "the kinds of the two sides pair",
        level: Level::Should,
        authority: Authority::Specification,
        source: "OpenTelemetry trace API, SpanKind; semantic conventions v1.44, messaging spans, \
                 \"Span kind\"",
        evidence: &[Needs::CauseSpans, Needs::ConsequenceSpans],
        capabilities: &[],
        check: kinds_pair,
    },
    Rule {
        id: "HOP-003",
        title: "there is one server span for each request that arrived",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, HTTP and RPC server spans",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[],
        check: one_server_span_each,
    },
    Rule {
        id: "HOP-004",
        title: "calls that one handler makes are siblings, none under another",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry trace API, \"Span lifetime\"",
        evidence: &[Needs::CauseSpans],
        capabilities: &[],
        check: calls_are_siblings,
    },
    Rule {
        id: "HOP-005",
        title: "each attempt of a call is told as its conventions want it: by spans of their own, or by one",
        level: Level::Should,
        authority: Authority::Specification,
        source: "semantic conventions v1.44, HTTP client spans, \"Retries and redirects\"; RPC client spans",
        evidence: &[Needs::Wire, Needs::CauseSpans, Needs::Settled],
        capabilities: &[],
        check: attempts::each_is_told_as_its_conventions_want,
    },
    Rule {
        id: "HOP-006",
        title: "a parent that came over the wire is marked as remote",
        level: Level::May,
        authority: Authority::Specification,
        source: "OpenTelemetry trace API, SpanContext \"IsRemote\"; OTLP, Span.flags",
        evidence: &[Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[],
        check: remote::the_parent_is_remote,
    },
    Rule {
        id: "HOP-007",
        title: "a stream keeps the context for the handler of each of its messages",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry context API, \"Implicit propagation\"",
        evidence: &[Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[Capability::Batches],
        check: |evidence| work::belongs_to_its_hop(evidence, Hop::is_stream),
    },
    Rule {
        id: "HOP-008",
        title: "work that goes on after the answer descends from the server's span",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry context API, \"Implicit propagation\"",
        evidence: &[Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[],
        check: |evidence| work::belongs_to_its_hop(evidence, Hop::goes_on),
    },
    Rule {
        id: "HOP-009",
        title: "the handler's work descends from the server's span",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry context API, \"Implicit propagation\"",
        evidence: &[Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[],
        check: |evidence| {
            let plain = |hop: &Hop| !hop.over.is_messaging() && !hop.is_stream() && !hop.goes_on();
            work::belongs_to_its_hop(evidence, plain)
        },
    },
];

fn kinds_pair(evidence: &Evidence) -> Vec<Outcome> {
    use SpanKind::{Client, Consumer, Producer, Server};
    let mut outcomes = Vec::new();
    for (index, hop, crossing) in evidence.hops() {
        let (causes, consequences) = if hop.over.is_messaging() {
            ([Producer, Client], [Consumer, Client])
        } else {
            ([Client, Client], [Server, Server])
        };
        if crossing.causes.is_empty() || crossing.consequences.is_empty() {
            outcomes.push(Outcome::not_shown(index, "a side of the hop has no span"));
            continue;
        }
        let sides = [
            (&crossing.causes, causes, Party::Sender, &hop.from),
            (
                &crossing.consequences,
                consequences,
                Party::Receiver,
                &hop.to,
            ),
        ];
        let wrong = sides
            .into_iter()
            .flat_map(|(spans, expected, party, service)| {
                let wrong = spans.iter().map(|&at| evidence.story.span(at));
                let wrong = wrong.filter(move |span| !expected.contains(&span.kind));
                wrong.map(move |span| Finding {
                    level: Level::Should,
                    hop: Some(index),
                    expected: format!("a span of kind {}", expected[0].as_str()),
                    actual: format!("`{}` is of kind {}", span.name, span.kind.as_str()),
                    spans: vec![span.clone()],
                    blame: Blame::on(
                        party,
                        format!(
                            "`{service}` made `{}` of kind {}",
                            span.name,
                            span.kind.as_str()
                        ),
                    ),
                })
            });
        let wrong: Vec<_> = wrong.map(Outcome::Finding).collect();
        if wrong.is_empty() {
            outcomes.push(Outcome::held(index));
        } else {
            outcomes.extend(wrong);
        }
    }
    outcomes
}

fn one_server_span_each(evidence: &Evidence) -> Vec<Outcome> {
    let hops = evidence
        .hops()
        .filter(|(_, hop, _)| !hop.over.is_messaging());
    hops.map(|(index, hop, crossing)| {
        let Some(arrived) = crossing.wire.after() else {
            return Outcome::not_shown(index, "no tap counted the requests that arrived");
        };
        if let Some(why) = expects_none(evidence, index, Part::Consequence) {
            return Outcome::not_shown(index, why);
        }
        if !evidence.settled {
            return Outcome::not_shown(index, "spans may still be on their way");
        }
        if arrived.is_empty() {
            return Outcome::not_shown(index, "the tap saw no request arrive");
        }
        let (requests, spans) = (arrived.len(), crossing.consequences.len());
        let unsampled = arrived.iter().filter(|request| request.is_unsampled());
        let unsampled = unsampled.count();
        let (level, why) = if spans > requests {
            (
                Level::Should,
                "made several spans for a request: it is instrumented twice",
            )
        } else if spans + unsampled < requests {
            (Level::Must, "made no span for a request, or exported none")
        } else {
            return Outcome::held(index);
        };
        let but = match unsampled {
            0 => String::new(),
            some => format!(", of which {some} need none: not sampled"),
        };
        Outcome::Finding(Finding {
            level,
            hop: Some(index),
            expected: format!("{requests} server span(s), one for each request that arrived{but}"),
            actual: format!("{spans} server span(s)"),
            spans: evidence.spans(&crossing.consequences),
            blame: Blame::on(Party::Receiver, format!("`{}` {why}", hop.to)),
        })
    })
    .collect()
}

fn calls_are_siblings(evidence: &Evidence) -> Vec<Outcome> {
    let route = &evidence.route;
    let mut calls_of = vec![Vec::new(); route.hops().len() + 1];
    for (index, hop) in route.hops().iter().enumerate() {
        calls_of[hop.after.map_or(0, |handler| handler + 1)].push(index);
    }
    let is_made_often = |&call: &usize| each_sent(evidence, call).is_some_and(|it| it.len() > 1);
    let several = |calls: &&Vec<usize>| calls.len() > 1 || calls.iter().any(is_made_often);
    calls_of
        .iter()
        .filter(several)
        .flat_map(|calls| siblings(evidence, calls))
        .collect()
}

/// A span whose context was sent, below another one of the same call.
fn nested_in_itself(evidence: &Evidence, call: usize) -> Option<SpanIndex> {
    let story = &evidence.story;
    let mut sent = each_sent(evidence, call)?
        .iter()
        .filter_map(|sent| story.find(sent.ids()?));
    let below = sent.clone().flat_map(|at| story.children(at));
    let below = story.beneath(below.map(|&at| at as SpanIndex));
    sent.find(|&at| below.contains(at))
}

/// Whether a span hangs below a call because that was left current, and not because the caller handles
/// what came back of it.
fn is_left_current(evidence: &Evidence, call: usize, at: SpanIndex) -> bool {
    let hops = evidence.route.hops();
    let causes = &evidence.crossings[call].causes;
    let came_back = |at| match evidence.place(at) {
        Some(Place { hop, part }) => part == Part::Consequence && hops[hop].to == hops[call].from,
        None => false,
    };
    let mut seen = FxHashSet::default();
    let mut next = at;
    while let Above::Span(above) = evidence.story.above(next)
        && causes.binary_search(&next).is_err()
        && seen.insert(next)
    {
        if came_back(above) {
            return false;
        }
        next = above;
    }
    true
}

/// Whether each of the calls that one handler makes hangs under none of the others.
fn siblings(evidence: &Evidence, calls: &[usize]) -> Vec<Outcome> {
    let story = &evidence.story;
    let causes = |call: usize| evidence.crossings[call].causes.iter().copied();
    let beneath: Vec<_> = calls
        .iter()
        .map(|&call| story.beneath(causes(call)))
        .collect();
    let outcome = |&call: &usize| {
        let hop = &evidence.route.hops()[call];
        if causes(call).next().is_none() {
            return Outcome::not_shown(call, format!("`{}` has no span for this call", hop.from));
        }
        let others = calls
            .iter()
            .zip(&beneath)
            .filter(|(other, _)| **other != call);
        let nested = others.into_iter().find_map(|(&other, beneath)| {
            let is_shared =
                |at: &SpanIndex| evidence.crossings[other].causes.binary_search(at).is_ok();
            let mut nested = causes(call).filter(|at| beneath.contains(*at) && !is_shared(at));
            let nested = nested.find(|&at| is_left_current(evidence, other, at));
            nested.map(|at| (other, at))
        });
        let nested = nested.or_else(|| Some((call, nested_in_itself(evidence, call)?)));
        let Some((other, at)) = nested else {
            return Outcome::held(call);
        };
        let other = &evidence.route.hops()[other];
        Outcome::Finding(Finding {
            level: Level::Must,
            hop: Some(call),
            expected: "a sibling of the other calls of the same handler".to_owned(),
            actual: format!("`{}` hangs under the call of {other}", story.span(at).name),
            spans: vec![story.span(at).clone()],
            blame: Blame::on(
                Party::Sender,
                format!(
                    "`{}` left the context of its call to `{}` current while it called `{}`",
                    hop.from, other.to, hop.to
                ),
            ),
        })
    };
    calls.iter().map(outcome).collect()
}
