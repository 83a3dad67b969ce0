//! What comes of a traceparent: WIRE.

use super::{
    At, Case, Demand, Derived, GOOD, KEEP, KEEP_AS_EVER, MUTATING, Must, NEW, NEW_DERIVED, PARSING,
    Should, Specification, Suite, TRACEPARENT, TRACESTATE, What, at, case, demand, illegal,
    over_all, several,
};

const NAME: &str =
    "Trace Context level 2, §3.2.1 Header Name: it is ASCII case-insensitive, and a single word";
const VERSIONING: &str = "Trace Context level 2, §3.2.4 Versioning of traceparent: of a higher version the first 55 \
                          characters are parsed, if nothing or a dash follows, and 00 is sent on";
const OWS: &str = "RFC 9110, §5.5: white space around a field value is not part of it";
const CALLS: &str = "W3C trace-context test suite; Trace Context level 2, §3.2.2.4 parent-id: the id of this request \
                     as known by the caller";
const FLAGS: &str = "Trace Context level 2, §3.2.2.5 trace-flags";

const DOWNGRADED: &[Demand] = &[
    demand(What::Valid, Must, Specification),
    demand(What::Keep, Should, Specification),
];
const PARENTS_DIFFER: &[Demand] = &[
    demand(What::ParentsDiffer, Should, Suite),
    demand(What::OneTrace, Should, Derived),
];
const NOT_CONTINUED: &[Demand] = &[demand(What::NotContinued, Must, Derived)];
const AMBIGUOUS: &[Demand] = &[demand(What::New, Should, Specification)];
const RANDOM_SET: &[Demand] = &[
    at(At::Second, demand(What::KeepAsEver, Must, Specification)),
    at(At::Second, demand(What::Random(true), Must, Specification)),
];
const RANDOM_UNSET: &[Demand] = &[at(
    At::Second,
    demand(What::Random(false), Must, Specification),
)];
const KNOWN_FLAGS: &[Demand] = &[demand(What::KnownFlags, Must, Specification)];

