//! What the route lets one expect of the traces.

use rustc_hash::FxHashSet;

use super::shape::{not_shown, service, still_on_their_way};
use super::silence::Silence;
use crate::evidence::{Crossing, Evidence, Part, Place, Reading};
use crate::route::Hop;
use crate::rules::blame::{Blame, Inquiry, Party};
use crate::rules::{Finding, Level, Outcome, expects_none, held_unless};
use crate::story::{Ids, SpanIndex, Trace, plumbing};

pub(super) fn every_hop_is_reached(evidence: &Evidence) -> Vec<Outcome> {
    let (inquiry, silence) = (Inquiry::of(evidence), Silence::of(evidence));
    let hops = evidence.hops();
    hops.map(|(index, hop, crossing)| reached(&inquiry, &silence, evidence, (index, hop, crossing)))
        .collect()
}

fn reached(
    inquiry: &Inquiry,
    silence: &Silence,
    evidence: &Evidence,
    (index, hop, crossing): (usize, &Hop, &Crossing),
) -> Outcome {
    if !evidence.settled {
        return Outcome::not_shown(index, "spans may still be on their way");
    }
    let story = &evidence.story;
    let parts = [
        ("the sender's span", &crossing.causes),
        ("the receiver's span", &crossing.consequences),
        ("the work of the receiver", &crossing.work),
    ];
    let mut unreached = parts.into_iter().flat_map(|(part, spans)| {
        let spans = spans.iter().filter(|at| !story.is_reached(**at));
        spans.map(move |&at| (part, at))
    });
    let (hidden, lost) = match unreached.next() {
        Some(first) if silence.hides(first.1) => {
            (true, unreached.find(|(_, at)| !silence.hides(*at)))
        }
        first => (false, first),
    };
    if let Some((part, at)) = lost {
        let (lost_at, blame) = inquiry.way_to(at);
        return Outcome::Finding(Finding {
            level: Level::Must,
            hop: lost_at.or(Some(index)),
            expected: format!("a way from the entry to {part} of {hop}"),
            actual: format!("no parent and no link leads to `{}`", story.span(at).name),
            spans: vec![story.span(at).clone()],
            blame,
        });
    }
    if hidden {
        return Outcome::not_shown(
            index,
            "the way leads through a service that exports no spans, or through what is not sampled",
        );
    }
    match crossing.causes.is_empty() && crossing.consequences.is_empty() {
        true if evidence.exports(&hop.from) || evidence.exports(&hop.to) => {
            Outcome::not_shown(index, "the hop has no spans")
        }
        true => Outcome::not_shown(index, "neither side exports spans here"),
        false => Outcome::held(index),
    }
}

pub(super) fn no_lost_work(evidence: &Evidence) -> Vec<Outcome> {
    if !evidence.settled {
        return vec![still_on_their_way()];
    }
    let (inquiry, silence) = (Inquiry::of(evidence), Silence::of(evidence));
    let mut findings = Vec::new();
    let mut silenced = Vec::new();
    for trace in beside(evidence).filter(|trace| !is_plumbing(evidence, trace)) {
        let first = most_telling(evidence, trace);
        let span = evidence.story.span(first);
        if silence.hides(first) {
            silenced.push(not_shown(format!(
                "`{}` of {} may belong to the story: what it names is of a service that exports \
                 no spans here, or of what is not sampled",
                span.name,
                service(span)
            )));
            continue;
        }
        let (hop, blame) = match evidence.place(first) {
            Some(_) => inquiry.way_to(first),
            None => (
                None,
                Blame::nobody(format!("{} made it outside of the request", service(span))),
            ),
        };
        let more = match trace.spans.len() {
            1 => "is alone".to_owned(),
            several => format!("and {} more span(s) are", several - 1),
        };
        findings.push(Finding {
            level: Level::Must,
            hop,
            expected: "this work in the story".to_owned(),
            actual: format!(
                "`{}` of {} {more} in the trace {}, which nothing ties to the story",
                span.name,
                service(span),
                trace.id
            ),
            spans: vec![span.clone()],
            blame,
        });
    }
    if silenced.is_empty() {
        held_unless(findings)
    } else {
        let findings = findings.into_iter().map(Outcome::Finding);
        findings.chain(silenced).collect()
    }
}

