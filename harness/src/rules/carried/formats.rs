//! The formats beside W3C's: B3 and X-Ray.

use unbroken_adapters::Format;
use unbroken_adapters::b3::{self, B3, B3Error};
use unbroken_adapters::xray::{self, TraceHeader};

use super::checkpoints::{Said, Wrong, sent};
use super::keeps::{Case, keeps};
use crate::evidence::{Evidence, Reading};
use crate::route::Hop;
use crate::rules::{Authority, Level, Needs, Outcome, Rule};
use crate::story::{Ids, Story};

const B3_PROPAGATION: &str = "b3-propagation, \"Http Encodings\"";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "B3-001",
        title: "what is sent as the header b3 is one valid context",
        level: Level::Must,
        authority: Authority::Specification,
        source: "b3-propagation, \"Single Header\"",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| in_format(evidence, Format::B3, single),
    },
    Rule {
        id: "B3-002",
        title: "what is sent as the headers X-B3 is one valid context",
        level: Level::Must,
        authority: Authority::Specification,
        source: "b3-propagation, \"Multiple Headers\"",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| in_format(evidence, Format::B3Multi, multi),
    },
    Rule {
        id: "B3-003",
        title: "a trace that came in as B3 alone goes on where the route says child",
        level: Level::Must,
        authority: Authority::Specification,
        source: B3_PROPAGATION,
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| keeps(evidence, Case::B3),
    },
    Rule {
        id: "B3-004",
        title: "a context that is sent in several formats names one span",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry propagators API, composite propagator",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: agreed,
    },
    Rule {
        id: "B3-005",
        title: "of several contexts that came in, the format declared first counts",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry propagators API, composite propagator; the order is what the scenario declares",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| keeps(evidence, Case::OneOfSeveral),
    },
    Rule {
        id: "B3-006",
        title: "a format that is absent does not erase the context of another",
        level: Level::Must,
        authority: Authority::Specification,
        source: "OpenTelemetry propagators API, \"Extract\": if a value can not be parsed from the carrier, the \
                 implementation MUST NOT store a new value in the context, in order to preserve any previously \
                 existing valid value",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| keeps(evidence, Case::OthersAbsent),
    },
    Rule {
        id: "XRAY-001",
        title: "what is sent as X-Ray's header is one valid context",
        level: Level::Must,
        authority: Authority::Specification,
        source: "AWS X-Ray developer guide, \"Tracing header\"",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| in_format(evidence, Format::XRay, header),
    },
    Rule {
        id: "XRAY-002",
        title: "a trace that came in as X-Ray's alone goes on where the route says child",
        level: Level::Must,
        authority: Authority::Specification,
        source: "AWS X-Ray developer guide, \"Tracing header\"",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| keeps(evidence, Case::XRay),
    },
];

/// What those send who speak a format.
fn in_format(evidence: &Evidence, format: Format, check: fn(&Reading) -> Said) -> Vec<Outcome> {
    let formats = &evidence.request.formats;
    let due = |hop: &Hop| {
        let spoken = formats.get(&hop.from);
        spoken.is_some_and(|spoken| spoken.contains(&format))
    };
    sent(evidence, due, |_, reading| check(reading))
}

fn agreed(evidence: &Evidence) -> Vec<Outcome> {
    let formats = &evidence.request.formats;
    let due = |hop: &Hop| {
        let spoken = formats.get(&hop.from).into_iter().flatten();
        spoken.filter(|format| **format != Format::Baggage).count() > 1
    };
    sent(evidence, due, |_, reading| agree(evidence, reading))
}

fn single(reading: &Reading) -> Said {
    let values = reading.carrier.all(b3::SINGLE).map(|value| &**value);
    match B3::single(values) {
        Err(B3Error::Absent) => Said::Nothing,
        read => said(read, "b3"),
    }
}

fn multi(reading: &Reading) -> Said {
    if !Format::B3Multi.stands_on(&reading.carrier) {
        return Said::Nothing;
    }
    let first = |name: &str| reading.carrier.all(name).next().map(|value| &**value);
    said(B3::multi(first), "X-B3")
}

fn said(read: Result<B3, B3Error>, name: &str) -> Said {
    match read {
        Ok(_) => Said::Right,
        Err(why) => Said::Wrong(not_valid(name, &why.to_string())),
    }
}

fn not_valid(name: &str, why: &str) -> Wrong {
    Wrong {
        level: Level::Must,
        got: format!("one valid context as {name}"),
        made: format!("{name} that is not valid: {why}"),
        means: "nobody can go on with it",
    }
}

fn header(reading: &Reading) -> Said {
    let mut values = xray::values(&reading.carrier);
    let Some(first) = values.next() else {
        return Said::Nothing;
    };
    let why = match (
        str::from_utf8(first).map(TraceHeader::parse),
        values.count(),
    ) {
        (Ok(Ok(_)), 0) => return Said::Right,
        (Ok(Err(why)), _) => why.to_string(),
        (Err(_), _) => "not text".to_owned(),
        (_, more) => format!("{} values where one is allowed", more + 1),
    };
    Said::Wrong(not_valid("X-Amzn-Trace-Id", &why))
}

/// Two spans of one send, one below the other, lead to the same place whoever is followed: some
/// instrumentations make them, and inject one each.
fn agree(evidence: &Evidence, reading: &Reading) -> Said {
    let contexts = Format::ALL.into_iter().filter_map(|format| {
        let context = format.context(&reading.carrier)?;
        Some((format, (context.trace_id, context.parent_id)))
    });
    let contexts: Vec<_> = contexts.collect();
    let [(format, ids), others @ ..] = &contexts[..] else {
        return Said::Nothing;
    };
    let in_words = |format: &Format, ids: &Ids| format!("{}/{} as {format}", ids.0, ids.1);
    match others.iter().find(|(_, other)| other != ids) {
        _ if others.is_empty() => Said::Nothing,
        None => Said::Right,
        Some((other, their)) => Said::Wrong(Wrong {
            level: match is_one_line(&evidence.story, *ids, *their) {
                true => Level::Should,
                false => Level::Must,
            },
            got: "one span in every format".to_owned(),
            made: format!("{} and {}", in_words(format, ids), in_words(other, their)),
            means: "whom the receiver follows depends on what it speaks",
        }),
    }
}

/// Whether one of two spans hangs below the other.
fn is_one_line(story: &Story, one: Ids, other: Ids) -> bool {
    let (Some(one), Some(other)) = (story.find(one), story.find(other)) else {
        return false;
    };
    story.beneath([one]).contains(other) || story.beneath([other]).contains(one)
}
