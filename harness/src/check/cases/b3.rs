//! What comes of B3, in one header or in several: B3.

use super::{
    Beside, Case, Demand, Derived, Format, May, Must, Should, Speaks, Specification, beside,
    of_others, over_all,
};

const B3: &str = "b3";
const TRACE_ID: &str = "x-b3-traceid";
const SPAN_ID: &str = "x-b3-spanid";
const PARENT: &str = "x-b3-parentspanid";
const SAMPLED: &str = "x-b3-sampled";
const FLAGS: &str = "x-b3-flags";

const SINGLE: Speaks = Speaks::All(&[Format::B3]);
const MULTI: Speaks = Speaks::All(&[Format::B3Multi]);

const ONE_HEADER: &str = "b3-propagation, \"Single Header\"";
const HEADERS: &str = "b3-propagation, \"Multiple Headers\"";
const PROCESS: &str =
    "b3-propagation, \"Overall Process\": the trace id is shared by every span of the trace";
const IDS: &str =
    "b3-propagation, \"Identifiers\": a trace id is of 64 or 128 bits, and what is missing is zero";
const SPAN: &str = "b3-propagation, \"SpanId\": the position of the current operation in the trace";
const DECISION: &str = "b3-propagation, \"Sampling State\": once the decision is made, the same value should be \
                        consistently sent downstream";
const DEFER: &str = "b3-propagation, \"Sampling State\": where there is none, the receiver decides";
const DEBUG: &str = "b3-propagation, \"Sampling State\": debug implies accept, and is said as such";
const ENCODING: &str =
    "b3-propagation, \"Http Encodings\": ids are 16 or 32 characters of lower-case hexadecimal";
const NAMES: &str = "b3-propagation, \"Multiple Headers\": HTTP headers are case-insensitive";

const JOINS_SINGLE: &[Demand] = &[of_others(Beside::Joins(Format::B3), Must, Specification)];
const JOINS_MULTI: &[Demand] = &[of_others(
    Beside::Joins(Format::B3Multi),
    Must,
    Specification,
)];
const SINGLE_AS_EVER: &[Demand] = &[of_others(
    Beside::JoinsAsEver(Format::B3),
    Must,
    Specification,
)];
const MULTI_AS_EVER: &[Demand] = &[of_others(
    Beside::JoinsAsEver(Format::B3Multi),
    Must,
    Specification,
)];
const SINGLE_BEGINS: &[Demand] = &[of_others(Beside::Begins(Format::B3), Must, Derived)];
const MULTI_BEGINS: &[Demand] = &[of_others(Beside::Begins(Format::B3Multi), Must, Derived)];
/// Lenient readers take it.
const SINGLE_MAY_BEGIN: &[Demand] = &[of_others(Beside::Begins(Format::B3), Should, Derived)];

macro_rules! sampled {
    ($format:ident, $decision:literal) => {
        &[of_others(
            Beside::Sampled(Format::$format, $decision),
            Should,
            Specification,
        )]
    };
}

/// Debug is to be sampled, and to be called so.
macro_rules! debugged {
    ($format:ident) => {
        &[
            of_others(
                Beside::Sampled(Format::$format, true),
                Should,
                Specification,
            ),
            of_others(Beside::Debug(Format::$format), May, Specification),
        ]
    };
}