pub(super) fn no_plumbing(evidence: &Evidence) -> Vec<Outcome> {
    if !evidence.settled {
        return vec![still_on_their_way()];
    }
    let traces = beside(evidence).filter(|trace| is_plumbing(evidence, trace));
    let findings = traces.map(|trace| {
        let first = most_telling(evidence, trace);
        let span = evidence.story.span(first);
        Finding {
            level: Level::May,
            hop: None,
            expected: "no spans of sockets, polls and acknowledgements with traces of their own"
                .to_owned(),
            actual: format!(
                "`{}` of {} began the trace {}",
                span.name,
                service(span),
                trace.id
            ),
            spans: vec![span.clone()],
            blame: Blame::nobody(format!(
                "the instrumentation of {} does so by default",
                service(span)
            )),
        }
    });
    held_unless(findings.collect())
}

/// The traces that touch the run and do not belong to the story.
fn beside(evidence: &Evidence) -> impl Iterator<Item = &Trace> {
    let traces = evidence.story.traces().iter();
    traces.filter(|trace| !trace.belongs)
}

fn is_plumbing(evidence: &Evidence, trace: &Trace) -> bool {
    let mut spans = trace.spans.clone();
    spans.all(|at| plumbing::is_plumbing(&evidence.story, at))
}

/// The span of a trace that says most of where it comes from: the consequence nearest to the
/// entry, or else work, or else the first root.
fn most_telling(evidence: &Evidence, trace: &Trace) -> SpanIndex {
    let rank = |at: &SpanIndex| match evidence.place(*at) {
        Some(Place { hop, part }) => (
            part != Part::Consequence,
            evidence.route.depth(hop),
            hop,
            part,
        ),
        None => (true, usize::MAX, usize::MAX, Part::Cause),
    };
    let placed = trace.spans.clone().min_by_key(rank);
    let placed = placed.filter(|at| evidence.place(*at).is_some());
    let root = || evidence.story.roots(trace).next();
    placed.or_else(root).unwrap_or(trace.spans.start)
}

pub(super) fn every_hop_is_whole(evidence: &Evidence) -> Vec<Outcome> {
    let inquiry = Inquiry::of(evidence);
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
                (Part::Cause, Party::Sender),
            ),
            (
                &hop.to,
                &crossing.consequences,
                "the receiver's span",
                (Part::Consequence, Party::Receiver),
            ),
        ];
        for (service, spans, what, (part, party)) in sides {
            if !spans.is_empty() {
                outcomes.push(Outcome::held(index));
                continue;
            }
            if let Some(why) = expects_none(evidence, index, part) {
                outcomes.push(Outcome::not_shown(index, why));
                continue;
            }
            let (lost_at, blame) = missing(evidence, &inquiry, index, party);
            outcomes.push(Outcome::Finding(Finding {
                level: Level::Must,
                hop: lost_at,
                expected: format!("{what} of {hop}, made by `{service}`"),
                actual: "none".to_owned(),
                spans: Vec::new(),
                blame,
            }));
        }
        outcomes.extend(fewer(evidence, index, hop));
    }
    outcomes
}

