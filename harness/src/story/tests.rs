use std::collections::BTreeSet;

use super::*;
use crate::collector::Store;
use crate::rules::judge;
use crate::span::{Attribute, Origin, Value};
use crate::testing::{Id, RUN, Told, ids, tell};

fn story(text: &str) -> Story {
    let told = tell(text);
    let entry = told
        .spans
        .first()
        .map_or(TraceId::INVALID, |span| ids(span.id).0);
    Story::assemble(
        told.spans(),
        &Beginning {
            entry,
            service: "s".to_owned(),
            roots: Vec::new(),
        },
    )
}

fn at(story: &Story, trace: char, span: u64) -> SpanIndex {
    story.find(ids(Id(trace, span))).expect("it was told")
}

fn names(story: &Story, spans: impl IntoIterator<Item = SpanIndex>) -> Vec<String> {
    let names = spans.into_iter().map(|at| story.span(at).name.to_string());
    names.collect()
}

fn belonging(story: &Story) -> Vec<TraceId> {
    let traces = story.traces().iter().filter(|trace| trace.belongs);
    traces.map(|trace| trace.id).collect()
}

fn trace(letter: char) -> TraceId {
    ids(Id(letter, 1)).0
}

#[test]
fn nothing_at_all_is_a_story() {
    let story = story("");
    assert_eq!(story.entry_root(), None);
    assert!(story.spans().is_empty() && story.cycles().is_empty());
}

#[test]
fn an_orphan_stays_an_orphan_and_is_not_reached() {
    let story = story("a1 s internal\na3 s internal ^a2");
    assert_eq!(story.above(at(&story, 'a', 3)), Above::Missing);
    assert!(!story.is_reached(at(&story, 'a', 3)));
}

#[test]
fn a_parent_of_the_same_id_in_another_trace_is_none() {
    let story = story("b2 s internal\na3 s internal ^a2");
    assert_eq!(story.above(at(&story, 'a', 3)), Above::Missing);
}

#[test]
fn every_cycle_is_found_once_and_what_hangs_below_is_no_part_of_it() {
    let story = story(
        "a1 s internal ^a1\n\
         a2 s internal ^a3\na3 s internal ^a2\n\
         a4 s internal ^a3\na5 s internal ^a4\n\
         a6 s internal",
    );
    let cycles: Vec<_> = story
        .cycles()
        .into_iter()
        .map(|c| names(&story, c))
        .collect();
    assert_eq!(
        cycles,
        [vec!["internal a1"], vec!["internal a2", "internal a3"]]
    );
}

#[test]
fn links_run_in_circles_and_are_followed_once() {
    let story = story("a1 s internal ~b2\nb2 s internal ~c3\nc3 s internal ~a1");
    assert_eq!(story.cycles(), [[0; 0]; 0]);
    assert_eq!(belonging(&story), [trace('a'), trace('b'), trace('c')]);
    assert!((0..3).all(|at| story.is_reached(at)));
}

#[test]
fn what_follows_from_a_span_is_below_it_or_linked_to_something_below_it() {
    let story = story("a1 s internal\n  a2 s internal\n    a3 s internal\nb4 s internal ~a3 ~b4");
    let from = |span| {
        let follows = story.following([at(&story, 'a', span)]);
        names(&story, (0..4).filter(|at| follows.contains(at)))
    };
    assert_eq!(from(2), ["internal a2", "internal a3", "internal b4"]);
}

#[test]
fn traces_that_link_in_belong_and_those_that_are_linked_to_do_not() {
    let story = story("a1 s internal ~d4\nb2 s internal ~a1\nc3 s internal ~b2\nd4 s internal");
    assert_eq!(belonging(&story), [trace('a'), trace('b'), trace('c')]);
    assert!(!story.is_reached(at(&story, 'd', 4)));
}

#[test]
fn a_trace_that_links_in_belongs_with_its_ambient_spans_which_are_not_reached() {
    let story = story("a1 s internal\nb2 s internal\n  b3 s consumer ~a1\n    b4 s internal");
    let reached = (0..4).filter(|&at| story.is_reached(at));
    assert_eq!(
        names(&story, reached),
        ["internal a1", "consumer b3", "internal b4"]
    );
}

