//! Baggage: what the application wants to be known everywhere.

use std::collections::BTreeSet;

use unbroken_adapters::Format;
use unbroken_adapters::w3c::{BAGGAGE, BaggageError, Member, parse_baggage};

use super::checkpoints::{Clause, Said, Wrong, follow, shortened};
use super::keeps::{Case, keeps};
use crate::evidence::{Evidence, Got, Passage, Reading};
use crate::rules::{Authority, Capability, Level, Needs, Outcome, Rule};

/// Beyond these, a loss is that of somebody with a limit of his own.
const MANY: usize = 32;
const LARGE: usize = 4096;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "BAG-001",
        title: "the members of the baggage go on",
        level: Level::Must,
        authority: Authority::Specification,
        source: "W3C Baggage, \"Limits\": all of up to 64 members and 8192 bytes a platform MUST propagate; \
                 \"Mutating baggage\": to delete one on purpose is permitted, and not what a route declares",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| members_go_on(evidence, |got| case(got) == Some(Kind::Plain)),
    },
    Rule {
        id: "BAG-002",
        title: "of several baggage headers, the members of all go on",
        level: Level::Must,
        authority: Authority::Specification,
        source: "W3C Baggage, \"Baggage HTTP header format\": multiple baggage headers are allowed, and can be \
                 combined",
        evidence: &[Needs::Wire],
        capabilities: &[Capability::RepeatedNames],
        check: |evidence| members_go_on(evidence, |got| case(got) == Some(Kind::SeveralHeaders)),
    },
    Rule {
        id: "BAG-003",
        title: "the value of a member comes out as it went in, however it is encoded",
        level: Level::Must,
        authority: Authority::Convention,
        source: "W3C Baggage, \"value\": percent-encoded UTF-8; \"Mutating baggage\" permits to update a value on \
                 purpose",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| follow(evidence, &of_each_member(same_values)),
    },
    Rule {
        id: "BAG-004",
        title: "the properties of a member go on with it",
        level: Level::Should,
        authority: Authority::Specification,
        source: "W3C Baggage, \"property\": additional metadata, opaque to the specification",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| follow(evidence, &of_each_member(same_properties)),
    },
    Rule {
        id: "BAG-005",
        title: "sixty-four members go on",
        level: Level::Must,
        authority: Authority::Specification,
        source: "W3C Baggage, \"Limits\": a platform MUST propagate at least 64 members",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| members_go_on(evidence, |got| case(got) == Some(Kind::Many)),
    },
    Rule {
        id: "BAG-006",
        title: "eight kibibytes of baggage go on",
        level: Level::Must,
        authority: Authority::Specification,
        source: "W3C Baggage, \"Limits\": a platform MUST propagate at least 8192 bytes",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| members_go_on(evidence, |got| case(got) == Some(Kind::Large)),
    },
    Rule {
        id: "BAG-007",
        title: "malformed baggage does not cut the trace",
        level: Level::Must,
        authority: Authority::Derived,
        source: "W3C Baggage, \"Relationship to Trace Context\": baggage and Trace Context are independent; an \
                 entry that is malformed MAY be removed",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| keeps(evidence, Case::MalformedBaggage),
    },
    Rule {
        id: "BAG-008",
        title: "what is sent as baggage is baggage",
        level: Level::Must,
        authority: Authority::Specification,
        source: "W3C Baggage, \"Definition\"",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| {
            let clause = Clause {
                format: None,
                of_the_trace: false,
                applies: |got| parse_baggage(got.values(BAGGAGE)).is_ok(),
                check: |_, got, passage, _| is_well_formed(got, passage),
            };
            follow(evidence, &clause)
        },
    },
];

/// What there is to be seen of a list as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    SeveralHeaders,
    Many,
    Large,
}

/// None of a list that is empty, not valid, or beyond what everybody must hand on.
fn case(got: &Got<'_>) -> Option<Kind> {
    let values = got.values(BAGGAGE);
    let members = parse_baggage(values.iter().copied()).ok()?.len();
    let said = values.iter().filter(|value| !value.trim_ascii().is_empty());
    let bytes: usize = values.iter().map(|value| value.len()).sum();
    match (members, said.count()) {
        (0, _) => None,
        (_, 2..) => Some(Kind::SeveralHeaders),
        (MANY.., _) => Some(Kind::Many),
        _ if bytes > LARGE => Some(Kind::Large),
        _ => Some(Kind::Plain),
    }
}

