//! What is said of spans, story by story.
//!
//! A story is a line for each call on the wire, `wire sent/3`, or `b3 sent/3` in that format, and one for each span, `3 client sent ^2`: its id,
//! its kind and its trace; behind that, in any order, its parent `^2`, its links `~a/1`, or `~a/1:01` with flags, `state=foo=1`, `flags=03`,
//! and `@`, if its attributes speak of the case. `answers 500` is what the service said in the end. `sent` is what was sent, `cut` and `padded` are what may become of
//! ids of 31 or 15 digits, and any letter is a trace of the service's own.

use std::sync::Arc;

use opentelemetry::{SpanId, TraceId};
use unbroken_adapters::Relation;

use super::Spans;
use crate::check::case::Ids;
use crate::check::cases::{KEEPS, KEEPS_STATE, KEEPS_TRACE, cases};
use crate::check::drive::Seen;
use crate::check::exchange::Answer;
use crate::check::judge::{Judged, Judgement, Outcome, Terms, Trial, hear};
use crate::check::probe::Call;
use crate::collector::Store;
use crate::span::{Dropped, Link, Span, SpanKind, Status};

const RUN: u64 = 0x1234_5678_9abc_def0;

/// What came of a case, where a trace and a tracestate are kept as they should be in others.
struct Told {
    trial: Trial,
    spans: Vec<Span>,
}

fn told(place: usize, id: &str, story: &str) -> Told {
    let case = cases().find(|case| case.id == id).expect("a case");
    let ids = Ids::of(RUN, place);
    let mut exchange = case.exchange(&ids).expect("it sends something");
    exchange.calls = 0;
    let (mut calls, mut spans) = (Vec::new(), Vec::new());
    let mut code = 200;
    for line in story.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<_> = line.split_whitespace().collect();
        match *words {
            ["answers", status] => code = status.parse().expect("a status"),
            ["b3", context] => {
                let (trace, span) = named(context, &ids);
                calls.push(vec![call("b3", format!("{trace}-{span}-1"))]);
            }
            ["wire", context, ref flags @ ..] => {
                let (trace, span) = named(context, &ids);
                let flags = flags.first().unwrap_or(&"01");
                calls.push(vec![call(
                    "traceparent",
                    format!("00-{trace}-{span}-{flags}"),
                )]);
            }
            [id, kind, trace, ref more @ ..] => spans.push(span(id, kind, trace, more, &ids)),
            _ => panic!("{line:?}"),
        }
    }
    let seen = Seen {
        answer: Answer::Status {
            code,
            body: String::new(),
        },
        in_time: vec![1; calls.len()],
        calls,
    };
    let tried = Some((exchange, seen));
    Told {
        trial: Trial { case, ids, tried },
        spans,
    }
}

fn call(name: &str, value: String) -> Call {
    Call {
        headers: vec![(name.to_owned(), value.into_bytes())],
        is_post_of_json: true,
    }
}

fn named(context: &str, ids: &Ids) -> (TraceId, SpanId) {
    match context.split_once('/') {
        Some((trace, span)) => (trace_id(trace, ids), span_id(span, ids)),
        None => (trace_id(context, ids), span_id(context, ids)),
    }
}

fn trace_id(word: &str, ids: &Ids) -> TraceId {
    let hex = match word {
        "sent" => ids.trace.clone(),
        // As a format has it that knows 64 bits alone.
        "half" => format!("{:0>32}", &ids.trace[16..]),
        "cut" => format!("0{}", &ids.trace[..31]),
        "padded" => format!("{}0", &ids.trace[..31]),
        // Each case has its own.
        own => format!("{:0<16}{:016x}", hex(own), ids.token.hop),
    };
    TraceId::from_hex(&hex).expect("an id")
}

fn span_id(word: &str, ids: &Ids) -> SpanId {
    let hex = match word {
        "sent" => ids.parent.clone(),
        "cut" => format!("0{}", &ids.parent[..15]),
        "padded" => format!("{}0", &ids.parent[..15]),
        own => format!("{own:0>16}"),
    };
    SpanId::from_hex(&hex).expect("an id")
}