// A table: one row for each case.
#[rustfmt::skip]
pub(super) static CASES: &[Case] = &[
    over_all(beside(SINGLE, "B3-001a", "whatever came in, what goes on as b3 is one valid header", &[], &[of_others(Beside::AlwaysIn(Format::B3), Must, Specification)], ONE_HEADER)),
    over_all(beside(MULTI, "B3-002a", "whatever came in, what goes on as x-b3 is valid", &[], &[of_others(Beside::AlwaysIn(Format::B3Multi), Must, Specification)], HEADERS)),
    beside(SINGLE, "B3-003a", "a trace that comes in one header goes on", &[(B3, b"{trace}-{parent}-1")], JOINS_SINGLE, PROCESS),
    beside(MULTI, "B3-003b", "a trace that comes in several headers goes on", &[(TRACE_ID, b"{trace}"), (SPAN_ID, b"{parent}"), (SAMPLED, b"1")], JOINS_MULTI, PROCESS),
    beside(SINGLE, "B3-003c", "one header with the parent of the span", &[(B3, b"{trace}-{parent}-1-05e3ac9a4f6e3b90")], SINGLE_AS_EVER, ONE_HEADER),
    beside(MULTI, "B3-003d", "several headers with the parent of the span", &[(TRACE_ID, b"{trace}"), (PARENT, b"05e3ac9a4f6e3b90"), (SPAN_ID, b"{parent}"), (SAMPLED, b"1")], MULTI_AS_EVER, HEADERS),
    beside(SINGLE, "B3-003e", "one header with a trace id of 64 bits", &[(B3, b"{trace-16}-{parent}-1")], SINGLE_AS_EVER, IDS),
    beside(MULTI, "B3-003f", "several headers with a trace id of 64 bits", &[(TRACE_ID, b"{trace-16}"), (SPAN_ID, b"{parent}"), (SAMPLED, b"1")], MULTI_AS_EVER, IDS),
    beside(SINGLE, "B3-003g", "one header that leaves the decision open", &[(B3, b"{trace}-{parent}")], SINGLE_AS_EVER, DEFER),
    beside(MULTI, "B3-003h", "several headers that leave the decision open", &[(TRACE_ID, b"{trace}"), (SPAN_ID, b"{parent}")], MULTI_AS_EVER, DEFER),
    beside(MULTI, "B3-003i", "the names may be X-B3-TraceId and its like", &[("X-B3-TraceId", b"{trace}"), ("X-B3-SpanId", b"{parent}"), ("X-B3-Sampled", b"1")], MULTI_AS_EVER, NAMES),
    beside(SINGLE, "B3-007a", "one header: what is sampled stays so", &[(B3, b"{trace}-{parent}-1")], sampled!(B3, true), DECISION),
    beside(SINGLE, "B3-007b", "one header: what is not sampled stays so", &[(B3, b"{trace}-{parent}-0")], sampled!(B3, false), DECISION),
    beside(SINGLE, "B3-007c", "one header: debug is sampled, and stays debug", &[(B3, b"{trace}-{parent}-d")], debugged!(B3), DEBUG),
    beside(SINGLE, "B3-007d", "one header: not to sample, without any ids", &[(B3, b"0")], &[of_others(Beside::Denied(Format::B3), Should, Specification)], ONE_HEADER),
    beside(MULTI, "B3-007e", "several headers: what is sampled stays so", &[(TRACE_ID, b"{trace}"), (SPAN_ID, b"{parent}"), (SAMPLED, b"1")], sampled!(B3Multi, true), DECISION),
    beside(MULTI, "B3-007f", "several headers: what is not sampled stays so", &[(TRACE_ID, b"{trace}"), (SPAN_ID, b"{parent}"), (SAMPLED, b"0")], sampled!(B3Multi, false), DECISION),
    beside(MULTI, "B3-007g", "several headers: debug is sampled, and stays debug", &[(TRACE_ID, b"{trace}"), (SPAN_ID, b"{parent}"), (FLAGS, b"1")], debugged!(B3Multi), DEBUG),
    beside(MULTI, "B3-007h", "several headers: not to sample, without any ids", &[(SAMPLED, b"0")], &[of_others(Beside::Denied(Format::B3Multi), Should, Specification)], HEADERS),
    beside(SINGLE, "B3-008a", "one header with a trace id of zeros", &[(B3, b"00000000000000000000000000000000-{parent}-1")], SINGLE_BEGINS, ENCODING),
    beside(SINGLE, "B3-008b", "one header with a span id of zeros", &[(B3, b"{trace}-0000000000000000-1")], SINGLE_BEGINS, ENCODING),
    beside(SINGLE, "B3-008c", "one header with a trace id that begins with a dot", &[(B3, b".{trace-1}-{parent}-1")], SINGLE_BEGINS, ENCODING),
    beside(SINGLE, "B3-008d", "one header with a span id that ends with a dot", &[(B3, b"{trace}-{parent~1}.-1")], SINGLE_BEGINS, ENCODING),
    beside(SINGLE, "B3-008e", "one header with a trace id of 31 digits", &[(B3, b"{trace~1}-{parent}-1")], SINGLE_BEGINS, ENCODING),
    beside(SINGLE, "B3-008f", "one header with a trace id of 33 digits", &[(B3, b"{trace}3-{parent}-1")], SINGLE_BEGINS, ENCODING),
    beside(SINGLE, "B3-008g", "one header with a span id of 15 digits", &[(B3, b"{trace}-{parent~1}-1")], SINGLE_BEGINS, ENCODING),
    beside(SINGLE, "B3-008h", "one header with a trace id alone", &[(B3, b"{trace}")], SINGLE_BEGINS, ONE_HEADER),
    beside(SINGLE, "B3-008i", "one header with a trace id in upper case", &[(B3, b"{TRACE}-{parent}-1")], SINGLE_MAY_BEGIN, ENCODING),
    beside(MULTI, "B3-008j", "several headers with a trace id of zeros", &[(TRACE_ID, b"00000000000000000000000000000000"), (SPAN_ID, b"{parent}"), (SAMPLED, b"1")], MULTI_BEGINS, ENCODING),
    beside(MULTI, "B3-008k", "several headers with a span id of zeros", &[(TRACE_ID, b"{trace}"), (SPAN_ID, b"0000000000000000"), (SAMPLED, b"1")], MULTI_BEGINS, ENCODING),
    beside(MULTI, "B3-008l", "several headers with a trace id that ends with a dot", &[(TRACE_ID, b"{trace~1}."), (SPAN_ID, b"{parent}"), (SAMPLED, b"1")], MULTI_BEGINS, ENCODING),
    beside(MULTI, "B3-008m", "several headers with a span id that begins with a dot", &[(TRACE_ID, b"{trace}"), (SPAN_ID, b".{parent-1}"), (SAMPLED, b"1")], MULTI_BEGINS, ENCODING),
    beside(MULTI, "B3-008n", "several headers without a span id", &[(TRACE_ID, b"{trace}"), (SAMPLED, b"1")], MULTI_BEGINS, HEADERS),
    beside(SINGLE, "B3-009a", "one header: the span id is a new one", &[(B3, b"{trace}-{parent}-1")], &[of_others(Beside::OwnSpan(Format::B3), Should, Derived)], SPAN),
    beside(MULTI, "B3-009b", "several headers: the span id is a new one", &[(TRACE_ID, b"{trace}"), (SPAN_ID, b"{parent}"), (SAMPLED, b"1")], &[of_others(Beside::OwnSpan(Format::B3Multi), Should, Derived)], SPAN),
];
