//! What comes of the tracing header of X-Ray: XRAY.

use super::{
    Beside, Case, Demand, Derived, Format, Must, Should, Speaks, Specification, beside, of_others,
    over_all,
};

const HEADER: &str = "X-Amzn-Trace-Id";
const XRAY: Speaks = Speaks::All(&[Format::XRay]);

const TRACING: &str = "AWS X-Ray developer guide, \"Tracing header\"";
const ROOT: &str = "AWS X-Ray developer guide, \"Tracing header\": a header without a parent or a decision has a root \
                    all the same, such as that of a load balancer";
const TRACE_ID: &str = "AWS X-Ray developer guide, \"Trace ID format\": version 1, 8 digits of time, 24 digits, in \
                        hexadecimal";
const DECISION: &str = "AWS X-Ray developer guide, \"Tracing header\": the decision of the first service is that of all";
const NAME: &str = "RFC 9110, §5.1: names of fields are case-insensitive";

const JOINS: &[Demand] = &[of_others(Beside::Joins(Format::XRay), Must, Specification)];
const AS_EVER: &[Demand] = &[of_others(
    Beside::JoinsAsEver(Format::XRay),
    Must,
    Specification,
)];
/// OpenTelemetry wants a parent and a decision, and nothing binds it to more.
const SHOULD: &[Demand] = &[of_others(
    Beside::JoinsAsEver(Format::XRay),
    Should,
    Specification,
)];
const BEGINS: &[Demand] = &[of_others(Beside::Begins(Format::XRay), Must, Derived)];

macro_rules! sampled {
    ($decision:literal) => {
        &[of_others(
            Beside::Sampled(Format::XRay, $decision),
            Should,
            Specification,
        )]
    };
}

// A table: one row for each case.
#[rustfmt::skip]
pub(super) static CASES: &[Case] = &[
    over_all(beside(XRAY, "XRAY-001a", "whatever came in, what goes on as X-Ray's header is one valid header", &[], &[of_others(Beside::AlwaysIn(Format::XRay), Must, Specification)], TRACING)),
    beside(XRAY, "XRAY-002a", "a trace that comes in X-Ray's header goes on", &[(HEADER, b"Root=1-{trace~24}-{trace-8};Parent={parent};Sampled=1")], JOINS, TRACING),
    beside(XRAY, "XRAY-002b", "the fields may come in any order", &[(HEADER, b"Sampled=1;Parent={parent};Root=1-{trace~24}-{trace-8}")], AS_EVER, TRACING),
    beside(XRAY, "XRAY-002c", "fields that nobody knows are passed over", &[(HEADER, b"Self=1-67891234-12456789abcdef012345678;Root=1-{trace~24}-{trace-8};Parent={parent};Sampled=1;Lineage=a87bd80c:0;TotalTimeSoFar=112")], AS_EVER, TRACING),
    beside(XRAY, "XRAY-002d", "the name may be x-amzn-trace-id", &[("x-amzn-trace-id", b"Root=1-{trace~24}-{trace-8};Parent={parent};Sampled=1")], AS_EVER, NAME),
    beside(XRAY, "XRAY-002e", "the root alone, as a load balancer sends it", &[(HEADER, b"Root=1-{trace~24}-{trace-8}")], SHOULD, ROOT),
    beside(XRAY, "XRAY-002f", "a decision that is asked for", &[(HEADER, b"Root=1-{trace~24}-{trace-8};Parent={parent};Sampled=?")], SHOULD, ROOT),
    beside(XRAY, "XRAY-003a", "what is sampled stays so", &[(HEADER, b"Root=1-{trace~24}-{trace-8};Parent={parent};Sampled=1")], sampled!(true), DECISION),
    beside(XRAY, "XRAY-003b", "what is not sampled stays so", &[(HEADER, b"Root=1-{trace~24}-{trace-8};Parent={parent};Sampled=0")], sampled!(false), DECISION),
    beside(XRAY, "XRAY-004a", "a root of zeros", &[(HEADER, b"Root=1-00000000-000000000000000000000000;Parent={parent};Sampled=1")], BEGINS, TRACE_ID),
    beside(XRAY, "XRAY-004b", "a parent of zeros", &[(HEADER, b"Root=1-{trace~24}-{trace-8};Parent=0000000000000000;Sampled=1")], BEGINS, TRACE_ID),
    beside(XRAY, "XRAY-004c", "a root that ends with a dot", &[(HEADER, b"Root=1-{trace~24}-{trace-9}.;Parent={parent};Sampled=1")], BEGINS, TRACE_ID),
    beside(XRAY, "XRAY-004d", "a root without its dashes", &[(HEADER, b"Root={trace};Parent={parent};Sampled=1")], BEGINS, TRACE_ID),
    beside(XRAY, "XRAY-004e", "a root of another version", &[(HEADER, b"Root=2-{trace~24}-{trace-8};Parent={parent};Sampled=1")], BEGINS, TRACE_ID),
    beside(XRAY, "XRAY-004f", "a parent that begins with a dot", &[(HEADER, b"Root=1-{trace~24}-{trace-8};Parent=.{parent-1};Sampled=1")], BEGINS, TRACE_ID),
    beside(XRAY, "XRAY-005a", "the parent is a new one", &[(HEADER, b"Root=1-{trace~24}-{trace-8};Parent={parent};Sampled=1")], &[of_others(Beside::OwnSpan(Format::XRay), Should, Derived)], TRACING),
];
