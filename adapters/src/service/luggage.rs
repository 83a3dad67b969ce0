use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceState};
use opentelemetry::{Context, SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use serde::{Deserialize, Serialize};

use crate::w3c::parse_tracestate;

/// What a request carries beside its ids, as its entry sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Luggage {
    /// The value of `tracestate`; empty where there is none.
    pub trace_state: String,
    /// The values of `baggage`, one for each header. They are sent as they are, be they valid or
    /// not.
    pub baggage: Vec<String>,
    /// Whether the trace is sampled. What is not is seen on the wire alone.
    pub sampled: bool,
    /// Whether the flags say that the trace id is random (Trace Context level 2, §3.2.2.5.2).
    pub random: bool,
}

impl Default for Luggage {
    fn default() -> Self {
        Self {
            trace_state: String::new(),
            baggage: Vec::new(),
            sampled: true,
            random: false,
        }
    }
}

impl Luggage {
    /// What the root span of the request is to begin under: no span, only the trace state; or,
    /// where nothing is to be sampled, a context that nobody records.
    pub(super) fn origin(&self) -> Context {
        let members = parse_tracestate([self.trace_state.as_bytes()]).unwrap_or_default();
        let state = TraceState::from_key_value(members).unwrap_or_default();
        let ids = RandomIdGenerator::default();
        let (trace_id, span_id, flags) = match self.sampled {
            // A parent that is none leaves the ids to the root; its decision and state are taken.
            true => (TraceId::INVALID, SpanId::INVALID, TraceFlags::SAMPLED),
            false => (
                ids.new_trace_id(),
                ids.new_span_id(),
                TraceFlags::NOT_SAMPLED,
            ),
        };
        let context = SpanContext::new(trace_id, span_id, flags, false, state);
        Context::new().with_remote_span_context(context)
    }

    /// What goes on with the work under `cx`.
    pub(super) fn carried(&self, cx: &Context) -> Carried {
        let trace = cx.span().span_context().trace_id();
        Carried {
            baggage: self.baggage.clone(),
            random: self.random.then_some(trace),
        }
    }
}

/// What a context carries on beside its span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Carried {
    /// The values of `baggage`, one for each header.
    pub(super) baggage: Vec<String>,
    /// The trace whose id is known to be random. The SDK forgets it where nothing is recorded.
    pub(super) random: Option<TraceId>,
}