fn hex(own: &str) -> String {
    own.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn span(id: &str, kind: &str, trace: &str, more: &[&str], ids: &Ids) -> Span {
    let mut span = Span {
        trace_id: trace_id(trace, ids),
        span_id: span_id(id, ids),
        parent: None,
        parent_is_remote: None,
        trace_flags: None,
        trace_state: "".into(),
        kind: match kind {
            "server" => SpanKind::Server,
            "client" => SpanKind::Client,
            "consumer" => SpanKind::Consumer,
            "internal" => SpanKind::Internal,
            other => panic!("{other:?} is no kind"),
        },
        name: id.into(),
        start: 0,
        end: 0,
        attributes: Vec::new(),
        links: Vec::new(),
        malformed_links: None,
        status: Status::Unset,
        dropped: Dropped::default(),
        hops: Vec::new(),
        origin: Arc::default(),
    };
    for word in more {
        if let Some(parent) = word.strip_prefix('^') {
            span.parent = Some(span_id(parent, ids));
        } else if let Some(context) = word.strip_prefix('~') {
            let (context, flags) = context.split_once(':').unwrap_or((context, ""));
            let (trace_id, span_id) = named(context, ids);
            span.links.push(Link {
                trace_id,
                span_id,
                trace_state: "".into(),
                trace_flags: u8::from_str_radix(flags, 16).ok(),
                is_remote: None,
                attributes: Vec::new(),
            });
        } else if let Some(state) = word.strip_prefix("state=") {
            span.trace_state = state.into();
        } else if let Some(flags) = word.strip_prefix("flags=") {
            span.trace_flags = u8::from_str_radix(flags, 16).ok();
        } else {
            assert_eq!(*word, "@");
            span.hops.push(ids.token);
        }
    }
    span
}

/// The cases beside it, by which one knows what is kept.
const KEPT: usize = 2 + KEEPS.len();

/// What is there of a case, beside others that are right by this relation.
fn look(relation: Relation, id: &str, story: &str) -> (Vec<Trial>, Spans) {
    let right = match relation {
        Relation::Link => "1 server a ~sent state=foo=1,bar=2",
        Relation::ChildAndLink => "1 server sent ^sent ~sent state=foo=1,bar=2",
        _ => "1 server sent ^sent state=foo=1,bar=2",
    };
    let others = KEEPS.map(|(_, id)| id);
    let kept = [KEEPS_TRACE, KEEPS_STATE].into_iter().chain(others);
    let kept = kept.enumerate().map(|(place, id)| told(place, id, right));
    let all: Vec<_> = kept.chain([told(KEPT, id, story)]).collect();
    let collector = Store::new();
    let (mut trials, mut spans) = (Vec::new(), Vec::new());
    for told in all {
        trials.push(told.trial);
        spans.extend(told.spans.into_iter().map(Ok));
    }
    let before = collector.counts();
    collector.append(spans);
    let spans = Spans::look(&collector, &trials, &before);
    (trials, spans)
}

/// What is ruled on a case by its spans, and of whether they agree, without what holds.
fn said(relation: Relation, id: &str, story: &str) -> Vec<String> {
    let (trials, spans) = look(relation, id, story);
    let terms = Terms {
        spec: 2,
        strict: 2,
        by_convention: false,
        relation,
    };
    let mut judged = Judged {
        rulings: vec![Vec::new(); trials.len()],
        relation,
    };
    hear(&spans, &trials, &terms, &mut judged);
    let of_others = judged.rulings[..KEPT].iter().flatten();
    for ruling in of_others {
        assert_eq!(ruling.outcome, Outcome::Held, "{ruling:?}");
    }
    let rulings = judged.rulings[KEPT].iter();
    let said = rulings.filter_map(|ruling| {
        let what = format!("{:?}", ruling.demand.what);
        let what = what.split('(').next().unwrap_or_default().to_owned();
        let by = match ruling.by {
            Judgement::Agree => "agree: ",
            _ => "",
        };
        match &ruling.outcome {
            Outcome::Held => None,
            Outcome::Finding { .. } => Some(format!("{by}{what}")),
            Outcome::NotShown(_) => Some(format!("{by}{what}?")),
        }
    });
    said.collect()
}

fn child(id: &str, story: &str) -> Vec<String> {
    said(Relation::Child, id, story)
}

fn link(id: &str, story: &str) -> Vec<String> {
    said(Relation::Link, id, story)
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_trace_is_kept_by_a_child_of_what_was_sent_and_by_nothing_else() {
    let keep = |span: &str| {
        child(
            "WIRE-002",
            &format!("wire sent/3\n3 client sent ^2\n{span}"),
        )
    };
    assert_eq!(keep("2 server sent ^sent"), NOTHING);
    assert_eq!(keep("2 server sent ^sent ~sent"), NOTHING);
    for wrong in ["2 server sent ^9", "2 server sent", "2 server sent ~sent"] {
        assert_eq!(keep(wrong), ["Keep"], "{wrong}");
    }
    assert_eq!(
        child("WIRE-002", "wire a/3\n3 client a ^2\n2 server a ^sent"),
        ["Keep"]
    );
}

#[test]
fn over_a_link_the_span_links_to_what_was_sent_from_a_trace_of_its_own() {
    let linked = |span: &str| link("WIRE-002", &format!("wire a/3\n3 client a ^2\n{span}"));
    assert_eq!(linked("2 consumer a ~sent"), NOTHING);
    // The process spans of a batch hang under the span that received it.
    assert_eq!(linked("2 consumer a ^1 ~sent\n1 consumer a"), NOTHING);
    for wrong in [
        "2 consumer a",
        "2 consumer a ~sent/9",
        "2 consumer a ~b/sent",
    ] {
        assert_eq!(linked(wrong), ["Linked"], "{wrong}");
    }
    let in_the_trace = |span: &str| {
        link(
            "WIRE-002",
            &format!("wire sent/3\n3 client sent ^2\n{span}"),
        )
    };
    assert_eq!(in_the_trace("2 consumer sent ^sent ~sent"), ["Linked"]);
    assert_eq!(in_the_trace("2 consumer sent ~sent"), ["Linked"]);
}

#[test]
fn child_and_link_is_both_and_either_is_any() {
    for (span, both, any) in [
        ("2 server sent ^sent ~sent", true, true),
        ("2 server sent ^sent", false, true),
        ("2 server a ~sent", false, true),
        ("2 server a @", false, false),
    ] {
        let keep = |is: bool| if is { vec![] } else { vec!["Keep"] };
        assert_eq!(
            said(Relation::ChildAndLink, "WIRE-002", span),
            keep(both),
            "{span}"
        );
        assert_eq!(
            said(Relation::Either, "WIRE-002", span),
            keep(any),
            "{span}"
        );
    }
}

#[test]
fn what_is_due_to_be_new_has_nothing_of_what_was_sent_be_it_cut_or_padded() {
    let new = |span: &str| child("WIRE-010e", &format!("wire a/3\n3 client a ^2 @\n{span}"));
    assert_eq!(new("2 server a"), NOTHING);
    for wrong in [
        "2 server a ~sent",
        "2 server a ~cut/9",
        "2 server a ~b/padded",
        "2 server a ^9",
        "2 server a ^cut",
    ] {
        assert_eq!(new(wrong), ["New"], "{wrong}");
    }
    for trace in ["sent", "cut", "padded"] {
        let story = format!("wire {trace}/3\n3 client {trace} ^2\n2 server {trace}");
        assert_eq!(child("WIRE-010e", &story), ["New"], "{trace}");
    }
}

#[test]
fn a_new_trace_may_begin_with_another_span_of_the_service() {
    let story = "wire a/3\n3 client a ^2\n2 consumer a ^1\n1 internal a";
    assert_eq!(child("WIRE-010e", story), NOTHING);
    for wrong in ["1 internal a ^cut", "1 internal a ~sent"] {
        let story = format!("wire a/3\n3 client a ^2\n2 consumer a ^1\n{wrong}");
        assert_eq!(child("WIRE-010e", &story), ["New"], "{wrong}");
    }
}

#[test]
fn of_servers_one_under_the_other_the_first_is_asked() {
    let story = "wire sent/4\n4 client sent ^3\n3 server sent ^2\n2 server sent ^sent";
    assert_eq!(child("WIRE-002", story), NOTHING);
    let story = "wire a/4\n4 client a ^3\n3 server a ^2\n2 server a @";
    assert_eq!(child("WIRE-002", story), ["Keep"]);
    // What the second adds is its own affair.
    let story = "wire a/4\n4 client a ^3\n3 server a ^2 state=foo=1\n2 server a";
    assert_eq!(child("STATE-001a", story), NOTHING);
}

#[test]
fn where_no_server_is_instrumented_the_call_itself_is_asked() {
    assert_eq!(
        child("WIRE-002", "wire sent/3\n3 client sent ^sent"),
        NOTHING
    );
    assert_eq!(child("WIRE-002", "wire a/3\n3 client a"), ["Keep"]);
}

#[test]
fn without_a_call_the_span_is_found_by_what_was_sent_or_by_the_name_of_the_case() {
    assert_eq!(child("WIRE-002", "2 server sent ^sent"), NOTHING);
    assert_eq!(child("WIRE-002", "2 server a @"), ["Keep"]);
    assert_eq!(
        child("WIRE-002", "2 server a"),
        ["Keep?"],
        "it may be anybody's"
    );
    assert_eq!(child("WIRE-010e", "2 server a @"), NOTHING);
    assert_eq!(child("WIRE-010e", "2 server cut"), ["New?"]);
}

#[test]
fn a_context_that_names_no_span_is_not_agreed_upon() {
    let story = "wire sent/9\n2 server sent ^sent";
    assert_eq!(child("WIRE-002", story), ["agree: Exported"]);
    let copied = "wire sent/sent\n2 server sent ^sent";
    assert_eq!(child("WIRE-002", copied), ["agree: Exported"]);
}

#[test]
fn a_call_that_hangs_elsewhere_is_another_story() {
    let story = "wire a/3\n3 client a\n2 server sent ^sent";
    assert_eq!(child("WIRE-002", story), ["agree: OneStory"]);
    let beside = "wire sent/3\n3 client sent ^9\n2 server sent ^sent";
    assert_eq!(child("WIRE-002", beside), ["agree: OneStory"]);
    let both = "wire sent/9\n2 server a @";
    assert_eq!(
        child("WIRE-002", both),
        ["Keep", "agree: Exported", "agree: OneStory"]
    );
}

#[test]
fn every_call_must_be_right() {
    let right = "2 server sent ^sent\n3 client sent ^2\n4 client sent ^2\nwire sent/3\nwire sent/4";
    assert_eq!(child("WIRE-018a", right), NOTHING);
    let one_is_wrong = "2 server sent ^sent\n3 client sent ^2\n4 client a\nwire sent/3\nwire a/4";
    assert_eq!(child("WIRE-018a", one_is_wrong), ["agree: OneStory"]);
}

#[test]
fn who_fails_and_has_called_is_judged_and_who_fails_without_is_not() {
    let called = "answers 500\nwire sent/3\n3 client sent ^2\n2 server sent";
    assert_eq!(child("WIRE-002", called), ["Keep"]);
    assert_eq!(child("WIRE-002", "answers 500"), NOTHING);
}

#[test]
fn what_is_not_sampled_is_not_judged_by_spans() {
    assert_eq!(child("WIRE-022b", "wire sent/9 00"), NOTHING);
    // Whatever becomes of it.
    assert_eq!(child("WIRE-022b", "wire a/3 01\n3 client a"), NOTHING);
    assert_eq!(child("WIRE-002", "wire sent/9 00"), NOTHING);
}

#[test]
fn what_a_span_says_of_flags_is_judged_where_it_says_it() {
    assert_eq!(child("WIRE-022c", "2 server sent ^sent flags=03"), NOTHING);
    assert_eq!(
        child("WIRE-022c", "2 server sent ^sent flags=01"),
        ["Random"]
    );
    assert_eq!(child("WIRE-022c", "2 server sent ^sent"), ["Random?"]);
    assert_eq!(
        child("WIRE-022f", "2 server sent ^sent flags=ff"),
        ["KnownFlags"]
    );
    // A link holds what was sent, as it was.
    assert_eq!(link("WIRE-022f", "2 consumer a ~sent:ff"), NOTHING);
}

#[test]
fn what_a_span_says_of_the_tracestate_is_judged_like_the_wire() {
    let state = |state: &str| child("STATE-002b", &format!("2 server sent ^sent {state}"));
    assert_eq!(state("state=z=1,m=2,a=3"), NOTHING);
    assert_eq!(state("state=own=1,z=1,m=2,a=3"), NOTHING);
    assert_eq!(state("state=z=1,m=2"), ["Inherited"]);
    assert_eq!(state("state=a=3,m=2,z=1"), ["InOrder"]);
    assert_eq!(state(""), ["Inherited"]);
    assert_eq!(child("STATE-001a", "2 server a @"), NOTHING);
    assert_eq!(child("STATE-001a", "2 server a @ state=foo=1"), ["Without"]);
}

#[test]
fn a_context_in_another_format_is_kept_by_the_same_tie() {
    let b3 = |id: &str, span: &str| child(id, &format!("b3 sent/3\n3 client sent ^2\n{span}"));
    assert_eq!(b3("B3-003a", "2 server sent ^sent"), NOTHING);
    assert_eq!(b3("B3-003a", "2 server sent ^9"), ["Beside"]);
    assert_eq!(
        child("B3-003a", "b3 sent/9\n2 server sent ^sent"),
        ["agree: Exported"]
    );
    // The other format of the same case names the span as well.
    assert_eq!(
        child("B3-003a", "wire sent/9\n2 server sent ^sent"),
        ["agree: Exported"]
    );
    assert_eq!(
        child(
            "B3-003e",
            "b3 half/3\n3 client half ^2\n2 server half ^sent"
        ),
        NOTHING
    );
    assert_eq!(
        child("B3-003e", "b3 a/3\n3 client a ^2\n2 server a"),
        ["Beside"]
    );
}

#[test]
fn what_is_not_valid_in_another_format_begins_a_trace() {
    let begins = |trace: &str| {
        let story = format!("b3 {trace}/3\n3 client {trace} ^2\n2 server {trace}");
        child("B3-008e", &story)
    };
    assert_eq!(begins("a"), NOTHING);
    assert_eq!(begins("cut"), ["Beside"]);
}

#[test]
fn what_nobody_is_to_sample_is_that_in_every_format() {
    for id in ["B3-007b", "B3-007d", "B3-007f", "B3-007h"] {
        assert_eq!(child(id, ""), NOTHING, "{id}");
        assert!(look(Relation::Child, id, "").1.is_whole(), "{id}");
    }
    // Who leaves it open leaves it to the service.
    assert!(!look(Relation::Child, "B3-003g", "").1.is_whole());
}

#[test]
fn parents_that_go_round_in_a_circle_end() {
    let story = "wire sent/3\n3 client sent ^4\n4 server sent ^3";
    assert_eq!(child("WIRE-002", story), ["Keep"]);
}

#[test]
fn what_is_waited_for_is_the_way_from_every_call_to_the_entry() {
    let is_whole = |id: &str, story: &str| look(Relation::Child, id, story).1.is_whole();
    for (id, story) in [
        (
            "WIRE-002",
            "wire sent/3\n3 client sent ^2\n2 server sent ^sent",
        ),
        ("WIRE-010e", "wire a/3\n3 client a ^2\n2 server a"),
        (
            "WIRE-010e",
            "wire cut/3\n3 client cut ^2\n2 server cut ^cut",
        ),
        ("WIRE-002", "2 server sent ^sent"),
        ("WIRE-022b", "wire sent/3 00"),
    ] {
        assert!(is_whole(id, story), "{id}: {story}");
    }
    for (id, story) in [
        ("WIRE-002", "wire sent/3"),
        ("WIRE-002", "wire sent/3\n3 client sent ^2"),
        ("WIRE-002", "wire sent/3\n2 server sent ^sent"),
        (
            "WIRE-018a",
            "wire sent/3\nwire sent/4\n3 client sent ^2\n2 server sent ^sent",
        ),
        ("WIRE-002", ""),
    ] {
        assert!(!is_whole(id, story), "{id}: {story}");
    }
}
