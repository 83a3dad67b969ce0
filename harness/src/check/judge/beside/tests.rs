//! Every demand, against what keeps it, what breaks it, and what shows nothing.

use super::{Beside, Carrier, Format, Kept, Outcome, Trial, rule, winner, wrong_with};
use crate::check::case::Ids;
use crate::check::cases::cases;
use Format::{B3, B3Multi, TraceContext, XRay};

const TRACE: &str = "cafe0000000000000a0000000000000d";
const PARENT: &str = "b00000000000000e";
const OTHER: &str = "11111111111111111111111111111111";
const SPAN: &str = "2222222222222222";

/// What comes out of a demand where this was sent, this came, and everything is kept elsewhere.
fn ruled(what: Beside, sent: &[(&str, &str)], got: &[(&str, &str)]) -> Outcome {
    let formats = Format::ALL.to_vec();
    let kept = Kept {
        baggage: true,
        formats,
    };
    ruled_of(what, &kept, sent, got)
}

fn ruled_of(what: Beside, kept: &Kept, sent: &[(&str, &str)], got: &[(&str, &str)]) -> Outcome {
    let trial = Trial {
        case: cases().next().expect("there are cases"),
        ids: Ids {
            trace: TRACE.to_owned(),
            parent: PARENT.to_owned(),
            ..Ids::of(0, 0)
        },
        tried: None,
    };
    rule(what, &trial, kept, &of(sent), &of(got))
}

fn of(entries: &[(&str, &str)]) -> Carrier {
    let filled = |text: &str| {
        let (time, rest) = TRACE.split_at(8);
        let text = text.replace("ROOT", &format!("1-{time}-{rest}"));
        let text = text.replace("TRACE", TRACE).replace("PARENT", PARENT);
        text.replace("OTHER", OTHER).replace("SPAN", SPAN)
    };
    let entries = entries.iter();
    entries
        .map(|(name, value)| ((*name).to_owned(), filled(value)))
        .collect()
}

fn is_finding(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Finding { .. })
}

type Headers = &'static [(&'static str, &'static str)];

const SINGLE: Headers = &[("b3", "TRACE-PARENT-1")];
const DENIED: Headers = &[("b3", "TRACE-PARENT-0")];
const SHORT: Headers = &[("b3", "0a0000000000000d-PARENT-1")];
const W3C: Headers = &[("traceparent", "00-TRACE-SPAN-01")];
const ANEW: Headers = &[("traceparent", "00-OTHER-SPAN-01")];
const TWO: Headers = &[
    ("traceparent", "00-OTHER-PARENT-01"),
    ("b3", "TRACE-PARENT-1"),
];
const USER: Headers = &[("baggage", "user=alice;p=1,tenant=7")];
const TWICE: Headers = &[("baggage", "user=alice,user=bob")];

/// A demand, what is sent, what keeps it, and what breaks it.
#[rustfmt::skip]
const DEMANDS: &[(Beside, Headers, Headers, Headers)] = &[
    (Beside::Members, USER, &[("baggage", "tenant=7, user = %61lice")], &[("baggage", "user=bob,tenant=7")]),
    (Beside::MembersAsEver, USER, &[("baggage", "user=alice"), ("baggage", "tenant=7")], &[("baggage", "user=alice")]),
    (Beside::OneMember, TWICE, &[("baggage", "user=bob")], &[("baggage", "user=carol")]),
    (Beside::Properties, USER, &[("baggage", "user=alice;p=1")], &[("baggage", "user=alice,tenant=7")]),
    (Beside::Joins(B3), SINGLE, W3C, ANEW),
    (Beside::JoinsAsEver(B3), SHORT, &[("b3", "00000000000000000a0000000000000d-SPAN-1")], W3C),
    (Beside::Joins(XRay), &[("X-Amzn-Trace-Id", "Root=ROOT;Parent=PARENT;Sampled=1")], W3C, ANEW),
    // What we cannot read has the ids of its case.
    (Beside::JoinsAsEver(XRay), &[("X-Amzn-Trace-Id", "Root=ROOT")], W3C, ANEW),
    (Beside::Begins(B3), &[("b3", ".TRACE-PARENT-1")], ANEW, &[("x-amzn-trace-id", "Root=ROOT;Parent=SPAN;Sampled=1")]),
    (Beside::Begins(B3), &[("b3", "TRACE")], &[], &[("x-b3-parentspanid", "PARENT")]),
    (Beside::OwnSpan(B3), SINGLE, W3C, &[("traceparent", "00-TRACE-PARENT-01")]),
    (Beside::Sampled(B3, true), SINGLE, W3C, &[("traceparent", "00-TRACE-SPAN-00")]),
    (Beside::Sampled(B3, false), DENIED, &[("b3", "TRACE-SPAN-0")], W3C),
    (Beside::Denied(B3), &[("b3", "0")], &[("traceparent", "00-OTHER-SPAN-00")], ANEW),
    (Beside::Denied(B3), &[("b3", "0")], &[("b3", "0")], &[]),
    (Beside::Debug(B3), &[("b3", "TRACE-PARENT-d")], &[("b3", "TRACE-SPAN-d")], &[("b3", "TRACE-SPAN-1")]),
    (Beside::Debug(B3), &[("b3", "TRACE-PARENT-d")], &[("x-b3-traceid", "TRACE"), ("x-b3-spanid", "SPAN"), ("x-b3-flags", "1")], &[("b3", "TRACE-SPAN-1")]),
    (Beside::OneOf(TraceContext, B3), TWO, W3C, &[("traceparent", "00-3333333333333333333333333333333d-SPAN-01")]),
    // One for each reader is none for all.
    (Beside::OneOf(TraceContext, B3), TWO, ANEW, TWO),
    (Beside::First(B3, B3Multi), &[("b3", "TRACE-PARENT-1"), ("x-b3-traceid", "OTHER"), ("x-b3-spanid", "PARENT")], W3C, ANEW),
];

