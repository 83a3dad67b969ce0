//! One order for the same spans, whichever way and however often they came.

use std::sync::Arc;

use crate::span::Span;

/// Puts the spans of a trace beside each other, and those by their start: a story then reads the
/// same whatever the order of arrival was. Identical spans stand side by side.
pub(super) fn canonical(mut spans: Vec<Arc<Span>>) -> Vec<Arc<Span>> {
    if !spans.is_sorted_by_key(key) {
        spans.sort_by_cached_key(key);
    }
    let mut rest = spans.as_mut_slice();
    while !rest.is_empty() {
        let same = rest
            .windows(2)
            .take_while(|pair| key(&pair[0]) == key(&pair[1]));
        let (ties, others) = rest.split_at_mut(same.count() + 1);
        ties.sort_by_cached_key(|span| format!("{span:?}"));
        rest = others;
    }
    spans
}

/// Which spans are identical to the one before them: the same span, exported again.
pub(super) fn copies(spans: &[Arc<Span>]) -> Vec<bool> {
    let mut copies = vec![false; spans.len()];
    for (at, pair) in spans.windows(2).enumerate() {
        copies[at + 1] = key(&pair[0]) == key(&pair[1]) && is_same(&pair[0], &pair[1]);
    }
    copies
}

/// All of a span but its times, to be compared.
pub(super) fn without_times(span: &Span) -> String {
    let timeless = Span {
        start: 0,
        end: 0,
        ..span.clone()
    };
    format!("{timeless:?}")
}

/// What is no number is not equal to itself, and yet the same when it is exported again.
fn is_same(one: &Span, other: &Span) -> bool {
    one == other || format!("{one:?}") == format!("{other:?}")
}

fn key(span: &Arc<Span>) -> ([u8; 16], u64, [u8; 8]) {
    (
        span.trace_id.to_bytes(),
        span.start,
        span.span_id.to_bytes(),
    )
}
