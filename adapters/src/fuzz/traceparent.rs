use std::sync::LazyLock;

use bolero::check;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use regex::bytes::Regex;

use super::{slices, values};
use crate::Carrier;
use crate::w3c::{TRACEPARENT, TraceParent};

const SEEDS: &[&str] = &[
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "00-0000000000000000000000000000000f-000000000000000f-00",
    "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-what-the-future-brings",
    "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
];

/// The grammar of Trace Context level 2, §3.2, for version 00 and for those to come.
static GRAMMAR: LazyLock<Regex> = LazyLock::new(|| {
    let grammar = r"(?s-u)\A(?:00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}|([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?)\z";
    Regex::new(grammar).expect("a grammar")
});

#[test]
fn traceparent() {
    let inputs = values(SEEDS, b"0f9aF-g +\t", 0..3);
    check!().with_generator(inputs).for_each(|values| {
        let read = TraceParent::from_values(slices(values));
        assert_eq!(read.is_ok(), is_one(values), "{read:?}");
        if let Ok(read) = read {
            assert_eq!(TraceParent::parse(read.to_string().as_bytes()), Ok(read));
            the_sdk_agrees(&values[0], read);
        }
    });
}

/// What the grammar says, and the three things that it cannot say.
fn is_one(values: &[Vec<u8>]) -> bool {
    let [value] = values else { return false };
    let Some(fields) = GRAMMAR.captures(value.trim_ascii()) else {
        return false;
    };
    let zero = |group| {
        let field = fields.get(group);
        field.is_some_and(|field: regex::bytes::Match| field.as_bytes().iter().all(|b| *b == b'0'))
    };
    let version = fields.get(3).map(|version| version.as_bytes());
    // The second half of the grammar lets a longer version 00 through.
    let is_later = version.is_none_or(|version| version != b"00" && version != b"ff");
    is_later && ![1, 2, 4, 5].into_iter().any(zero)
}

/// It takes more than it should, but not less, and reads the same from it.
fn the_sdk_agrees(value: &[u8], read: TraceParent) {
    let mut carrier = Carrier::new();
    carrier.append(TRACEPARENT, value.to_vec());
    let context = TraceContextPropagator::new().extract(&carrier);
    let span = context.span();
    let sdk = span.span_context();
    if sdk.is_valid() {
        assert_eq!(
            (sdk.trace_id(), sdk.span_id()),
            (read.trace_id, read.parent_id)
        );
        assert_eq!(sdk.is_sampled(), read.is_sampled());
    }
}