// A table: one row for each case.
#[rustfmt::skip]
pub(super) static CASES: &[Case] = &[
    case("WIRE-001", "nothing came in: a trace begins", &[], &[demand(What::Valid, Should, Specification)], "Trace Context level 2, §3.4: a vendor receiving a request without a traceparent SHOULD generate one", "test_both_traceparent_and_tracestate_missing"),
    case("WIRE-002", "a traceparent goes on", &[(TRACEPARENT, GOOD)], KEEP, MUTATING, "test_traceparent_included_tracestate_missing"),
    case("WIRE-003", "two traceparent headers are none", &[(TRACEPARENT, b"00-{trace~1}1-{parent}-01"), (TRACEPARENT, b"00-{trace~1}2-{parent}-01")], &[demand(What::New, Should, Suite)], "W3C trace-context test suite", "test_traceparent_duplicated"),
    case("WIRE-004a", "trace-parent is another name", &[("trace-parent", GOOD)], NOT_CONTINUED, NAME, "test_traceparent_header_name"),
    case("WIRE-004b", "trace.parent is another name", &[("trace.parent", GOOD)], NOT_CONTINUED, NAME, "test_traceparent_header_name"),
    case("WIRE-005a", "the name may be TraceParent", &[("TraceParent", GOOD)], KEEP_AS_EVER, NAME, "test_traceparent_header_name_valid_casing"),
    case("WIRE-005b", "the name may be TrAcEpArEnT", &[("TrAcEpArEnT", GOOD)], KEEP_AS_EVER, NAME, "test_traceparent_header_name_valid_casing"),
    case("WIRE-005c", "the name may be TRACEPARENT", &[("TRACEPARENT", GOOD)], KEEP_AS_EVER, NAME, "test_traceparent_header_name_valid_casing"),
    case("WIRE-006a", "version 00 with a dot after the flags", &[(TRACEPARENT, b"00-{trace}-{parent}-01.")], NEW_DERIVED, PARSING, "test_traceparent_version_0x00"),
    case("WIRE-006b", "version 00 with a further field", &[(TRACEPARENT, b"00-{trace}-{parent}-01-what-the-future-will-be-like")], NEW_DERIVED, PARSING, "test_traceparent_version_0x00"),
    case("WIRE-007a", "a version of the future", &[(TRACEPARENT, b"cc-{trace}-{parent}-01")], DOWNGRADED, VERSIONING, "test_traceparent_version_0xcc"),
    case("WIRE-007b", "a version of the future with a further field", &[(TRACEPARENT, b"cc-{trace}-{parent}-01-what-the-future-will-be-like")], DOWNGRADED, VERSIONING, "test_traceparent_version_0xcc"),
    case("WIRE-007c", "a version of the future with a dot after the flags", &[(TRACEPARENT, b"cc-{trace}-{parent}-01.what-the-future-will-be-like")], NEW, VERSIONING, "test_traceparent_version_0xcc"),
    case("WIRE-008", "version ff is forbidden", &[(TRACEPARENT, b"ff-{trace}-{parent}-01")], NEW, PARSING, "test_traceparent_version_0xff"),
    case("WIRE-009a", "a version that begins with a dot", &[(TRACEPARENT, b".0-{trace}-{parent}-01")], NEW_DERIVED, PARSING, "test_traceparent_version_illegal_characters"),
    case("WIRE-009b", "a version that ends with a dot", &[(TRACEPARENT, b"0.-{trace}-{parent}-01")], NEW_DERIVED, PARSING, "test_traceparent_version_illegal_characters"),
    case("WIRE-009c", "a version of 3 digits", &[(TRACEPARENT, b"000-{trace}-{parent}-01")], NEW_DERIVED, PARSING, "test_traceparent_version_too_long"),
    case("WIRE-009d", "a version of 4 digits", &[(TRACEPARENT, b"0000-{trace}-{parent}-01")], NEW_DERIVED, PARSING, "test_traceparent_version_too_long"),
    case("WIRE-009e", "a version of 1 digit", &[(TRACEPARENT, b"0-{trace}-{parent}-01")], NEW_DERIVED, PARSING, "test_traceparent_version_too_short"),
    case("WIRE-010a", "a trace id of zeros", &[(TRACEPARENT, b"00-00000000000000000000000000000000-{parent}-01")], NEW, PARSING, "test_traceparent_trace_id_all_zero"),
    case("WIRE-010b", "a trace id that begins with a dot", &[(TRACEPARENT, b"00-.{trace-1}-{parent}-01")], NEW, PARSING, "test_traceparent_trace_id_illegal_characters"),
    case("WIRE-010c", "a trace id that ends with a dot", &[(TRACEPARENT, b"00-{trace~1}.-{parent}-01")], NEW, PARSING, "test_traceparent_trace_id_illegal_characters"),
    case("WIRE-010d", "a trace id of 33 digits", &[(TRACEPARENT, b"00-{trace}3-{parent}-01")], NEW, PARSING, "test_traceparent_trace_id_too_long"),
    case("WIRE-010e", "a trace id of 31 digits", &[(TRACEPARENT, b"00-{trace~1}-{parent}-01")], NEW, PARSING, "test_traceparent_trace_id_too_short"),
    case("WIRE-011a", "a parent id of zeros", &[(TRACEPARENT, b"00-{trace}-0000000000000000-01")], NEW, PARSING, "test_traceparent_parent_id_all_zero"),
    case("WIRE-011b", "a parent id that begins with a dot", &[(TRACEPARENT, b"00-{trace}-.{parent-1}-01")], NEW, PARSING, "test_traceparent_parent_id_illegal_characters"),
    case("WIRE-011c", "a parent id that ends with a dot", &[(TRACEPARENT, b"00-{trace}-{parent~1}.-01")], NEW, PARSING, "test_traceparent_parent_id_illegal_characters"),
    case("WIRE-011d", "a parent id of 17 digits", &[(TRACEPARENT, b"00-{trace}-{parent}7-01")], NEW, PARSING, "test_traceparent_parent_id_too_long"),
    case("WIRE-011e", "a parent id of 15 digits", &[(TRACEPARENT, b"00-{trace}-{parent~1}-01")], NEW, PARSING, "test_traceparent_parent_id_too_short"),
    case("WIRE-012a", "flags that begin with a dot", &[(TRACEPARENT, b"00-{trace}-{parent}-.0")], NEW_DERIVED, PARSING, "test_traceparent_trace_flags_illegal_characters"),
    case("WIRE-012b", "flags that end with a dot", &[(TRACEPARENT, b"00-{trace}-{parent}-0.")], NEW_DERIVED, PARSING, "test_traceparent_trace_flags_illegal_characters"),
    case("WIRE-012c", "flags of 3 digits", &[(TRACEPARENT, b"00-{trace}-{parent}-001")], NEW_DERIVED, PARSING, "test_traceparent_trace_flags_too_long"),
    case("WIRE-012d", "flags of 1 digit", &[(TRACEPARENT, b"00-{trace}-{parent}-1")], NEW_DERIVED, PARSING, "test_traceparent_trace_flags_too_short"),
    case("WIRE-013a", "a blank before the value", &[(TRACEPARENT, b" 00-{trace}-{parent}-01")], KEEP_AS_EVER, OWS, "test_traceparent_ows_handling"),
    case("WIRE-013b", "a tab before the value", &[(TRACEPARENT, b"\t00-{trace}-{parent}-01")], KEEP_AS_EVER, OWS, "test_traceparent_ows_handling"),
    case("WIRE-013c", "a blank after the value", &[(TRACEPARENT, b"00-{trace}-{parent}-01 ")], KEEP_AS_EVER, OWS, "test_traceparent_ows_handling"),
    case("WIRE-013d", "a tab after the value", &[(TRACEPARENT, b"00-{trace}-{parent}-01\t")], KEEP_AS_EVER, OWS, "test_traceparent_ows_handling"),
    case("WIRE-013e", "blanks and tabs on either side of the value", &[(TRACEPARENT, b"\t 00-{trace}-{parent}-01 \t")], KEEP_AS_EVER, OWS, "test_traceparent_ows_handling"),
    case("WIRE-014a", "a trace id in upper case", &[(TRACEPARENT, b"00-{TRACE}-{parent}-01")], NEW, PARSING, ""),
    case("WIRE-014b", "a parent id in upper case", &[(TRACEPARENT, b"00-{trace}-{PARENT}-01")], NEW, PARSING, ""),
    case("WIRE-014c", "a version in upper case", &[(TRACEPARENT, b"CC-{trace}-{parent}-01")], AMBIGUOUS, PARSING, ""),
    case("WIRE-014d", "flags in upper case", &[(TRACEPARENT, b"00-{trace}-{parent}-0B")], AMBIGUOUS, PARSING, ""),
    case("WIRE-015a", "a plus in the version", &[(TRACEPARENT, b"+0-{trace}-{parent}-01")], NEW_DERIVED, PARSING, ""),
    case("WIRE-015b", "a plus in the trace id", &[(TRACEPARENT, b"00-+{trace-1}-{parent}-01")], NEW_DERIVED, PARSING, ""),
    case("WIRE-015c", "a plus in the parent id", &[(TRACEPARENT, b"00-{trace}-+{parent-1}-01")], NEW_DERIVED, PARSING, ""),
    case("WIRE-015d", "a plus in the flags", &[(TRACEPARENT, b"00-{trace}-{parent}-+1")], NEW_DERIVED, PARSING, ""),
    case("WIRE-015e", "a blank in the trace id", &[(TRACEPARENT, b"00- {trace-1}-{parent}-01")], NEW_DERIVED, PARSING, ""),
    case("WIRE-015f", "a blank in the parent id", &[(TRACEPARENT, b"00-{trace}-{parent~1} -01")], NEW_DERIVED, PARSING, ""),
    case("WIRE-015g", "a blank before the flags", &[(TRACEPARENT, b"00-{trace}-{parent}- 1")], NEW_DERIVED, PARSING, ""),
    illegal(case("WIRE-015h", "a no-break space in the trace id", &[(TRACEPARENT, b"00-\xc2\xa0{trace-2}-{parent}-01")], NEW_DERIVED, PARSING, "")),
    illegal(case("WIRE-015i", "a no-break space before the value, which is no white space of HTTP", &[(TRACEPARENT, b"\xa000-{trace}-{parent}-01")], NEW_DERIVED, PARSING, "")),
    case("WIRE-016", "version 00 with a dash after the flags", &[(TRACEPARENT, b"00-{trace}-{parent}-01-")], NEW_DERIVED, PARSING, ""),
    over_all(case("WIRE-017a", "whatever came in, what goes on is one valid traceparent", &[], &[demand(What::AlwaysValid, Must, Specification)], PARSING, "")),
    over_all(case("WIRE-017b", "the name goes on in lower case", &[], &[demand(What::LowerCase, Should, Specification)], "Trace Context level 2, §3.2.1 Header Name: tracing systems SHOULD encode it as ASCII lowercase", "")),
    several(case("WIRE-018a", "several calls in one trace", &[(TRACEPARENT, GOOD)], &[demand(What::Keep, Should, Specification), demand(What::OneTrace, Should, Derived), demand(What::ParentsDiffer, Should, Suite)], CALLS, "test_multiple_requests_with_valid_traceparent")),
    several(case("WIRE-018b", "several calls where nothing came in", &[], PARENTS_DIFFER, CALLS, "test_multiple_requests_without_traceparent")),
    several(case("WIRE-019", "several calls where the traceparent is not valid", &[(TRACEPARENT, b"00-00000000000000000000000000000000-{parent}-01")], PARENTS_DIFFER, CALLS, "test_multiple_requests_with_illegal_traceparent")),
    case("WIRE-020", "two traceparents in one header, with a comma between", &[(TRACEPARENT, b"00-{trace}-{parent}-01,00-{trace~1}2-{parent}-01")], NEW_DERIVED, PARSING, ""),
    case("WIRE-021", "the parent id is a new one, or nothing beside it is touched", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1")], &[demand(What::OwnParent, Must, Specification)], "Trace Context level 2, \"A traceparent is Received\": parent-id MUST be set to a value representing the ID of the current operation; §3.4: if traceparent was not changed, tracestate MUST NOT be modified", "test_traceparent_included_tracestate_missing"),
    case("WIRE-022a", "what is sampled stays so", &[(TRACEPARENT, GOOD)], &[demand(What::Sampled(true), Should, Specification)], FLAGS, ""),
    case("WIRE-022b", "what is not sampled stays so", &[(TRACEPARENT, b"00-{trace}-{parent}-00")], &[demand(What::Sampled(false), Should, Specification)], FLAGS, ""),
    case("WIRE-022c", "a random trace id stays so", &[(TRACEPARENT, b"00-{trace}-{parent}-03")], RANDOM_SET, FLAGS, ""),
    case("WIRE-022d", "a random trace id stays so where it is not sampled", &[(TRACEPARENT, b"00-{trace}-{parent}-02")], RANDOM_SET, FLAGS, "test_propagates_random_flag"),
    case("WIRE-022e", "a trace id that is not random does not become so", &[(TRACEPARENT, GOOD)], RANDOM_UNSET, FLAGS, ""),
    case("WIRE-022f", "flags that nobody knows become zero", &[(TRACEPARENT, b"00-{trace}-{parent}-ff")], KNOWN_FLAGS, FLAGS, ""),
    case("WIRE-022g", "flags of a version of the future become zero", &[(TRACEPARENT, b"cc-{trace}-{parent}-fd")], KNOWN_FLAGS, FLAGS, ""),
    case("WIRE-023a", "a tracestate that makes no sense", &[(TRACEPARENT, GOOD), (TRACESTATE, b"===")], KEEP_AS_EVER, TRACESTATE_APART, ""),
    case("WIRE-023b", "a tracestate whose key is not valid", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1,FOO BAR=2")], KEEP_AS_EVER, TRACESTATE_APART, ""),
    illegal(case("WIRE-023c", "a tracestate that is no text", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=\xff\xfe")], KEEP_AS_EVER, TRACESTATE_APART, "")),
    case("WIRE-023d", "a tracestate with a member of 4000 characters", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo={x*4000}")], KEEP_AS_EVER, TRACESTATE_APART, ""),
];

const TRACESTATE_APART: &str = "Trace Context level 2, §3.3: failure to parse tracestate MUST NOT affect the parsing of \
                                traceparent";
