//! What travels beside the ids. No span is needed to tell of it.

pub(super) mod baggage;
pub(super) mod flags;
pub(super) mod formats;
pub(super) mod wire;

use super::Case;
use crate::rules::carried::{self, Item};
use crate::rules::{catalogue, judge};
use crate::testing::{evidence, tell};

pub(super) fn cases() -> impl Iterator<Item = &'static Case> {
    let cases = [wire::CASES, baggage::CASES, flags::CASES, formats::CASES];
    cases.into_iter().flatten()
}

/// What is said of an item on the way to `billing`, over two hops that a tap saw as told.
fn reaches(wires: [&str; 2], item: &Result<Item, String>) -> Result<(), String> {
    let [first, second] = wires;
    let story = format!("client HTTP orders {first}\norders HTTP billing {second}");
    let item = item.as_ref().map_err(Clone::clone)?;
    carried::reaches(&evidence(&story), "billing", item)
}

#[test]
fn what_reaches_a_service_is_there_in_full() {
    let state = Item::trace_state("v=1");
    let wires = ["| a2+tracestate=v=1", "| a4+tracestate=w=2,v=1"];
    assert_eq!(reaches(wires, &state), Ok(()));
    let baggage = Item::baggage("user=alice;p");
    let wires = [
        "| a2+baggage=user=alice;p",
        "| a4+baggage=%75ser=alice,user=%61lice;p",
    ];
    assert_eq!(reaches(wires, &baggage), Ok(()));
    let another = ["| a2+baggage=user=alice", "| a4+baggage=user=alice"];
    assert!(reaches(another, &baggage).is_err(), "without its property");
}

#[test]
fn what_does_not_reach_a_service_was_lost_at_the_first_place_where_it_is_missing() {
    let state = Item::trace_state("v=1");
    let there = "| a2+tracestate=v=1";
    let lost = [
        (
            [there, "| a4"],
            "`orders` did not send it on orders ─HTTP→ billing",
        ),
        (
            ["| a2", "| a4"],
            "`client` did not send it on client ─HTTP→ orders",
        ),
        (
            [there, "| a4+tracestate=v=1 → a4"],
            "the middle lost it on orders ─HTTP→ billing",
        ),
        (
            [there, ""],
            "there was no tap on orders ─HTTP→ billing to see it",
        ),
    ];
    for (wires, why) in lost {
        assert_eq!(reaches(wires, &state), Err(why.to_owned()));
    }
    assert!(Item::trace_state("==").is_err());
    assert!(Item::baggage("==").is_err());
}

/// A story has no blanks within a word.
#[test]
fn blanks_that_a_middle_puts_between_members_touch_nothing() {
    let story = "silent client orders\nclient HTTP orders | a2+tracestate=v=1+tracestate=w=2";
    let mut told = tell(story);
    let wire = told.wires[0].as_mut().expect("a tap");
    wire[1] = vec!["a2+tracestate=v=1, w=2".to_owned()];
    for ruling in judge(&told.evidence()) {
        assert_eq!(ruling.findings().count(), 0, "{:?}", ruling.outcomes);
    }
}

#[test]
fn of_two_formats_that_name_two_spans_of_one_send_either_may_be_followed() {
    let send = "client SQS orders child | a2+xray:a3\na1 client internal\n a2 client producer @0";
    for received in [
        "   a4 orders consumer @0 ~a3",
        "  a4 orders consumer @0 ~a2",
    ] {
        let story = format!("{send}\n  a3 client client\n{received}");
        let found = judge(&evidence(&story)).into_iter();
        let found = found.filter(|ruling| ruling.findings().count() > 0);
        let found: Vec<_> = found.map(|ruling| ruling.rule.id).collect();
        assert_eq!(found, ["B3-004"], "{story}");
    }
}

#[test]
fn three_rules_see_on_the_wire_that_the_ids_were_lost() {
    let of_the_ids = catalogue().filter(|rule| carried::is_of_the_ids(rule));
    let of_the_ids: Vec<_> = of_the_ids.map(|rule| rule.id).collect();
    assert_eq!(of_the_ids, ["WIRE-002", "WIRE-017", "WIRE-021"]);
}
