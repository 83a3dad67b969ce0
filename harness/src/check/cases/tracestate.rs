//! What comes of a tracestate: STATE.

use super::{
    At, Case, Demand, GOOD, INHERITED, INHERITED_AS_EVER, KEEP_AS_EVER, LENIENT, Must, STATE,
    Should, Specification, Suite, TRACEPARENT, TRACESTATE, What, at, case, demand, illegal,
    over_all,
};

const ALONE: &str = "Trace Context level 2, \"No traceparent Received\": a tracestate without a traceparent is invalid \
                     and MUST be discarded";
const NAME: &str =
    "Trace Context level 2, §3.3.1 Header Name: it is ASCII case-insensitive, and a single word";
const EMPTY: &str = "Trace Context level 2, §3.3.2: empty list members are allowed, and vendors MUST accept empty \
                     tracestate headers";
const COMBINED: &str =
    "Trace Context level 2, §3.3.2: several header fields MUST be combined as RFC 9110, §5.3 says";
const GRAMMAR: &str = "Trace Context level 2, §3.3.2: the grammar of keys and values";
const KEYS: &str = "the grammar of keys: in Trace Context level 2 a key begins with a letter or a digit, and @ stands \
                    anywhere else; in level 1 @ stands once, before a system id of at most 14 characters, and a digit \
                    comes first only where there is one";
const WITH_INVALID: &str = "Trace Context level 2, \"A traceparent is Received\": if parsing fails, the vendor creates \
                            a new traceparent and deletes the tracestate; §3.3: it MUST NOT attempt to parse it";

const NOT_PASSED_ON: &[Demand] = &[demand(
    What::Without(&[b"foo=1", b"bar=2"]),
    Must,
    Specification,
)];
const EITHER: &[Demand] = &[
    demand(What::KeepAsEver, Must, Specification),
    demand(What::OneOf(&["foo=1", "foo=2"]), Should, Suite),
];

/// What the grammar of level 2 allows, and that of level 1 does not.
macro_rules! only_in_level_2 {
    ($member:literal) => {
        &[
            at(At::Second, demand(What::Inherited, Should, Specification)),
            at(At::First, demand(What::Without(&[$member]), Must, Suite)),
        ]
    };
}

/// What no grammar allows.
macro_rules! without {
    ($member:literal) => {
        &[demand(What::Without(&[$member]), Must, Suite)]
    };
}

