//! The trace state: what vendors add to a context, and must find again.

use unbroken_adapters::Format;
use unbroken_adapters::w3c::{TRACESTATE, parse_tracestate};

use super::checkpoints::{Clause, Said, Wrong, follow, sent, shortened};
use crate::evidence::{Evidence, Got, Passage};
use crate::route::Hop;
use crate::rules::{Authority, Level, Needs, Rule};

/// Of a list that is full, the last give way to those that are added.
const MOST_MEMBERS: usize = 32;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "STATE-002",
        title: "the trace state goes on, in order",
        level: Level::Must,
        authority: Authority::Specification,
        source: "Trace Context level 2, §3.5 Mutating the tracestate field: it MUST be sent to \
                 outgoing requests, keys of others SHOULD NOT be deleted, the order of what is \
                 unmodified MUST be preserved, and what is modified MUST be moved to the beginning",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| {
            let clause = Clause {
                format: Some(Format::TraceContext),
                of_the_trace: true,
                applies: |got| got.is_sampled() == Some(true) && has_members(got),
                check: |_, got, passage, _| kept(got, passage, Level::Should),
            };
            follow(evidence, &clause)
        },
    },
    Rule {
        id: "STATE-016",
        title: "the trace state of what is not sampled goes on as well",
        level: Level::Must,
        authority: Authority::Specification,
        source: "Trace Context level 2, §3.5 Mutating the tracestate field; nothing there depends \
                 on the sampled flag",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| {
            let clause = Clause {
                format: Some(Format::TraceContext),
                of_the_trace: true,
                applies: |got| got.is_sampled() == Some(false) && has_members(got),
                check: |_, got, passage, _| kept(got, passage, Level::Must),
            };
            follow(evidence, &clause)
        },
    },
    Rule {
        id: "STATE-017",
        title: "no empty trace state is sent",
        level: Level::Must,
        authority: Authority::Specification,
        source: "Trace Context level 2, \"tracestate Header Field Values\": vendors MUST accept empty tracestate headers but \
                 SHOULD avoid sending them; where a carrier cannot hold an empty value the send \
                 fails",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: none_is_empty,
    },
];

fn members<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<(&'a str, &'a str)> {
    parse_tracestate(values).unwrap_or_default()
}

fn has_members(got: &Got<'_>) -> bool {
    !members(got.values(TRACESTATE)).is_empty()
}

/// Whether every member is there: those that nobody updated in the same order, behind those that
/// somebody did, as each may with its own. `lost` is how bad it is if one is not.
fn kept(got: &Got<'_>, passage: &Passage<'_>, lost: Level) -> Said {
    let was = members(got.values(TRACESTATE));
    let values = passage.made.carrier.all(TRACESTATE);
    let is = parse_tracestate(values.map(|value| &**value));
    let wrong = |level, means| {
        Said::Wrong(Wrong {
            level,
            got: in_words(&was),
            made: match &is {
                Ok(members) => in_words(members),
                Err(why) => shortened(&format!("a tracestate that is not valid: {why}")),
            },
            means,
        })
    };
    let found = is.as_deref().unwrap_or_default();
    let (mut updated, mut places) = (Vec::new(), Vec::new());
    for (key, value) in &was {
        match found.iter().position(|(other, _)| other == key) {
            Some(place) if found[place].1 != *value => updated.push(place),
            place => places.push(place),
        }
    }
    let kept: Vec<_> = places.iter().flatten().collect();
    if !kept.is_sorted() {
        return wrong(Level::Must, "the order is not kept");
    }
    if let Some(first) = kept.first()
        && updated.iter().any(|place| place > first)
    {
        return wrong(Level::Must, "a member that is updated moves to the front");
    }
    let pushed_out =
        found.len() == MOST_MEMBERS && places[..kept.len()].iter().all(Option::is_some);
    match kept.len() == places.len() || pushed_out {
        true => Said::Right,
        false => wrong(lost, "it does not carry the trace state on"),
    }
}

fn in_words(members: &[(&str, &str)]) -> String {
    if members.is_empty() {
        return "no tracestate".to_owned();
    }
    let members = members.iter().map(|(key, value)| format!("{key}={value}"));
    let members = members.collect::<Vec<_>>().join(",");
    format!("tracestate {}", shortened(&members))
}

fn none_is_empty(evidence: &Evidence) -> Vec<crate::rules::Outcome> {
    let due = |_: &Hop| !evidence.request.luggage.trace_state.is_empty();
    sent(evidence, due, |hop, reading| {
        let mut values = reading.carrier.all(TRACESTATE).peekable();
        if values.peek().is_none() {
            return Said::Nothing;
        }
        if values.all(|value| !value.trim_ascii().is_empty()) {
            return Said::Right;
        }
        let over = evidence.route.hops()[hop].over;
        let (level, means) = match over.capabilities.empty_values {
            true => (Level::Should, "where there is none, none is to be sent"),
            false => (
                Level::Must,
                "the carrier cannot hold it, and the send fails",
            ),
        };
        Said::Wrong(Wrong {
            level,
            got: "a tracestate with members, or none".to_owned(),
            made: "an empty tracestate".to_owned(),
            means,
        })
    })
}