#[test]
fn every_demand_is_kept_by_one_call_and_broken_by_another() {
    for (what, sent, keeps, breaks) in DEMANDS {
        let kept = ruled(*what, sent, keeps);
        assert_eq!(kept, Outcome::Held, "{what:?} by {keeps:?}");
        let broken = ruled(*what, sent, breaks);
        assert!(is_finding(&broken), "{what:?} by {breaks:?}: {broken:?}");
    }
}

#[test]
fn what_is_kept_nowhere_shows_nothing() {
    let sent = &[("b3", "TRACE-PARENT-1"), ("baggage", "a=1")];
    for what in [
        Beside::MembersAsEver,
        Beside::OneMember,
        Beside::Properties,
        Beside::JoinsAsEver(Format::B3),
        Beside::Begins(Format::B3),
        Beside::OwnSpan(Format::B3),
        Beside::Sampled(Format::B3, true),
        Beside::Denied(Format::B3),
        Beside::Debug(Format::B3),
        Beside::OneOf(Format::B3, Format::XRay),
        Beside::First(Format::B3, Format::XRay),
    ] {
        let got = &[("traceparent", "00-OTHER-SPAN-01")];
        let outcome = ruled_of(what, &Kept::default(), sent, got);
        assert!(
            matches!(outcome, Outcome::NotShown(_)),
            "{what:?}: {outcome:?}"
        );
    }
}

#[test]
fn what_must_be_so_in_every_call_is_looked_for_in_each() {
    use Beside::{Agree, AlwaysBaggage, AlwaysIn};
    let asked = |what, sent: &[(&str, &str)], got: &[(&str, &str)]| {
        wrong_with(what, &of(sent), &of(got)).map(|said| said.is_ok())
    };
    let good: &[(Beside, &[(&str, &str)])] = &[
        (AlwaysBaggage, &[("baggage", "a=1;p, b=2")]),
        (AlwaysIn(Format::B3), &[("b3", "TRACE-SPAN-1")]),
        (AlwaysIn(Format::B3), &[("b3", "0")]),
        (
            AlwaysIn(Format::B3Multi),
            &[("X-B3-TraceId", "TRACE"), ("X-B3-SpanId", "SPAN")],
        ),
        (
            AlwaysIn(Format::XRay),
            &[("x-amzn-trace-id", "Root=ROOT;Parent=SPAN;Sampled=0")],
        ),
        (
            Agree,
            &[("b3", "TRACE-SPAN-1"), ("traceparent", "00-TRACE-SPAN-01")],
        ),
    ];
    let bad: &[(Beside, &[(&str, &str)])] = &[
        (AlwaysBaggage, &[("baggage", "a=1"), ("baggage", "b c=2")]),
        (AlwaysIn(Format::B3), &[("b3", "TRACE-SPAN-true")]),
        (
            AlwaysIn(Format::B3),
            &[("b3", "TRACE-SPAN-1"), ("b3", "TRACE-SPAN-1")],
        ),
        (AlwaysIn(Format::B3Multi), &[("X-B3-TraceId", "TRACE")]),
        (AlwaysIn(Format::XRay), &[("x-amzn-trace-id", "Root=ROOT")]),
        (
            AlwaysIn(Format::XRay),
            &[
                ("x-amzn-trace-id", "Root=ROOT;Parent=SPAN;Sampled=0"),
                ("x-amzn-trace-id", ""),
            ],
        ),
        (
            Agree,
            &[
                ("b3", "TRACE-SPAN-1"),
                ("traceparent", "00-TRACE-PARENT-01"),
            ],
        ),
        (
            Agree,
            &[("b3", "TRACE-SPAN-1"), ("traceparent", "00-OTHER-SPAN-01")],
        ),
    ];
    for (what, got) in good {
        assert_eq!(asked(*what, &[], got), Some(true), "{what:?} {got:?}");
    }
    for (what, got) in bad {
        assert_eq!(asked(*what, &[], got), Some(false), "{what:?} {got:?}");
    }
    // Of one format there is nothing to agree with, and of none nothing to say.
    assert_eq!(asked(Agree, &[], &[("b3", "TRACE-SPAN-1")]), None);
    assert_eq!(
        asked(AlwaysIn(Format::B3), &[], &[("traceparent", "x")]),
        None
    );
    // Who is sent what is malformed may hand it on.
    let malformed = &[("baggage", "a b=1")];
    assert_eq!(asked(AlwaysBaggage, malformed, malformed), None);
}

#[test]
fn the_winner_is_the_one_whose_trace_goes_on_in_every_format() {
    let sent = of(&[
        ("traceparent", "00-TRACE-PARENT-01"),
        ("b3", "OTHER-PARENT-1"),
    ]);
    let wins = |got: &[(&str, &str)]| winner(Format::TraceContext, Format::B3, &sent, &of(got));
    assert_eq!(wins(&[("b3", "TRACE-SPAN-1")]), Some(Format::TraceContext));
    assert_eq!(
        wins(&[("traceparent", "00-OTHER-SPAN-01")]),
        Some(Format::B3)
    );
    let each = [("traceparent", "00-TRACE-SPAN-01"), ("b3", "OTHER-SPAN-1")];
    assert_eq!(wins(&each), None);
    assert_eq!(wins(&[]), None);
}
