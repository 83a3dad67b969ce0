use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceState};

use super::{TRACEPARENT, TRACESTATE, TraceParent, parse_tracestate};

/// A `TextMapPropagator` that keeps to the letter of Trace Context level 2.
///
/// It differs from the SDK's own where that one departs from the specification: every field has
/// its exact length and lower-case digits, two `traceparent`s are refused, the random flag is
/// kept, and no empty `tracestate` is sent (which SQS would refuse).
#[derive(Clone, Copy, Debug, Default)]
pub struct Propagator;

/// What a sender may set: sampled and random. Unknown bits go out as zero (§3.2.2.5).
const KNOWN_FLAGS: u8 = 0b11;

impl TextMapPropagator for Propagator {
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        let span = cx.span();
        let context = span.span_context();
        if !context.is_valid() {
            return;
        }
        let traceparent = TraceParent {
            trace_id: context.trace_id(),
            parent_id: context.span_id(),
            flags: context.trace_flags().to_u8() & KNOWN_FLAGS,
        };
        injector.set(TRACEPARENT, traceparent.to_string());
        let tracestate = context.trace_state().header();
        if !tracestate.is_empty() {
            injector.set(TRACESTATE, tracestate);
        }
    }

    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        let values = |name| extractor.get_all(name).unwrap_or_default();
        let parents = values(TRACEPARENT);
        let Ok(parent) = TraceParent::from_values(parents.iter().map(|v| v.as_bytes())) else {
            return cx.clone();
        };
        let state = values(TRACESTATE);
        let members = parse_tracestate(state.iter().map(|v| v.as_bytes())).unwrap_or_default();
        // The SDK knows the keys of level 1 only. What it cannot hold goes alone.
        let is_held = |member: &_| TraceState::from_key_value([*member]).is_ok();
        let held = members.into_iter().filter(is_held);
        let state = TraceState::from_key_value(held).unwrap_or_default();
        cx.with_remote_span_context(SpanContext::new(
            parent.trace_id,
            parent.parent_id,
            TraceFlags::new(parent.flags & KNOWN_FLAGS),
            true,
            state,
        ))
    }

    fn fields(&self) -> FieldIter<'_> {
        use std::sync::LazyLock;
        static FIELDS: LazyLock<[String; 2]> =
            LazyLock::new(|| [TRACEPARENT.to_owned(), TRACESTATE.to_owned()]);
        FieldIter::new(&*FIELDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Carrier;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";

    fn through(carrier: &Carrier) -> Carrier {
        let cx = Propagator.extract_with_context(&Context::new(), carrier);
        let mut out = Carrier::new();
        Propagator.inject_context(&cx, &mut out);
        out
    }

    #[test]
    fn a_context_goes_through_unchanged_with_the_random_flag_and_the_trace_state() {
        let carrier: Carrier = [(TRACEPARENT, PARENT), (TRACESTATE, "a=1,b=2")]
            .into_iter()
            .collect();
        assert_eq!(through(&carrier), carrier);
    }

    #[test]
    fn no_trace_state_is_sent_where_there_is_none() {
        let carrier: Carrier = [(TRACEPARENT, PARENT), (TRACESTATE, "")]
            .into_iter()
            .collect();
        assert_eq!(through(&carrier).all(TRACESTATE).count(), 0);
    }

    #[test]
    fn a_key_that_the_sdk_does_not_know_costs_no_other() {
        let carrier: Carrier = [(TRACEPARENT, PARENT), (TRACESTATE, "a=1,b@c@d=2,e=3")]
            .into_iter()
            .collect();
        assert_eq!(
            through(&carrier),
            [(TRACEPARENT, PARENT), (TRACESTATE, "a=1,e=3")]
                .into_iter()
                .collect()
        );
    }

    #[test]
    fn a_bad_trace_state_does_not_cost_the_parent() {
        let carrier: Carrier = [(TRACEPARENT, PARENT), (TRACESTATE, "===")]
            .into_iter()
            .collect();
        assert_eq!(
            through(&carrier),
            [(TRACEPARENT, PARENT)].into_iter().collect()
        );
    }

    #[test]
    fn two_parents_are_none() {
        let carrier: Carrier = [(TRACEPARENT, PARENT), (TRACEPARENT, PARENT)]
            .into_iter()
            .collect();
        assert!(through(&carrier).is_empty());
    }
}