// A table: one row for each case.
#[rustfmt::skip]
pub(super) static CASES: &[Case] = &[
    case("STATE-001a", "a tracestate alone", &[(TRACESTATE, b"foo=1")], NOT_PASSED_ON, ALONE, "test_tracestate_included_traceparent_missing"),
    case("STATE-001b", "a tracestate of two members alone", &[(TRACESTATE, b"foo=1,bar=2")], NOT_PASSED_ON, ALONE, "test_tracestate_included_traceparent_missing"),
    case("STATE-002a", "a tracestate goes on", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1,bar=2")], INHERITED, STATE, "test_tracestate_included_traceparent_included"),
    case("STATE-002b", "a tracestate goes on that is not in the order of the alphabet", &[(TRACEPARENT, GOOD), (TRACESTATE, b"z=1,m=2,a=3")], INHERITED, STATE, ""),
    case("STATE-003a", "trace-state is another name", &[(TRACEPARENT, GOOD), ("trace-state", b"foo=1")], NOT_PASSED_ON, NAME, "test_tracestate_header_name"),
    case("STATE-003b", "trace.state is another name", &[(TRACEPARENT, GOOD), ("trace.state", b"foo=1")], NOT_PASSED_ON, NAME, "test_tracestate_header_name"),
    case("STATE-004a", "an empty tracestate", &[(TRACEPARENT, GOOD), (TRACESTATE, b"")], KEEP_AS_EVER, EMPTY, "test_tracestate_empty_header"),
    case("STATE-004b", "an empty tracestate after a good one", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1"), (TRACESTATE, b"")], INHERITED_AS_EVER, EMPTY, "test_tracestate_empty_header"),
    case("STATE-004c", "an empty tracestate before a good one", &[(TRACEPARENT, GOOD), (TRACESTATE, b""), (TRACESTATE, b"foo=1")], INHERITED_AS_EVER, EMPTY, "test_tracestate_empty_header"),
    case("STATE-004d", "empty members between good ones", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1,, ,\t,bar=2,")], INHERITED_AS_EVER, EMPTY, ""),
    case("STATE-005", "several tracestate headers are one", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1,bar=2"), (TRACESTATE, b"rojo=1,congo=2"), (TRACESTATE, b"baz=3")], INHERITED_AS_EVER, COMBINED, "test_tracestate_multiple_headers_different_keys"),
    case("STATE-006a", "a member that stands twice", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1,foo=1")], EITHER, LENIENT, "test_tracestate_duplicated_keys"),
    case("STATE-006b", "a key with two values", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1,foo=2")], EITHER, LENIENT, "test_tracestate_duplicated_keys"),
    case("STATE-006c", "a member that stands in two headers", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1"), (TRACESTATE, b"foo=1")], EITHER, LENIENT, "test_tracestate_duplicated_keys"),
    case("STATE-006d", "a key with two values in two headers", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1"), (TRACESTATE, b"foo=2")], EITHER, LENIENT, "test_tracestate_duplicated_keys"),
    case("STATE-007a", "every character that is allowed, in key and value", &[(TRACEPARENT, GOOD), (TRACESTATE, b"abcdefghijklmnopqrstuvwxyz0123456789_-*/= !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~")], INHERITED, GRAMMAR, "test_tracestate_all_allowed_characters"),
    case("STATE-007b", "every character that is allowed, in a key with @", &[(TRACEPARENT, GOOD), (TRACESTATE, b"abcdefghijklmnopqrstuvwxyz0123456789_-*/@a-z0-9_-*/= !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~")], INHERITED, GRAMMAR, "test_tracestate_all_allowed_characters"),
    case("STATE-008a", "blanks and tabs around commas", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1 \t , \t bar=2, \t baz=3")], INHERITED, GRAMMAR, "test_tracestate_ows_handling"),
    case("STATE-008b", "tabs and blanks around commas", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1\t \t,\t \tbar=2,\t \tbaz=3")], INHERITED, GRAMMAR, "test_tracestate_ows_handling"),
    case("STATE-008c", "a blank before the value", &[(TRACEPARENT, GOOD), (TRACESTATE, b" foo=1")], INHERITED, GRAMMAR, "test_tracestate_ows_handling"),
    case("STATE-008d", "a tab before the value", &[(TRACEPARENT, GOOD), (TRACESTATE, b"\tfoo=1")], INHERITED, GRAMMAR, "test_tracestate_ows_handling"),
    case("STATE-008e", "a blank after the value", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1 ")], INHERITED, GRAMMAR, "test_tracestate_ows_handling"),
    case("STATE-008f", "a tab after the value", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1\t")], INHERITED, GRAMMAR, "test_tracestate_ows_handling"),
    case("STATE-008g", "blanks and tabs on either side of the value", &[(TRACEPARENT, GOOD), (TRACESTATE, b"\t foo=1 \t")], INHERITED, GRAMMAR, "test_tracestate_ows_handling"),
    case("STATE-009a", "a blank in a key", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo =1")], without!(b"foo =1"), LENIENT, "test_tracestate_key_illegal_characters"),
    case("STATE-009b", "upper case in a key", &[(TRACEPARENT, GOOD), (TRACESTATE, b"FOO=1")], without!(b"FOO=1"), LENIENT, "test_tracestate_key_illegal_characters"),
    case("STATE-009c", "a dot in a key", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo.bar=1")], without!(b"foo.bar=1"), LENIENT, "test_tracestate_key_illegal_characters"),
    case("STATE-010a", "a key that ends with @", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo@=1,bar=2")], only_in_level_2!(b"foo@=1"), KEYS, "test_tracestate_key_illegal_vendor_format"),
    case("STATE-010b", "a key with @@", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo@@bar=1,bar=2")], only_in_level_2!(b"foo@@bar=1"), KEYS, "test_tracestate_key_illegal_vendor_format"),
    case("STATE-010c", "a key with two @", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo@bar@baz=1,bar=2")], only_in_level_2!(b"foo@bar@baz=1"), KEYS, "test_tracestate_key_illegal_vendor_format"),
    case("STATE-010d", "a key that begins with @", &[(TRACEPARENT, GOOD), (TRACESTATE, b"@foo=1,bar=2")], without!(b"@foo=1"), LENIENT, "test_tracestate_key_illegal_vendor_format"),
    case("STATE-010e", "a key that begins with a digit", &[(TRACEPARENT, GOOD), (TRACESTATE, b"0foo=1,bar=2")], only_in_level_2!(b"0foo=1"), KEYS, ""),
    case("STATE-011a", "32 members", &[(TRACEPARENT, GOOD), (TRACESTATE, b"bar01=01,bar02=02,bar03=03,bar04=04,bar05=05,bar06=06,bar07=07,bar08=08,bar09=09,bar10=10"), (TRACESTATE, b"bar11=11,bar12=12,bar13=13,bar14=14,bar15=15,bar16=16,bar17=17,bar18=18,bar19=19,bar20=20"), (TRACESTATE, b"bar21=21,bar22=22,bar23=23,bar24=24,bar25=25,bar26=26,bar27=27,bar28=28,bar29=29,bar30=30"), (TRACESTATE, b"bar31=31,bar32=32")], INHERITED, STATE, "test_tracestate_member_count_limit"),
    case("STATE-011b", "33 members", &[(TRACEPARENT, GOOD), (TRACESTATE, b"bar01=01,bar02=02,bar03=03,bar04=04,bar05=05,bar06=06,bar07=07,bar08=08,bar09=09,bar10=10"), (TRACESTATE, b"bar11=11,bar12=12,bar13=13,bar14=14,bar15=15,bar16=16,bar17=17,bar18=18,bar19=19,bar20=20"), (TRACESTATE, b"bar21=21,bar22=22,bar23=23,bar24=24,bar25=25,bar26=26,bar27=27,bar28=28,bar29=29,bar30=30"), (TRACESTATE, b"bar31=31,bar32=32,bar33=33")], &[demand(What::AtMost(32), Must, Suite)], LENIENT, "test_tracestate_member_count_limit"),
    case("STATE-012a", "a key of 256 characters", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1"), (TRACESTATE, b"{z*256}=1")], INHERITED, GRAMMAR, "test_tracestate_key_length_limit"),
    case("STATE-012b", "a key of 257 characters", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1"), (TRACESTATE, b"{z*257}=1")], without!(b"{z*257}=1"), LENIENT, "test_tracestate_key_length_limit"),
    case("STATE-012c", "a key of 256 characters with @", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1"), (TRACESTATE, b"{t*241}@{v*14}=1")], INHERITED, GRAMMAR, "test_tracestate_key_length_limit"),
    case("STATE-012d", "a key with 242 characters before @", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1"), (TRACESTATE, b"{t*242}@v=1")], only_in_level_2!(b"{t*242}@v=1"), KEYS, "test_tracestate_key_length_limit"),
    case("STATE-012e", "a key with 15 characters after @", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1"), (TRACESTATE, b"t@{v*15}=1")], only_in_level_2!(b"t@{v*15}=1"), KEYS, "test_tracestate_key_length_limit"),
    case("STATE-012f", "a key of 257 characters with @", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=1"), (TRACESTATE, b"{t*242}@{v*14}=1")], without!(b"{t*242}@{v*14}=1"), LENIENT, ""),
    case("STATE-013a", "an equals sign in a value", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=bar=baz")], without!(b"foo=bar=baz"), LENIENT, "test_tracestate_value_illegal_characters"),
    case("STATE-013b", "an empty value", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=,bar=3")], without!(b"foo="), LENIENT, "test_tracestate_value_illegal_characters"),
    case("STATE-013c", "a value of 256 characters", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo={v*256}")], INHERITED, GRAMMAR, ""),
    case("STATE-013d", "a value of 257 characters", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo={v*257}")], without!(b"foo={v*257}"), LENIENT, ""),
    case("STATE-014a", "a good tracestate beside a trace id of zeros", &[(TRACEPARENT, b"00-00000000000000000000000000000000-{parent}-01"), (TRACESTATE, b"foo=1,bar=2")], NOT_PASSED_ON, WITH_INVALID, ""),
    case("STATE-014b", "a good tracestate beside a parent id of zeros", &[(TRACEPARENT, b"00-{trace}-0000000000000000-01"), (TRACESTATE, b"foo=1,bar=2")], NOT_PASSED_ON, WITH_INVALID, ""),
    case("STATE-014c", "a good tracestate beside version ff", &[(TRACEPARENT, b"ff-{trace}-{parent}-01"), (TRACESTATE, b"foo=1,bar=2")], NOT_PASSED_ON, WITH_INVALID, ""),
    case("STATE-014d", "a good tracestate beside flags that are not valid", &[(TRACEPARENT, b"00-{trace}-{parent}-0x"), (TRACESTATE, b"foo=1,bar=2")], NOT_PASSED_ON, WITH_INVALID, ""),
    illegal(case("STATE-015a", "a control character in a value", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=a\x01b")], without!(b"foo=a\x01b"), LENIENT, "")),
    illegal(case("STATE-015b", "DEL in a value", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=a\x7fb")], without!(b"foo=a\x7fb"), LENIENT, "")),
    case("STATE-015c", "a tab in a value", &[(TRACEPARENT, GOOD), (TRACESTATE, b"foo=a\tb")], without!(b"foo=a\tb"), LENIENT, ""),
    case("STATE-015d", "an empty key", &[(TRACEPARENT, GOOD), (TRACESTATE, b"=1")], without!(b"=1"), LENIENT, ""),
    case("STATE-016", "the tracestate of what is not sampled", &[(TRACEPARENT, b"00-{trace}-{parent}-00"), (TRACESTATE, b"foo=1,bar=2")], INHERITED_AS_EVER, STATE, "test_tracestate_included_traceparent_included"),
    over_all(case("STATE-017", "whatever came in, no empty tracestate goes on", &[], &[demand(What::NeverEmpty, Should, Specification)], "Trace Context level 2, §3.3.2: vendors SHOULD avoid sending empty tracestate headers", "")),
    case("STATE-018a", "the name may be TraceState", &[(TRACEPARENT, GOOD), ("TraceState", b"foo=1")], INHERITED_AS_EVER, NAME, "test_tracestate_header_name_valid_casing"),
    case("STATE-018b", "the name may be TrAcEsTaTe", &[(TRACEPARENT, GOOD), ("TrAcEsTaTe", b"foo=1")], INHERITED_AS_EVER, NAME, "test_tracestate_header_name_valid_casing"),
    case("STATE-018c", "the name may be TRACESTATE", &[(TRACEPARENT, GOOD), ("TRACESTATE", b"foo=1")], INHERITED_AS_EVER, NAME, "test_tracestate_header_name_valid_casing"),
];
