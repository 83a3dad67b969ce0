//! Whether a trace that came in goes on, as the wire shows it: one question, and an id for each
//! case in which it is asked.

use rustc_hash::FxHashSet;
use unbroken_adapters::Format;
use unbroken_adapters::w3c::{BAGGAGE, BaggageError, TRACESTATE, parse_baggage, parse_tracestate};

use crate::evidence::{Evidence, Reading, inherits};
use crate::route::Hop;
use crate::rules::blame::{Blame, Party};
use crate::rules::{Finding, Level, Outcome};

/// What is particular about a context that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// Nothing: a traceparent.
    Traceparent,
    /// Its flags say more than sampled.
    FlagBesideSampled,
    /// The trace state beside it is not valid.
    BadTraceState,
    /// The baggage beside it is not valid.
    MalformedBaggage,
    /// It stands there in B3.
    B3,
    /// It stands there in the format of X-Ray.
    XRay,
    /// Other contexts stand there in other formats.
    OneOfSeveral,
    /// The receiver speaks other formats as well, and they say nothing.
    OthersAbsent,
}

/// Whether what came in over each hop that inherits goes on: for those of one case.
pub(super) fn keeps(evidence: &Evidence, case: Case) -> Vec<Outcome> {
    let hops = 0..evidence.crossings.len();
    hops.filter_map(|hop| on_hop(evidence, hop, case)).collect()
}

fn on_hop(evidence: &Evidence, index: usize, case: Case) -> Option<Outcome> {
    let hops = evidence.route.hops();
    let hop = &hops[index];
    if evidence.route.made_for(index) != index {
        return None;
    }
    let before = hop
        .after
        .filter(|&before| inherits(hops[before].relation))?;
    let arrived = evidence.crossings[before].wire.after();
    let sent = evidence.crossings[index].wire.before();
    let (Some(arrived), Some(sent)) = (arrived, sent) else {
        let due = due(evidence, before, hop) == case;
        return due.then(|| Outcome::not_shown(index, "no tap saw what came in and went out"));
    };
    let formats = evidence.request.formats.get(&hop.from);
    let formats = formats.map(Vec::as_slice);
    let mut of_case = arrived
        .iter()
        .filter(|reading| case_of(reading, formats) == Some(case));
    let first = of_case.next()?;
    let mut valid = sent.iter().filter(|reading| reading.ids().is_some());
    let trace = |reading: &Reading| reading.ids().map(|(trace, _)| trace);
    if sent.is_empty() {
        let why = format!("nothing was seen of what `{}` sent", hop.from);
        return Some(Outcome::not_shown(index, why));
    }
    // That something valid is sent at all is another rule's affair.
    valid.clone().next()?;
    // Of several contexts any may be followed by somebody who was told nothing.
    let others = Format::ALL.into_iter().filter(|_| formats.is_none());
    let others = arrived.iter().flat_map(|reading| {
        let others = others.clone();
        others.filter_map(|format| Some(format.context(&reading.carrier)?.trace_id))
    });
    let known: FxHashSet<_> = arrived.iter().map(trace).chain(others.map(Some)).collect();
    let made = valid.find(|made| !known.contains(&trace(made)));
    let Some(made) = made else {
        return Some(Outcome::held(index));
    };
    let over = hops[before].over.name;
    let (from, to) = (&hop.from, &hop.to);
    let (was, is) = (first.said(), made.said());
    let spoken = evidence.request.formats_of(from).contains(&first.format);
    let (at, blame) = match spoken {
        true => (
            index,
            Blame::on(
                Party::Sender,
                format!(
                    "`{from}` received {was} over {over} and sent {is} to `{to}`: it began anew"
                ),
            ),
        ),
        false => (
            before,
            Blame::both(format!(
                "`{}` sent {was} over {over}, and `{from}`, which does not speak {}, began anew: \
                 their formats do not meet",
                hops[before].from, first.format
            )),
        ),
    };
    Some(Outcome::Finding(Finding {
        level: Level::Must,
        hop: Some(at),
        expected: format!("the trace of {was}"),
        actual: is,
        spans: Vec::new(),
        blame,
    }))
}

/// What is particular about what is to come in over a hop, by what the scenario says.
fn due(evidence: &Evidence, before: usize, hop: &Hop) -> Case {
    let luggage = &evidence.request.luggage;
    let from = &evidence.route.hops()[before].from;
    let spoken = |service| {
        let spoken = evidence.request.formats_of(service).into_iter();
        spoken
            .filter(|format| *format != Format::Baggage)
            .collect::<Vec<_>>()
    };
    let malformed = parse_baggage(luggage.baggage.iter().map(String::as_bytes)).is_err();
    match (&spoken(from)[..], &spoken(&hop.from)[..]) {
        ([_, _, ..], _) => Case::OneOfSeveral,
        (_, [_, _, ..]) => Case::OthersAbsent,
        ([Format::B3 | Format::B3Multi], _) => Case::B3,
        ([Format::XRay], _) => Case::XRay,
        _ if luggage.random => Case::FlagBesideSampled,
        _ if parse_tracestate([luggage.trace_state.as_bytes()]).is_err() => Case::BadTraceState,
        _ if malformed => Case::MalformedBaggage,
        _ => Case::Traceparent,
    }
}

/// What is particular about a context, for a receiver that speaks these formats; none if there is
/// no context.
fn case_of(reading: &Reading, spoken: Option<&[Format]>) -> Option<Case> {
    let context = reading.context.ok()?;
    let others = Format::ALL
        .into_iter()
        .filter_map(|format| format.context(&reading.carrier));
    let ids = (context.trace_id, context.parent_id);
    if others
        .map(|c| (c.trace_id, c.parent_id))
        .any(|other| other != ids)
    {
        return Some(Case::OneOfSeveral);
    }
    let names_spans = |format: &&Format| **format != Format::Baggage;
    let spoken = spoken.unwrap_or_default();
    if spoken.iter().filter(names_spans).count() > 1 && spoken.contains(&reading.format) {
        return Some(Case::OthersAbsent);
    }
    let values = |name| reading.carrier.all(name).map(|value| &**value);
    let malformed = || {
        let baggage = parse_baggage(values(BAGGAGE));
        let large =
            |e: &BaggageError| matches!(e, BaggageError::TooMany(_) | BaggageError::TooLong(_));
        baggage.err().is_some_and(|error| !large(&error))
    };
    Some(match reading.format {
        Format::B3 | Format::B3Multi => Case::B3,
        Format::XRay => Case::XRay,
        Format::TraceContext | Format::Baggage if context.flags > 1 => Case::FlagBesideSampled,
        _ if parse_tracestate(values(TRACESTATE)).is_err() => Case::BadTraceState,
        _ if malformed() => Case::MalformedBaggage,
        _ => Case::Traceparent,
    })
}