#[test]
fn an_identical_span_is_a_copy_and_a_different_one_is_not() {
    let story = story(
        "a1 s internal\na2 s internal ^a1 =other\na2 s internal ^a1 =one\na2 s internal ^a1 =other",
    );
    let copies: Vec<_> = (0..4).map(|at| story.is_copy(at)).collect();
    assert_eq!(copies.iter().filter(|copy| **copy).count(), 1);
    assert_eq!(story.duplicates().len(), 2);
    for &(first, second) in story.duplicates() {
        assert_eq!(
            story.is_copy(second),
            story.span(first) == story.span(second)
        );
    }
}

#[test]
fn who_is_beneath_whom_is_known_without_walking() {
    let story = story(
        "a1 s internal\n  a2 s internal\n    a3 s internal\n  a4 s internal\na5 s internal ^a5",
    );
    let under = |spans: &[u64]| {
        let beneath = story.beneath(spans.iter().map(|&id| at(&story, 'a', id)));
        let found = (0..5).filter(|&at| beneath.contains(at)).map(|at| at + 1);
        found.collect::<Vec<_>>()
    };
    assert_eq!(under(&[2]), [2, 3]);
    assert_eq!(under(&[3, 4]), [3, 4]);
    assert_eq!(under(&[1, 3]), [1, 2, 3, 4]);
    assert_eq!(under(&[5]), [5]);
    assert_eq!(under(&[]), [0; 0]);
}

#[test]
fn a_context_that_the_harness_sent_is_no_orphan() {
    let told = tell("a3 s server ^a2");
    let beginning = Beginning {
        entry: trace('a'),
        service: "s".to_owned(),
        roots: Vec::new(),
    };
    let story = Story::continuing(told.spans(), &beginning, &[ids(Id('a', 2))]);
    assert_eq!(story.above(0), Above::Sent);
    assert_eq!(story.entry_root(), Some(0));
    assert!(story.is_reached(0));
}

#[test]
fn spans_stand_by_trace_and_by_start_whichever_way_they_came() {
    let told = "b3 s internal\na9 s internal\na2 s internal\nb1 s internal\nA5 s internal";
    let story = story(told);
    assert_eq!(
        names(&story, 0..5),
        [
            "internal A5",
            "internal a2",
            "internal a9",
            "internal b1",
            "internal b3"
        ]
    );
    let of = |at| story.trace_of(at).id;
    let traces: Vec<_> = (0..5).map(of).collect();
    let [a, b, other] = [trace('a'), trace('b'), trace('A')];
    assert_eq!(traces, [other, a, a, b, b]);
}

#[test]
fn the_start_comes_before_the_id_and_what_is_no_number_is_a_copy_of_itself() {
    let mut told = tell("a1 s internal\na2 s internal\na3 s internal").spans();
    Arc::make_mut(&mut told[0]).start = 9;
    Arc::make_mut(&mut told[2]).attributes.push(Attribute {
        key: "ratio".into(),
        value: Value::Double(f64::NAN),
    });
    told.push(Arc::new(Span::clone(&told[2])));
    let beginning = Beginning {
        entry: trace('a'),
        service: "s".to_owned(),
        roots: Vec::new(),
    };
    let story = Story::assemble(told, &beginning);
    assert_eq!(
        names(&story, 0..4),
        ["internal a2", "internal a3", "internal a3", "internal a1"]
    );
    assert!(story.is_copy(2));
}

#[test]
fn what_may_concern_a_run_is_gathered_by_trace_by_address_and_by_link() {
    let told = tell(
        "a1 s internal\na2 s client\nb3 s consumer ~a2\nc4 s consumer ~b3\nd5 s internal ~e6\n\
         f7 s consumer @0\ne8 s consumer @x",
    );
    let store = Store::new();
    let spans = told.spans().into_iter().map(|span| Ok(Span::clone(&span)));
    store.append(spans.collect::<Vec<_>>());
    assert_eq!(
        gathered(&store, &Aside::default()),
        [
            "client a2",
            "consumer b3",
            "consumer c4",
            "consumer f7",
            "internal a1"
        ]
    );
}

