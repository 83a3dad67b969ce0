use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use opentelemetry_proto::tonic::trace::v1 as otlp;
use proptest::prelude::*;

use super::*;

fn span(trace: u128, id: u64, name: &str) -> otlp::Span {
    otlp::Span {
        trace_id: trace.to_be_bytes().into(),
        span_id: id.to_be_bytes().into(),
        name: name.into(),
        ..otlp::Span::default()
    }
}

fn linked(mut span: otlp::Span, targets: &[u128]) -> otlp::Span {
    let link = |target: &u128| otlp::span::Link {
        trace_id: target.to_be_bytes().into(),
        span_id: vec![1; 8],
        ..otlp::span::Link::default()
    };
    span.links = targets.iter().map(link).collect();
    span
}

fn put(store: &Store, spans: impl IntoIterator<Item = otlp::Span>) -> Ingested {
    let origin = Arc::default();
    store.append(spans.into_iter().map(|s| Span::decode(s, &origin)))
}

fn id(trace: u128) -> TraceId {
    trace.into()
}

#[test]
fn spans_are_found_by_trace_by_link_and_by_run() {
    let store = Store::new();
    put(
        &store,
        [
            span(1, 1, "send ub_000000aa_1"),
            linked(span(2, 2, "process ub_000000aa_1"), &[1, 1, 2]),
            linked(span(2, 3, "ambient"), &[1]),
            span(3, 4, "ub_000000bb_1"),
        ],
    );
    assert_eq!(store.trace(id(2)).len(), 2);
    assert_eq!(store.linking_into(id(1)), [id(2)]);
    assert_eq!(
        store.linking_into(id(2)),
        [],
        "a link within a trace joins nothing"
    );
    assert_eq!(store.touching(0xaa), [id(1), id(2)]);
    assert_eq!(store.touching(0xbb), [id(3)]);
    assert_eq!(store.trace(id(9)), []);
}

#[test]
fn a_link_is_found_before_its_target_has_come() {
    let store = Store::new();
    put(&store, [linked(span(2, 2, ""), &[1])]);
    assert_eq!(store.linking_into(id(1)), [id(2)]);
}

#[test]
fn what_is_malformed_is_kept_and_found_by_run_and_by_trace() {
    let store = Store::new();
    put(
        &store,
        [
            span(1, 1, "ub_000000aa_1"),
            otlp::Span {
                parent_span_id: vec![1],
                ..span(1, 2, "in the trace")
            },
            span(0, 3, "ub_000000aa_2"),
            span(0, 4, "of nobody"),
            linked(span(1, 5, "with a link of zeros"), &[0]),
        ],
    );
    let names =
        |all: Vec<Arc<Malformed>>| -> Vec<_> { all.iter().map(|m| m.name.to_string()).collect() };
    assert_eq!(
        names(store.malformed_of(0xaa)),
        ["in the trace", "ub_000000aa_2", "with a link of zeros"]
    );
    assert_eq!(store.malformed().len(), 4);
    let counts = store.counts();
    assert_eq!(
        (counts.received, counts.malformed, counts.malformed_links),
        (5, 3, 1)
    );
    assert_eq!(store.trace(id(1)).len(), 2);
}

#[test]
fn a_full_store_refuses_and_counts() {
    let store = Store::with_limit(2);
    let ingested = put(&store, [span(1, 1, ""), span(0, 2, ""), span(1, 3, "")]);
    assert_eq!(
        ingested,
        Ingested {
            stored: 1,
            malformed: 1,
            refused: 1
        }
    );
    assert_eq!(store.counts().refused, 1);
    assert_eq!(store.trace(id(1)).len(), 1);
}

#[test]
fn what_is_malformed_in_a_trace_of_two_runs_stays_until_both_are_forgotten() {
    let store = Store::new();
    let malformed = || otlp::Span {
        parent_span_id: vec![1],
        ..span(1, 2, "ub_000000aa_1")
    };
    put(
        &store,
        [
            span(1, 1, "ub_000000aa_1 ub_000000bb_1"),
            malformed(),
            malformed(),
        ],
    );
    store.forget(0xaa);
    assert_eq!(store.malformed_of(0xbb).len(), 2);
    store.forget(0xbb);
    assert_eq!((store.malformed().len(), store.counts().held), (0, 0));
}

#[test]
fn forgetting_makes_room_and_leaves_what_others_touch() {
    let store = Store::with_limit(4);
    put(
        &store,
        [
            linked(span(1, 1, "ub_000000aa_1"), &[9]),
            span(2, 2, "ub_000000aa_1 ub_000000bb_1"),
            otlp::Span {
                parent_span_id: vec![1],
                ..span(1, 2, "malformed")
            },
            linked(span(3, 3, "ub_000000bb_1"), &[9]),
        ],
    );
    store.forget(0xaa);
    assert_eq!(store.touching(0xaa), []);
    assert_eq!((store.trace(id(1)).len(), store.malformed().len()), (0, 0));
    assert_eq!(store.trace(id(2)).len(), 1);
    assert_eq!(store.touching(0xbb), [id(2), id(3)]);
    assert_eq!(store.linking_into(id(9)), [id(3)]);
    assert_eq!(store.counts().held, 2);
    assert_eq!(put(&store, [span(1, 1, "ub_000000aa_1")]).stored, 1);
    assert_eq!(store.touching(0xaa), [id(1)]);
}

#[test]
fn an_arrival_between_the_look_and_the_wait_is_not_missed() {
    let store = Store::new();
    let mut arrivals = store.arrivals();
    put(&store, [span(1, 1, "")]);
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(pin!(arrivals.changed()).poll(&mut cx), Poll::Ready(()));
    assert_eq!(pin!(arrivals.changed()).poll(&mut cx), Poll::Pending);
    put(&store, []);
    assert_eq!(pin!(arrivals.changed()).poll(&mut cx), Poll::Pending);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_one_of_many_waiters_wakes_for_its_own_span() {
    let store = Store::new();
    let waiters: Vec<_> = (1..=64)
        .map(|trace| {
            let store = store.clone();
            tokio::spawn(async move {
                let look = |store: &Store| (!store.trace(id(trace)).is_empty()).then_some(trace);
                store.wait_for(look).await
            })
        })
        .collect();
    for trace in 1..=64 {
        put(&store, [span(trace, 1, "")]);
    }
    for (waiter, trace) in waiters.into_iter().zip(1..) {
        assert_eq!(waiter.await.expect("no panic"), trace);
    }
}

proptest! {
    #[test]
    fn forgetting_every_run_leaves_nothing_of_them(
        spans in proptest::collection::vec((0_u128..6, 1_u64..9, 0_u32..4, 0_u128..6), 0..40),
    ) {
        let store = Store::new();
        put(&store, spans.iter().map(|&(trace, id, run, target)| {
            linked(span(trace, id, &format!("ub_{run:08x}_1")), &[target])
        }));
        prop_assert_eq!(store.counts().held, spans.len());
        (0..4).for_each(|run| store.forget(run));
        prop_assert_eq!(store.counts().held, 0);
        prop_assert!((0..6).all(|t| store.trace(id(t)).is_empty()));
        prop_assert!((0..6).all(|t| store.linking_into(id(t)).is_empty()));
        prop_assert!(store.malformed().is_empty());
    }
}