/// Fewer messages than the route has, where some came and the hops before have all of theirs; or as
/// many, and one in the place of another.
fn fewer(evidence: &Evidence, index: usize, hop: &Hop) -> Option<Outcome> {
    let route = &evidence.route;
    let crossing = &evidence.crossings[index];
    let arrived = |hop: usize| evidence.crossings[hop].wire.after().map(<[_]>::len);
    let is_short = |hop: usize| arrived(hop).is_some_and(|came| came < route.carriers(hop));
    let (came, due) = (arrived(index)?, route.carriers(index));
    let sent = crossing.wire.before()?;
    let Hop { from, to, over, .. } = hop;
    let (actual, blame) = if is_short(index) {
        let mut before = route.way(index).skip(1);
        if came == 0 || before.any(is_short) {
            return None;
        }
        let sent = sent.len();
        let blame = if let Some(why) = crossing
            .refused
            .as_ref()
            .filter(|_| hop.over.is_messaging())
        {
            let why = format!(
                "of what `{from}` sent over {} something was refused: {why}",
                over.name
            );
            Blame::on(Party::Sender, why)
        } else if sent < due {
            let why = format!("`{from}` sent {sent} of {due} messages over {}", over.name);
            Blame::on(Party::Sender, why)
        } else {
            let why = format!(
                "`{from}` sent {sent} messages over {}, and {came} came",
                over.name
            );
            Blame::on_the_way(hop, why)
        };
        (format!("{came} arrived"), blame)
    } else {
        let replaced = replaced(hop, crossing)?;
        let why = format!(
            "`{from}` sent {}, and what reached `{to}` in its place is the context of another message",
            replaced.in_words(over)
        );
        let actual = format!("{} is not among the {came} that arrived", replaced.said());
        (actual, Blame::on(Party::Middle, why))
    };
    Some(Outcome::Finding(Finding {
        level: Level::Must,
        hop: Some(index),
        expected: format!("{due} messages from `{from}` to `{to}`"),
        actual,
        spans: Vec::new(),
        blame,
    }))
}

/// A message whose context never arrived, though as many came as were sent, and each with a context
/// that was sent.
fn replaced<'a>(hop: &Hop, crossing: &'a Crossing) -> Option<&'a Reading> {
    let (sent, arrived) = (crossing.wire.before()?, crossing.wire.after()?);
    // Of what was rejected not all needs to come here.
    if hop.is_dead_letter() || arrived.len() < sent.len() {
        return None;
    }
    let known: FxHashSet<_> = sent.iter().filter_map(Reading::ids).collect();
    let was_sent = |reading: &Reading| reading.ids().is_some_and(|ids| known.contains(&ids));
    let contexts = crossing.wire.context_set();
    let is_missing = |ids: Ids| !contexts.contains(&ids);
    let mut sent = sent.iter();
    let missing = sent.find(|reading| reading.ids().is_some_and(is_missing))?;
    arrived.iter().all(was_sent).then_some(missing)
}

/// Whose fault it is that a side has no span: its own, unless it was never reached.
fn missing(
    evidence: &Evidence,
    inquiry: &Inquiry,
    index: usize,
    party: Party,
) -> (Option<usize>, Blame) {
    let reached = last_reached(evidence, index);
    if reached != index {
        return inquiry.hop(reached);
    }
    let hop = &evidence.route.hops()[index];
    let wire = &evidence.crossings[index].wire;
    let seen = |readings: Option<&[_]>| readings.map(|readings| !readings.is_empty());
    let Hop { from, to, over, .. } = hop;
    let why = match (party, seen(wire.before())) {
        (Party::Sender, Some(true)) => {
            format!(
                "`{from}` sent a message over {} to `{to}`, and exported no span",
                over.name
            )
        }
        (Party::Sender, Some(false)) if seen(wire.after()) != Some(true) => {
            format!("`{from}` sent nothing over {} to `{to}`", over.name)
        }
        (Party::Sender, _) => {
            format!(
                "`{from}` exported no span, or sent nothing over {} to `{to}`",
                over.name
            )
        }
        _ => return inquiry.hop(index),
    };
    (Some(index), Blame::on(party, why))
}

/// The hop at which the request came to an end, where nothing was seen of this one: its sender
/// was never reached itself.
fn last_reached(evidence: &Evidence, index: usize) -> usize {
    let mut hop = index;
    while let Some(before) = evidence.route.hops()[hop].after {
        let (this, earlier) = (&evidence.crossings[hop], &evidence.crossings[before]);
        let never_happened = this.causes.is_empty()
            && this.consequences.is_empty()
            && this.wire.before().is_none_or(<[_]>::is_empty)
            && this.wire.after().is_none_or(<[_]>::is_empty);
        let was_expected = evidence.exports_on(before, Part::Consequence);
        if !never_happened || !earlier.consequences.is_empty() || !was_expected {
            break;
        }
        hop = before;
    }
    hop
}