fn members_go_on(evidence: &Evidence, applies: fn(&Got<'_>) -> bool) -> Vec<Outcome> {
    let clause = Clause {
        format: Some(Format::Baggage),
        of_the_trace: false,
        applies,
        check: |_, got, passage, _| {
            let (was, is) = (came(got), made(passage.made));
            let is_there = |member: &Member| is.iter().any(|other| other.key == member.key);
            match was.iter().all(is_there) {
                true => Said::Right,
                false => wrong(&was, &is, Level::Must, "it does not carry the baggage on"),
            }
        },
    };
    follow(evidence, &clause)
}

type Check = fn(&Evidence, &Got<'_>, &Passage<'_>, &crate::route::Hop) -> Said;

/// Of members that are lost there is nothing to say.
fn of_each_member(check: Check) -> Clause {
    Clause {
        format: Some(Format::Baggage),
        of_the_trace: false,
        applies: |got| !came(got).is_empty(),
        check,
    }
}

fn same_values(_: &Evidence, got: &Got<'_>, passage: &Passage<'_>, _: &crate::route::Hop) -> Said {
    let (was, is) = (came(got), made(passage.made));
    let keys: BTreeSet<_> = was.iter().map(|member| &member.key).collect();
    let mut kept = keys
        .into_iter()
        .filter(|key| is.iter().any(|other| other.key == **key))
        .peekable();
    if kept.peek().is_none() {
        return Said::Nothing;
    }
    // Which of several of one key is kept is for everybody to decide.
    let is_same = |key: &String| {
        let values = was.iter().filter(|member| member.key == *key);
        let mut others = is.iter().filter(|member| member.key == *key);
        let values: BTreeSet<_> = values.map(|member| &member.value).collect();
        others.any(|other| values.contains(&other.value))
    };
    match kept.all(is_same) {
        true => Said::Right,
        false => wrong(&was, &is, Level::Must, "it reads or writes a value wrongly"),
    }
}

fn same_properties(
    _: &Evidence,
    got: &Got<'_>,
    passage: &Passage<'_>,
    _: &crate::route::Hop,
) -> Said {
    let (was, is) = (came(got), made(passage.made));
    let mut decorated = was
        .iter()
        .filter(|member| !member.properties.is_empty())
        .filter_map(|member| {
            let mut others = is
                .iter()
                .filter(|other| other.key == member.key && other.value == member.value)
                .peekable();
            others.peek()?;
            Some(others.any(|other| other.properties == member.properties))
        })
        .peekable();
    if decorated.peek().is_none() {
        return Said::Nothing;
    }
    match decorated.all(|kept| kept) {
        true => Said::Right,
        false => wrong(
            &was,
            &is,
            Level::Should,
            "it drops what is appended to a value",
        ),
    }
}

fn is_well_formed(got: &Got<'_>, passage: &Passage<'_>) -> Said {
    let mut values = passage.made.carrier.all(BAGGAGE).peekable();
    if values.peek().is_none() {
        return Said::Nothing;
    }
    match parse_baggage(values.map(|value| &**value)) {
        // These are the least that everybody must hand on, and no more may be said.
        Ok(_) | Err(BaggageError::TooMany(_) | BaggageError::TooLong(_)) => Said::Right,
        Err(why) => Said::Wrong(Wrong {
            level: Level::Must,
            got: in_words(&came(got)),
            made: shortened(&format!("baggage that is not valid: {why}")),
            means: "it writes what nobody need read",
        }),
    }
}

fn came(got: &Got<'_>) -> Vec<Member> {
    parse_baggage(got.values(BAGGAGE)).unwrap_or_default()
}

fn made(reading: &Reading) -> Vec<Member> {
    let values = reading.carrier.all(BAGGAGE);
    parse_baggage(values.map(|value| &**value)).unwrap_or_default()
}

fn wrong(was: &[Member], is: &[Member], level: Level, means: &'static str) -> Said {
    Said::Wrong(Wrong {
        level,
        got: in_words(was),
        made: in_words(is),
        means,
    })
}

/// Of a long list, how it begins.
fn in_words(members: &[Member]) -> String {
    const SHOWN: usize = 4;
    if members.is_empty() {
        return "no baggage".to_owned();
    }
    let shown: Vec<_> = members.iter().take(SHOWN).map(Member::to_string).collect();
    let more = match members.len().checked_sub(SHOWN + 1) {
        None => String::new(),
        Some(more) => format!(",… ({} more)", more + 1),
    };
    format!("baggage {}{more}", shortened(&shown.join(",")))
}