#[test]
fn a_trace_that_was_whole_before_the_request_was_sent_is_no_part_of_it() {
    let store = Store::new();
    let append = |story: &str| {
        let spans = tell(story).spans();
        let spans = spans.into_iter().map(|span| Ok(Span::clone(&span)));
        store.append(spans.collect::<Vec<_>>());
    };
    append("b1 s client @0\nb2 s internal ^b1\nc3 s internal @0\nd4 s internal ~b2");
    let mut aside = Aside::default();
    aside.came_before(&store, RUN);
    append("a5 s internal\nc6 s consumer ^c3\ne7 s client @0");
    // What goes on from before is as much of the request as what begins with it.
    let since = ["client e7", "consumer c6", "internal a5", "internal c3"];
    assert_eq!(gathered(&store, &aside), since);
}

#[test]
fn what_a_service_is_said_to_do_of_its_own_accord_is_no_part_of_a_request() {
    let own = BTreeSet::from(["HEAD".to_owned(), "GET /health".to_owned()]);
    let aside = Aside::new([("s".to_owned(), own)].into());
    let is_judged = |beside: &str, aside: &Aside| {
        let store = Store::new();
        let spans = tell(&format!("a1 s internal\n{beside}")).spans();
        store.append(spans.iter().map(|span| Ok(of_our_run(span))));
        gathered(&store, aside).len() > 1
    };
    for own in [
        "b1 s client =HEAD",
        "b1 s server =GET+/health\n  b2 s internal\n  b3 t server",
        "b1 s server =GET+/health ^b9",
        "b1 s client =HEAD @x",
        "b1 s client =HEAD\nb2 s server =GET+/health",
    ] {
        assert!(!is_judged(own, &aside), "{own}");
        assert!(is_judged(own, &Aside::default()), "{own}");
    }
    for other in [
        "b1 s internal =refresh",
        "b1 t client =HEAD",
        "b1 s client =HEAD\nb2 s internal =refresh",
        "b1 s client =HEAD\n  b2 s client @0",
        "b1 s client =HEAD\n  b2 s internal ~c1",
        "b1 s client =HEAD ^b2\nb2 s client =HEAD ^b1",
    ] {
        assert!(is_judged(other, &aside), "{other}");
    }
}

/// The span, of an instance that a stage of our run started.
fn of_our_run(span: &Span) -> Span {
    let origin = Origin {
        run: Some(RUN),
        ..Origin::clone(&span.origin)
    };
    Span {
        origin: Arc::new(origin),
        ..span.clone()
    }
}

/// The names of what is gathered of our run, in order.
fn gathered(store: &Store, aside: &Aside) -> Vec<String> {
    let spans = gather(store, RUN, trace('a'), aside);
    let mut names: Vec<_> = spans.iter().map(|span| span.name.to_string()).collect();
    names.sort();
    names
}

/// A route of five hops, and below the last consequence as many spans as are wanted: all in one
/// chain, or all beside each other.
fn large(spans: u64, chain: bool) -> Told {
    let mut told = tell(
        "s0 HTTP s1 | a2\ns1 memory s2 follows-from | a4\ns2 HTTP s3 | b6\n\
         s3 HTTP s4 | b8\ns4 memory s5 follows-from | b10\n\
         a1 s0 internal\na2 s0 client ^a1 @0\na3 s1 server ^a2 @0\na4 s1 producer ^a3 @1\n\
         b5 s2 consumer @1 ~a4\nb6 s2 client ^b5 @2\nb7 s3 server ^b6 @2\nb8 s3 client ^b7 @3\n\
         b9 s4 server ^b8 @3\nb10 s4 producer ^b9 @4\nc11 s5 consumer @4 ~b10\n",
    );
    let work = tell("c12 s5 internal ^c11").spans.remove(0);
    told.spans.extend((12..12 + spans).map(|id| {
        let mut span = work.clone();
        span.id.1 = id;
        span.parent = Some(if chain { id - 1 } else { 11 });
        span
    }));
    told
}

#[test]
fn a_chain_of_a_hundred_thousand_spans_needs_no_stack() {
    for chain in [true, false] {
        let evidence = large(100_000, chain).evidence();
        assert_eq!(
            judge(&evidence)
                .iter()
                .flat_map(super::super::rules::Ruling::findings)
                .count(),
            0
        );
        let mut cut = large(100_000, chain);
        cut.spans.remove(10);
        let rulings = judge(&cut.evidence());
        assert!(
            rulings
                .iter()
                .any(|ruling| ruling.findings().next().is_some())
        );
    }
}
