//! What comes of several formats at once: which wins, and that nothing erases a context.

use super::{
    Beside, Case, Convention, Demand, Format, GOOD, Must, Should, Speaks, Specification,
    TRACEPARENT, beside, of_others, over_all,
};

const B3: &str = "b3";
const TRACE_ID: &str = "x-b3-traceid";
const SPAN_ID: &str = "x-b3-spanid";
const SAMPLED: &str = "x-b3-sampled";
const XRAY: &str = "X-Amzn-Trace-Id";

const W3C_B3: Speaks = Speaks::All(&[Format::TraceContext, Format::B3]);
const W3C_MULTI: Speaks = Speaks::All(&[Format::TraceContext, Format::B3Multi]);
const W3C_XRAY: Speaks = Speaks::All(&[Format::TraceContext, Format::XRay]);
const B3_XRAY: Speaks = Speaks::All(&[Format::B3, Format::XRay]);
const BOTH_B3: Speaks = Speaks::All(&[Format::B3, Format::B3Multi]);

const COMPOSITE: &str =
    "OpenTelemetry propagators API, composite propagator: which wins is a matter of their order";
const PRECEDENCE: &str =
    "b3-propagation, \"Http Encodings\": the single header takes precedence over the several";
const EXTRACT: &str = "OpenTelemetry propagators API, \"Extract\": if a value can not be parsed from the carrier, the \
                       implementation MUST NOT store a new value in the context, in order to preserve any previously \
                       existing valid value";

macro_rules! one_of {
    ($one:ident, $other:ident) => {
        &[of_others(
            Beside::OneOf(Format::$one, Format::$other),
            Must,
            Convention,
        )]
    };
}

macro_rules! preserved {
    ($format:ident) => {
        &[of_others(
            Beside::JoinsAsEver(Format::$format),
            Must,
            Specification,
        )]
    };
}

const SINGLE_FIRST: &[Demand] = &[
    of_others(Beside::OneOf(Format::B3, Format::B3Multi), Must, Convention),
    of_others(
        Beside::First(Format::B3, Format::B3Multi),
        Should,
        Specification,
    ),
];

// A table: one row for each case.
#[rustfmt::skip]
pub(super) static CASES: &[Case] = &[
    over_all(beside(Speaks::Several, "B3-004a", "whatever came in, every format that goes on names the same span", &[], &[of_others(Beside::Agree, Must, Convention)], COMPOSITE)),
    beside(W3C_B3, "B3-005a", "traceparent and b3 name two traces", &[(TRACEPARENT, GOOD), (B3, b"{trace~1}2-{parent~1}2-1")], one_of!(TraceContext, B3), COMPOSITE),
    beside(W3C_MULTI, "B3-005b", "traceparent and x-b3 name two traces", &[(TRACEPARENT, GOOD), (TRACE_ID, b"{trace~1}2"), (SPAN_ID, b"{parent~1}2"), (SAMPLED, b"1")], one_of!(TraceContext, B3Multi), COMPOSITE),
    beside(BOTH_B3, "B3-005c", "b3 and x-b3 name two traces", &[(B3, b"{trace}-{parent}-1"), (TRACE_ID, b"{trace~1}2"), (SPAN_ID, b"{parent~1}2"), (SAMPLED, b"1")], SINGLE_FIRST, PRECEDENCE),
    beside(W3C_XRAY, "XRAY-006a", "traceparent and X-Ray's header name two traces", &[(TRACEPARENT, b"00-{trace~1}2-{parent~1}2-01"), (XRAY, b"Root=1-{trace~24}-{trace-8};Parent={parent};Sampled=1")], one_of!(TraceContext, XRay), COMPOSITE),
    beside(B3_XRAY, "XRAY-006b", "b3 and X-Ray's header name two traces", &[(B3, b"{trace~1}2-{parent~1}2-1"), (XRAY, b"Root=1-{trace~24}-{trace-8};Parent={parent};Sampled=1")], one_of!(B3, XRay), COMPOSITE),
    beside(W3C_B3, "B3-006a", "a b3 that is not valid erases no traceparent", &[(TRACEPARENT, GOOD), (B3, b"00000000000000000000000000000000-0000000000000000-1")], preserved!(TraceContext), EXTRACT),
    beside(W3C_B3, "B3-006b", "a traceparent that is not valid erases no b3", &[(TRACEPARENT, b"00-00000000000000000000000000000000-0000000000000000-01"), (B3, b"{trace}-{parent}-1")], preserved!(B3), EXTRACT),
    beside(W3C_MULTI, "B3-006c", "x-b3 that is not valid erases no traceparent", &[(TRACEPARENT, GOOD), (TRACE_ID, b"00000000000000000000000000000000"), (SPAN_ID, b"0000000000000000")], preserved!(TraceContext), EXTRACT),
    beside(W3C_MULTI, "B3-006d", "a traceparent that is not valid erases no x-b3", &[(TRACEPARENT, b"00-00000000000000000000000000000000-0000000000000000-01"), (TRACE_ID, b"{trace}"), (SPAN_ID, b"{parent}"), (SAMPLED, b"1")], preserved!(B3Multi), EXTRACT),
    beside(W3C_XRAY, "XRAY-007a", "an X-Ray header that is not valid erases no traceparent", &[(TRACEPARENT, GOOD), (XRAY, b"Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=1")], preserved!(TraceContext), EXTRACT),
    beside(W3C_XRAY, "XRAY-007b", "a traceparent that is not valid erases no X-Ray header", &[(TRACEPARENT, b"00-00000000000000000000000000000000-0000000000000000-01"), (XRAY, b"Root=1-{trace~24}-{trace-8};Parent={parent};Sampled=1")], preserved!(XRay), EXTRACT),
];
