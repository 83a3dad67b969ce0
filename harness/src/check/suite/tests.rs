//! What the suite sends, and what it asserts, in the order of its source.

use super::{Assert, Request, Skipped, Test};

const TRACE: &str = "12345678901234567890123456789012";
const PARENT: &str = "1234567890123456";

/// Every test of the suite: a table, one row for each request.
#[rustfmt::skip]
pub static TESTS: &[Test] = &[
    Test { name: "TraceContextTest.test_both_traceparent_and_tracestate_missing", skipped: Skipped::Never, requests: &[
        Request { headers: &[], calls: 1, asserts: &[] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_included_tracestate_missing", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::NotParent(PARENT)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_duplicated", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789011-1234567890123456-01"), ("traceparent", "00-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace("12345678901234567890123456789011"), Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_header_name", skipped: Skipped::Never, requests: &[
        Request { headers: &[("trace-parent", "00-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
        Request { headers: &[("trace.parent", "00-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_header_name_valid_casing", skipped: Skipped::Never, requests: &[
        Request { headers: &[("TraceParent", "00-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::Trace(TRACE)] },
        Request { headers: &[("TrAcEpArEnT", "00-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::Trace(TRACE)] },
        Request { headers: &[("TRACEPARENT", "00-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::Trace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_version_0x00", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-01.")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_version_0xcc", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "cc-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::Trace(TRACE)] },
        Request { headers: &[("traceparent", "cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like")], calls: 1, asserts: &[Assert::Trace(TRACE)] },
        Request { headers: &[("traceparent", "cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-be-like")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_version_0xff", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "ff-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_version_illegal_characters", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", ".0-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
        Request { headers: &[("traceparent", "0.-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_version_too_long", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "000-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
        Request { headers: &[("traceparent", "0000-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_version_too_short", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "0-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_trace_id_all_zero", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-00000000000000000000000000000000-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace("00000000000000000000000000000000")] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_trace_id_illegal_characters", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-.2345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace(".2345678901234567890123456789012")] },
        Request { headers: &[("traceparent", "00-1234567890123456789012345678901.-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace("1234567890123456789012345678901.")] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_trace_id_too_long", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-123456789012345678901234567890123-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace("123456789012345678901234567890123"), Assert::NotTrace(TRACE), Assert::NotTrace("23456789012345678901234567890123")] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_trace_id_too_short", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-1234567890123456789012345678901-1234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace("1234567890123456789012345678901")] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_parent_id_all_zero", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-0000000000000000-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_parent_id_illegal_characters", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-.234567890123456-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-123456789012345.-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_parent_id_too_long", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-12345678901234567-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_parent_id_too_short", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-123456789012345-01")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_trace_flags_illegal_characters", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-.0")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-0.")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_trace_flags_too_long", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-001")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_trace_flags_too_short", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-1")], calls: 1, asserts: &[Assert::NotTrace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_traceparent_ows_handling", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", " 00-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::Trace(TRACE)] },
        Request { headers: &[("traceparent", "\t00-12345678901234567890123456789012-1234567890123456-01")], calls: 1, asserts: &[Assert::Trace(TRACE)] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-01 ")], calls: 1, asserts: &[Assert::Trace(TRACE)] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-01\t")], calls: 1, asserts: &[Assert::Trace(TRACE)] },
        Request { headers: &[("traceparent", "\t 00-12345678901234567890123456789012-1234567890123456-01 \t")], calls: 1, asserts: &[Assert::Trace(TRACE)] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_included_traceparent_missing", skipped: Skipped::Never, requests: &[
        Request { headers: &[("tracestate", "foo=1")], calls: 1, asserts: &[] },
        Request { headers: &[("tracestate", "foo=1,bar=2")], calls: 1, asserts: &[Assert::AsManyAsBefore] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_included_traceparent_included", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1,bar=2")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Member("foo", "1"), Assert::Member("bar", "2")] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_header_name", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("trace-state", "foo=1")], calls: 1, asserts: &[Assert::NoMember("foo")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("trace.state", "foo=1")], calls: 1, asserts: &[Assert::NoMember("foo")] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_header_name_valid_casing", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("TraceState", "foo=1")], calls: 1, asserts: &[Assert::Member("foo", "1")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("TrAcEsTaTe", "foo=1")], calls: 1, asserts: &[Assert::Member("foo", "1")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("TRACESTATE", "foo=1")], calls: 1, asserts: &[Assert::Member("foo", "1")] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_empty_header", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "")], calls: 1, asserts: &[Assert::Trace(TRACE)] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1"), ("tracestate", "")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Member("foo", "1")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", ""), ("tracestate", "foo=1")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Member("foo", "1")] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_multiple_headers_different_keys", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1,bar=2"), ("tracestate", "rojo=1,congo=2"), ("tracestate", "baz=3")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Ordered(&["foo=1", "bar=2", "rojo=1", "congo=2", "baz=3"])] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_duplicated_keys", skipped: Skipped::UnlessStrict, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1,foo=1")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Contains(&["foo=1"])] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1,foo=2")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Contains(&["foo=1", "foo=2"])] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1"), ("tracestate", "foo=1")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Contains(&["foo=1"])] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1"), ("tracestate", "foo=2")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Contains(&["foo=1", "foo=2"])] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_all_allowed_characters", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "abcdefghijklmnopqrstuvwxyz0123456789_-*/= !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~")], calls: 1, asserts: &[Assert::Member("abcdefghijklmnopqrstuvwxyz0123456789_-*/", " !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "abcdefghijklmnopqrstuvwxyz0123456789_-*/@a-z0-9_-*/= !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~")], calls: 1, asserts: &[Assert::Member("abcdefghijklmnopqrstuvwxyz0123456789_-*/@a-z0-9_-*/", " !\"#$%&'()*+-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~")] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_ows_handling", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1 \t , \t bar=2, \t baz=3")], calls: 1, asserts: &[Assert::Member("foo", "1"), Assert::Member("bar", "2"), Assert::Member("baz", "3")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1\t \t,\t \tbar=2,\t \tbaz=3")], calls: 1, asserts: &[Assert::Member("foo", "1"), Assert::Member("bar", "2"), Assert::Member("baz", "3")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", " foo=1")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Member("foo", "1")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "\tfoo=1")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Member("foo", "1")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1 ")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Member("foo", "1")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1\t")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Member("foo", "1")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "\t foo=1 \t")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::Member("foo", "1")] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_key_illegal_characters", skipped: Skipped::UnlessStrict, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo =1")], calls: 1, asserts: &[Assert::NoMember("foo ")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "FOO=1")], calls: 1, asserts: &[Assert::NoMember("FOO")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo.bar=1")], calls: 1, asserts: &[Assert::NoMember("foo.bar")] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_key_illegal_vendor_format", skipped: Skipped::UnlessStrict, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo@=1,bar=2")], calls: 1, asserts: &[Assert::Member("foo@", "1"), Assert::Member("bar", "2")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "@foo=1,bar=2")], calls: 1, asserts: &[Assert::NoMember("bar")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo@@bar=1,bar=2")], calls: 1, asserts: &[Assert::Member("foo@@bar", "1"), Assert::Member("bar", "2")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo@bar@baz=1,bar=2")], calls: 1, asserts: &[Assert::Member("foo@bar@baz", "1"), Assert::Member("bar", "2")] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_member_count_limit", skipped: Skipped::UnlessStrict, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "bar01=01,bar02=02,bar03=03,bar04=04,bar05=05,bar06=06,bar07=07,bar08=08,bar09=09,bar10=10"), ("tracestate", "bar11=11,bar12=12,bar13=13,bar14=14,bar15=15,bar16=16,bar17=17,bar18=18,bar19=19,bar20=20"), ("tracestate", "bar21=21,bar22=22,bar23=23,bar24=24,bar25=25,bar26=26,bar27=27,bar28=28,bar29=29,bar30=30"), ("tracestate", "bar31=31,bar32=32")], calls: 1, asserts: &[Assert::Member("bar01", "01"), Assert::Members(32)] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "bar01=01,bar02=02,bar03=03,bar04=04,bar05=05,bar06=06,bar07=07,bar08=08,bar09=09,bar10=10"), ("tracestate", "bar11=11,bar12=12,bar13=13,bar14=14,bar15=15,bar16=16,bar17=17,bar18=18,bar19=19,bar20=20"), ("tracestate", "bar21=21,bar22=22,bar23=23,bar24=24,bar25=25,bar26=26,bar27=27,bar28=28,bar29=29,bar30=30"), ("tracestate", "bar31=31,bar32=32,bar33=33")], calls: 1, asserts: &[Assert::NoMember("bar01")] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_key_length_limit", skipped: Skipped::UnlessStrict, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1"), ("tracestate", "{z256}=1")], calls: 1, asserts: &[Assert::Member("foo", "1"), Assert::Member("{z256}", "1")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1"), ("tracestate", "{z257}=1")], calls: 1, asserts: &[Assert::NoMember("foo")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1"), ("tracestate", "{t241}@vvvvvvvvvvvvvv=1")], calls: 1, asserts: &[Assert::Member("foo", "1"), Assert::Member("{t241}@vvvvvvvvvvvvvv", "1")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1"), ("tracestate", "{t242}@v=1")], calls: 1, asserts: &[Assert::Member("foo", "1"), Assert::Member("{t242}@v", "1")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=1"), ("tracestate", "t@vvvvvvvvvvvvvvv=1")], calls: 1, asserts: &[Assert::Member("foo", "1"), Assert::Member("t@vvvvvvvvvvvvvvv", "1")] },
    ] },
    Test { name: "TraceContextTest.test_tracestate_value_illegal_characters", skipped: Skipped::UnlessStrict, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=bar=baz")], calls: 1, asserts: &[Assert::NoMember("foo")] },
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-00"), ("tracestate", "foo=,bar=3")], calls: 1, asserts: &[Assert::NoMember("foo"), Assert::NoMember("bar")] },
    ] },
    Test { name: "AdvancedTest.test_multiple_requests_with_valid_traceparent", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-01")], calls: 3, asserts: &[Assert::AllInTrace(TRACE), Assert::ParentsDiffer] },
    ] },
    Test { name: "AdvancedTest.test_multiple_requests_without_traceparent", skipped: Skipped::Never, requests: &[
        Request { headers: &[], calls: 3, asserts: &[Assert::ParentsDiffer] },
    ] },
    Test { name: "AdvancedTest.test_multiple_requests_with_illegal_traceparent", skipped: Skipped::Never, requests: &[
        Request { headers: &[("traceparent", "00-00000000000000000000000000000000-1234567890123456-01")], calls: 3, asserts: &[Assert::NoneInTrace("00000000000000000000000000000000"), Assert::ParentsDiffer] },
    ] },
    Test { name: "TraceContext2Test.test_propagates_random_flag", skipped: Skipped::UnlessSecond, requests: &[
        Request { headers: &[("traceparent", "00-12345678901234567890123456789012-1234567890123456-02")], calls: 1, asserts: &[Assert::Trace(TRACE), Assert::NotParent(PARENT), Assert::Random] },
    ] },
];
