//! What the route lets one expect of the traces.

use super::shape::{service, still_on_their_way};
use crate::evidence::{Crossing, Evidence};
use crate::route::Hop;
use crate::rules::blame::{self, Blame, Party};
use crate::rules::{Finding, Level, Outcome, held_unless};
use crate::story::{SpanIndex, Trace, plumbing};

pub(super) fn every_hop_is_reached(evidence: &Evidence) -> Vec<Outcome> {
    let hops = evidence.hops();
    hops.map(|(index, hop, crossing)| reached(evidence, index, hop, crossing))
        .collect()
}

fn reached(evidence: &Evidence, index: usize, hop: &Hop, crossing: &Crossing) -> Outcome {
    if !evidence.settled {
        return Outcome::not_shown(index, "spans may still be on their way");
    }
    let story = &evidence.story;
    let parts = [
        ("the sender's span", &crossing.causes),
        ("the receiver's span", &crossing.consequences),
        ("the work of the receiver", &crossing.work),
    ];
    let lost = parts.into_iter().find_map(|(part, spans)| {
        let mut spans = spans.iter();
        spans
            .find(|at| !story.is_reached(**at))
            .map(|&at| (part, at))
    });
    if let Some((part, at)) = lost {
        let span = story.span(at);
        return Outcome::Finding(Finding {
            level: Level::Must,
            hop: Some(index),
            expected: format!("a way from the entry to {part}"),
            actual: format!(
                "no parent and no link leads from the entry to `{}`",
                span.name
            ),
            spans: vec![span.clone()],
            blame: blame_for(evidence, index, crossing, at),
        });
    }
    match crossing.causes.is_empty() && crossing.consequences.is_empty() {
        true if evidence.exports(&hop.from) || evidence.exports(&hop.to) => {
            Outcome::not_shown(index, "the hop has no spans")
        }
        true => Outcome::not_shown(index, "neither side exports spans here"),
        false => Outcome::held(index),
    }
}

/// A hop whose sender is cut off already is not to blame itself: the first hop that is, is.
fn blame_for(evidence: &Evidence, index: usize, crossing: &Crossing, at: SpanIndex) -> Blame {
    let story = &evidence.story;
    let mut first = index;
    while let Some(before) = evidence.route.hops()[first].after {
        let earlier = &evidence.crossings[before];
        let spans = earlier.consequences.iter().chain(&earlier.work);
        if spans.into_iter().all(|&at| story.is_reached(at)) {
            break;
        }
        first = before;
    }
    if first != index {
        return Blame::nobody(format!(
            "it was cut off before, at {}",
            evidence.route.hops()[first]
        ));
    }
    if crossing.causes.contains(&at) {
        return Blame::on(
            Party::Sender,
            format!(
                "`{}` made its span outside of the request",
                evidence.route.hops()[index].from
            ),
        );
    }
    blame::of_hop(evidence, index)
}

pub(super) fn no_lost_work(evidence: &Evidence) -> Vec<Outcome> {
    beside(evidence, false, |evidence, trace, first| Finding {
        level: Level::Must,
        hop: hop_in(evidence, trace),
        expected: "this work in the story".to_owned(),
        actual: format!(
            "`{}` of {} and {} more span(s) are in the trace {}, which nothing ties to the story",
            evidence.story.span(first).name,
            service(evidence.story.span(first)),
            trace.spans.len() - 1,
            trace.id
        ),
        spans: vec![evidence.story.span(first).clone()],
        blame: match hop_in(evidence, trace) {
            Some(hop) => blame::of_hop(evidence, hop),
            None => Blame::nobody(format!(
                "{} made it outside of the request",
                service(evidence.story.span(first))
            )),
        },
    })
}

pub(super) fn no_plumbing(evidence: &Evidence) -> Vec<Outcome> {
    beside(evidence, true, |evidence, trace, first| Finding {
        level: Level::May,
        hop: None,
        expected: "no spans of sockets, polls and acknowledgements with traces of their own"
            .to_owned(),
        actual: format!(
            "`{}` of {} began the trace {}",
            evidence.story.span(first).name,
            service(evidence.story.span(first)),
            trace.id
        ),
        spans: vec![evidence.story.span(first).clone()],
        blame: Blame::nobody("its instrumentation does so by default"),
    })
}

/// The traces that touch the run and do not belong to the story: all plumbing, or not.
fn beside(
    evidence: &Evidence,
    plumbing: bool,
    finding: impl Fn(&Evidence, &Trace, SpanIndex) -> Finding,
) -> Vec<Outcome> {
    if !evidence.settled {
        return vec![still_on_their_way()];
    }
    let story = &evidence.story;
    let is_plumbing = |trace: &Trace| {
        let mut spans = trace.spans.clone();
        spans.all(|at| plumbing::is_plumbing(story.span(at)))
    };
    let traces = story.traces().iter();
    let traces = traces.filter(|trace| !trace.belongs && is_plumbing(trace) == plumbing);
    let findings = traces.map(|trace| {
        let first = story.roots(trace).next().unwrap_or(trace.spans.start);
        finding(evidence, trace, first)
    });
    held_unless(findings.collect())
}

/// The hop whose consequence began a trace, or, failing that, whose work is in it.
fn hop_in(evidence: &Evidence, trace: &Trace) -> Option<usize> {
    let within = |spans: &[SpanIndex]| spans.iter().any(|at| trace.spans.contains(at));
    let crossings = || evidence.crossings.iter();
    crossings()
        .position(|crossing| within(&crossing.consequences))
        .or_else(|| crossings().position(|crossing| within(&crossing.work)))
}

pub(super) fn every_hop_is_whole(evidence: &Evidence) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (index, hop, crossing) in evidence.hops() {
        if !evidence.settled {
            outcomes.push(Outcome::not_shown(index, "spans may still be on their way"));
            continue;
        }
        let sides = [
            (
                &hop.from,
                &crossing.causes,
                "the sender's span",
                Party::Sender,
            ),
            (
                &hop.to,
                &crossing.consequences,
                "the receiver's span",
                Party::Receiver,
            ),
        ];
        for (service, spans, what, party) in sides {
            outcomes.push(match (spans.is_empty(), evidence.exports(service)) {
                (false, _) => Outcome::held(index),
                (true, false) => {
                    Outcome::not_shown(index, format!("`{service}` exports no spans here"))
                }
                (true, true) => Outcome::Finding(Finding {
                    level: Level::Must,
                    hop: Some(index),
                    expected: format!("{what}, of `{service}`"),
                    actual: "none".to_owned(),
                    spans: Vec::new(),
                    blame: missing(evidence, index, party),
                }),
            });
        }
    }
    outcomes
}

/// Whose fault it is that a side has no span: its own, unless it was never reached.
fn missing(evidence: &Evidence, index: usize, party: Party) -> Blame {
    let hop = &evidence.route.hops()[index];
    let wire = &evidence.crossings[index].wire;
    let seen = |readings: Option<&[_]>| readings.map(|readings| !readings.is_empty());
    match party {
        Party::Sender if seen(wire.before()) == Some(true) => Blame::on(
            party,
            format!("`{}` sent the message, and exported no span", hop.from),
        ),
        Party::Sender if seen(wire.before()) == Some(false) => Blame::on(
            party,
            format!("`{}` sent nothing over {}", hop.from, hop.over.name),
        ),
        Party::Sender => Blame::on(
            party,
            format!("`{}` exported no span, or sent nothing", hop.from),
        ),
        _ => blame::of_hop(evidence, index),
    }
}
