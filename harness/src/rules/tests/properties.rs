//! What holds of the judge whatever the story is.

use proptest::prelude::*;
use proptest::sample::Index;

use super::mutations::{mutate, mutations};
use super::well_formed::stories;
use super::{judge, say};
use crate::evidence::token;
use crate::rules::Finding;
use crate::span::SpanKind;
use crate::testing::{Id, RUN, Teller, Told, tell};

/// Everything that the rules say of a story.
fn verdict(told: &Told) -> String {
    let evidence = told.evidence();
    let mut said = String::new();
    for ruling in judge(&evidence) {
        for outcome in &ruling.outcomes {
            say(&mut said, &evidence, ruling.rule.id, outcome).expect("a text");
        }
    }
    said
}

/// What is found, on which hop, and who is to blame for it.
fn decisions(told: &Told) -> Vec<String> {
    let rulings = judge(&told.evidence());
    let findings = rulings.iter().flat_map(|ruling| {
        let id = ruling.rule.id;
        ruling.findings().map(move |finding| {
            let Finding {
                level, hop, blame, ..
            } = finding;
            format!("{id} {level} on {hop:?} by {:?}", blame.parties)
        })
    });
    let mut findings: Vec<_> = findings.collect();
    findings.sort();
    findings
}

fn findings(told: &Told) -> Vec<&'static str> {
    let rulings = judge(&told.evidence());
    let broken = rulings
        .iter()
        .filter(|ruling| ruling.findings().next().is_some());
    broken.map(|ruling| ruling.rule.id).collect()
}

const ROUTES: [&str; 3] = [
    "s0 HTTP s1\n s1 memory s2 follows-from\n s2 HTTP s3",
    "s0 memory s1 root\n s0 memory s1\n s0 HTTP s2 child+link",
    "s0 HTTP s1\n s0 memory s2\n s2 memory s1 child",
];

/// Spans with all but random ids, parents, links and addresses.
fn soups() -> impl Strategy<Value = Told> {
    let id = || (prop::sample::select(vec!['a', 'b', 'c']), 1..9_u64).prop_map(|(t, s)| Id(t, s));
    let kind = prop::sample::select(vec![
        SpanKind::Internal,
        SpanKind::Server,
        SpanKind::Client,
        SpanKind::Producer,
        SpanKind::Consumer,
    ]);
    let hops = prop::collection::vec(0..4_usize, 0..3);
    let links = prop::collection::vec(id(), 0..3);
    let parent = prop::option::of(1..9_u64);
    let span = (id(), parent, 0..5_usize, kind, hops, links, any::<bool>());
    let span = span.prop_map(
        |(id, parent, service, kind, hops, links, receives)| Teller {
            parent,
            hops: hops.into_iter().map(|hop| token(RUN, hop)).collect(),
            links,
            receives,
            ..Teller::new(id, &format!("s{service}"), kind)
        },
    );
    let context = || {
        prop_oneof![
            id().prop_map(|id| id.to_string()),
            Just("none".to_owned()),
            Just("00-x".to_owned())
        ]
    };
    let seen = || prop::collection::vec(context(), 0..4);
    let wire = || prop::option::of((seen(), seen()).prop_map(|(before, after)| [before, after]));
    let rest = (
        prop::sample::select(ROUTES.to_vec()),
        prop::collection::vec(wire(), 3),
        prop::collection::vec(0..4_usize, 0..2),
        prop::collection::vec(id(), 0..2),
        prop::bool::weighted(0.1),
    );
    (prop::collection::vec(span, 0..40), rest).prop_map(|(spans, rest)| {
        let (route, wires, silent, sent, unsettled) = rest;
        Told {
            spans,
            wires,
            silent: silent.iter().map(|service| format!("s{service}")).collect(),
            sent,
            unsettled,
            ..tell(route)
        }
    })
}

#[test]
fn whose_clock_is_behind_is_not_to_blame_for_that() {
    let doubled = "client HTTP gateway | a2
        a1 client internal
          a2 client client @0
          a2 gateway server @0";
    let two_roots = "client HTTP gateway | a2
        a1 client internal
          a2 client client @0
            a3 gateway server @0
        a4 gateway internal";
    for (story, rule) in [(doubled, "TREE-004"), (two_roots, "TREE-001")] {
        for behind in [0, 1, 9] {
            let mut told = tell(story);
            for span in &mut told.spans {
                span.start += 9 - if span.service == "gateway" { behind } else { 0 };
            }
            let blamed = format!("{rule} must on Some(0) by [Receiver]");
            let decisions = decisions(&told);
            assert!(decisions.contains(&blamed), "{behind}: {decisions:?}");
        }
    }
}

proptest! {
    #[test]
    fn any_soup_of_spans_is_judged_and_the_order_of_arrival_does_not_matter(
        soup in soups(),
        keys in prop::collection::vec(any::<u64>(), 40),
    ) {
        let first = verdict(&soup);
        // The entry is the trace of the first span that is told: it stays the first.
        let mut shuffled = soup.clone();
        if let [_, rest @ ..] = &mut *shuffled.spans {
            let mut keyed: Vec<_> = keys.iter().zip(rest.to_vec()).collect();
            keyed.sort_by_key(|(key, _)| **key);
            for (place, (_, span)) in rest.iter_mut().zip(keyed) {
                *place = span;
            }
        }
        prop_assert_eq!(first, verdict(&shuffled));
    }

    #[test]
    fn the_clocks_of_hosts_decide_nothing(
        soup in soups(),
        behind in prop::collection::vec(0..20_u64, 5),
    ) {
        let mut skewed = soup.clone();
        for span in &mut skewed.spans {
            let host: usize = span.service[1..].parse().expect("a number");
            span.start += behind[host];
        }
        prop_assert_eq!(decisions(&soup), decisions(&skewed), "{}", soup);
    }

    #[test]
    fn a_well_formed_story_has_no_finding(grown in stories()) {
        let advice: &[_] = if grown.has_plumbing_beside() { &["TREE-010"] } else { &[] };
        prop_assert_eq!(findings(&grown.told), advice, "{}\n{}", grown.told, verdict(&grown.told));
    }

    #[test]
    fn a_service_that_is_known_to_export_nothing_leaves_no_finding(
        grown in stories(),
        which in any::<Index>(),
    ) {
        let mut told = grown.told;
        let service = format!("s{}", which.index(told.rows.len() + 1));
        told.spans.retain(|span| span.service != service);
        told.silent.push(service);
        let found = findings(&told).into_iter().filter(|id| *id != "TREE-010");
        prop_assert_eq!(found.collect::<Vec<_>>(), [""; 0], "{}\n{}", told, verdict(&told));
    }

    #[test]
    fn whatever_goes_wrong_in_a_well_formed_story_is_found(
        grown in stories(),
        mutation in mutations(),
        which in any::<Index>(),
        where_to in any::<Index>(),
    ) {
        if let Some(told) = mutate(&grown, mutation, which, where_to) {
            let found = findings(&told).into_iter().filter(|id| *id != "TREE-010");
            prop_assert_ne!(found.collect::<Vec<_>>(), [""; 0], "{:?}\n{}", mutation, told);
        }
    }
}
