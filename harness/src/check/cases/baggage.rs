//! What comes of baggage: BAG.

use super::{
    Beside, Case, Demand, Derived, Format, GOOD, KEEP_AS_EVER, Must, Should, Speaks, Specification,
    TRACEPARENT, beside, illegal, of_others, over_all,
};

const BAGGAGE: &str = "baggage";
const ALONE: Speaks = Speaks::All(&[Format::Baggage]);
const WITH_TRACE: Speaks = Speaks::All(&[Format::TraceContext, Format::Baggage]);

const LIMITS: &str = "W3C Baggage, \"Limits\": up to 64 members and 8192 bytes a platform MUST propagate; \
                      \"Mutating baggage\": what comes in SHOULD be sent to outgoing requests";
const GRAMMAR: &str = "W3C Baggage, \"Definition\": white space around keys, values and properties is not part of them";
const DUPLICATES: &str = "W3C Baggage, \"Mutating baggage\": keys may be deduplicated, by keeping the first, keeping the \
                          last, or putting values together";
const COMBINED: &str = "W3C Baggage, \"Baggage HTTP header format\": several baggage headers are allowed, and can be \
                        combined";
const VALUE: &str =
    "W3C Baggage, \"value\": percent-encoded UTF-8, in which any number of equals signs may stand";
const PROPERTY: &str =
    "W3C Baggage, \"property\": metadata that is appended to a value, opaque to the specification";
const NAME: &str = "RFC 9110, §5.1: names of fields are case-insensitive";
const BEYOND: &str =
    "W3C Baggage, \"Limits\": beyond them a platform MAY drop members; which, is left open";
const MALFORMED: &str = "W3C Baggage, \"Mutating baggage\": what is not in the format MAY be removed; baggage and Trace \
                         Context are independent of each other";
const DEFINITION: &str = "W3C Baggage, \"Definition\"";

const MEMBERS: &[Demand] = &[of_others(Beside::Members, Must, Specification)];
const AS_EVER: &[Demand] = &[of_others(Beside::MembersAsEver, Must, Specification)];
const DECORATED: &[Demand] = &[
    of_others(Beside::MembersAsEver, Must, Specification),
    of_others(Beside::Properties, Should, Specification),
];
const ONE: &[Demand] = &[of_others(Beside::OneMember, Should, Derived)];
/// What is kept of it nobody says.
const HARMLESS: &[Demand] = KEEP_AS_EVER;

// A table: one row for each case.
#[rustfmt::skip]
pub(super) static CASES: &[Case] = &[
    beside(ALONE, "BAG-001a", "baggage goes on", &[(BAGGAGE, b"user=alice,tenant=7")], MEMBERS, LIMITS),
    beside(WITH_TRACE, "BAG-001b", "baggage goes on beside a traceparent", &[(TRACEPARENT, GOOD), (BAGGAGE, b"user=alice,tenant=7")], AS_EVER, LIMITS),
    beside(WITH_TRACE, "BAG-001c", "baggage goes on where nothing is sampled", &[(TRACEPARENT, b"00-{trace}-{parent}-00"), (BAGGAGE, b"user=alice,tenant=7")], AS_EVER, LIMITS),
    beside(ALONE, "BAG-001d", "blanks and tabs around keys, values and commas", &[(BAGGAGE, b"user =\talice , tenant\t= 7")], AS_EVER, GRAMMAR),
    beside(ALONE, "BAG-001e", "an empty value", &[(BAGGAGE, b"user=,tenant=7")], AS_EVER, VALUE),
    beside(ALONE, "BAG-001f", "a key with two values", &[(BAGGAGE, b"user=alice,user=bob")], ONE, DUPLICATES),
    beside(ALONE, "BAG-001g", "the name may be Baggage", &[("Baggage", b"user=alice")], AS_EVER, NAME),
    beside(ALONE, "BAG-002a", "several baggage headers are one", &[(BAGGAGE, b"user=alice"), (BAGGAGE, b"tenant=7,node=DF%2028"), (BAGGAGE, b"is_production=false")], AS_EVER, COMBINED),
    beside(ALONE, "BAG-003a", "a blank, a comma and a semicolon that are percent-encoded", &[(BAGGAGE, b"node=DF%2028%2C%3B")], AS_EVER, VALUE),
    beside(ALONE, "BAG-003b", "letters beyond ASCII", &[(BAGGAGE, b"user=%C3%84lice%E2%82%AC")], AS_EVER, VALUE),
    beside(ALONE, "BAG-003c", "percent-encoding in lower case", &[(BAGGAGE, b"user=%c3%a4lice")], AS_EVER, VALUE),
    beside(ALONE, "BAG-003d", "a percent sign that is percent-encoded is decoded once", &[(BAGGAGE, b"share=100%2520")], AS_EVER, VALUE),
    beside(ALONE, "BAG-003e", "a plus is no blank", &[(BAGGAGE, b"sum=1+1")], AS_EVER, VALUE),
    beside(ALONE, "BAG-003f", "equals signs in a value", &[(BAGGAGE, b"token=YQ==,query=a=b")], AS_EVER, VALUE),
    beside(ALONE, "BAG-003g", "every character that is allowed in a value", &[(BAGGAGE, b"all=!#$&'()*+-./0123456789:<=>?@ABCXYZ[]^_`abcxyz{|}~")], AS_EVER, VALUE),
    beside(ALONE, "BAG-003h", "every character that is allowed in a key", &[(BAGGAGE, b"a!#$%&'*+-.^_`|~9=1")], AS_EVER, DEFINITION),
    beside(ALONE, "BAG-004a", "a property", &[(BAGGAGE, b"user=alice;public")], DECORATED, PROPERTY),
    beside(ALONE, "BAG-004b", "a property with a value", &[(BAGGAGE, b"user=alice;ttl=5")], DECORATED, PROPERTY),
    beside(ALONE, "BAG-004c", "several properties, with blanks around them", &[(BAGGAGE, b"user=alice ; public ; ttl = 5,tenant=7;x")], DECORATED, PROPERTY),
    beside(ALONE, "BAG-005a", "64 members", &[(BAGGAGE, b"k01=1,k02=2,k03=3,k04=4,k05=5,k06=6,k07=7,k08=8,k09=9,k10=10,k11=11,k12=12,k13=13,k14=14,k15=15,k16=16,k17=17,k18=18,k19=19,k20=20,k21=21,k22=22,k23=23,k24=24,k25=25,k26=26,k27=27,k28=28,k29=29,k30=30,k31=31,k32=32,k33=33,k34=34,k35=35,k36=36,k37=37,k38=38,k39=39,k40=40,k41=41,k42=42,k43=43,k44=44,k45=45,k46=46,k47=47,k48=48,k49=49,k50=50,k51=51,k52=52,k53=53,k54=54,k55=55,k56=56,k57=57,k58=58,k59=59,k60=60,k61=61,k62=62,k63=63,k64=64")], AS_EVER, LIMITS),
    beside(WITH_TRACE, "BAG-005b", "65 members harm nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b"k01=1,k02=2,k03=3,k04=4,k05=5,k06=6,k07=7,k08=8,k09=9,k10=10,k11=11,k12=12,k13=13,k14=14,k15=15,k16=16,k17=17,k18=18,k19=19,k20=20,k21=21,k22=22,k23=23,k24=24,k25=25,k26=26,k27=27,k28=28,k29=29,k30=30,k31=31,k32=32,k33=33,k34=34,k35=35,k36=36,k37=37,k38=38,k39=39,k40=40,k41=41,k42=42,k43=43,k44=44,k45=45,k46=46,k47=47,k48=48,k49=49,k50=50,k51=51,k52=52,k53=53,k54=54,k55=55,k56=56,k57=57,k58=58,k59=59,k60=60,k61=61,k62=62,k63=63,k64=64,k65=65")], HARMLESS, BEYOND),
    beside(ALONE, "BAG-006a", "8192 bytes in three members", &[(BAGGAGE, b"a={x*4000},b={x*4000},c={x*184}")], AS_EVER, LIMITS),
    beside(ALONE, "BAG-006b", "8192 bytes in one member", &[(BAGGAGE, b"a={x*8190}")], AS_EVER, LIMITS),
    beside(WITH_TRACE, "BAG-006c", "8193 bytes harm nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b"a={x*8191}")], HARMLESS, BEYOND),
    beside(WITH_TRACE, "BAG-007a", "a member without a value harms nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b"user=alice,tenant")], HARMLESS, MALFORMED),
    beside(WITH_TRACE, "BAG-007b", "members without a key harm nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b"==,=1,user=alice")], HARMLESS, MALFORMED),
    beside(WITH_TRACE, "BAG-007c", "empty members harm nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b",,user=alice,")], HARMLESS, MALFORMED),
    beside(WITH_TRACE, "BAG-007d", "a blank in a key harms nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b"us er=alice")], HARMLESS, MALFORMED),
    beside(WITH_TRACE, "BAG-007e", "quotation marks and backslashes harm nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b"user=\"alice\\\"")], HARMLESS, MALFORMED),
    beside(WITH_TRACE, "BAG-007f", "a percent sign that encodes nothing harms nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b"user=%zz,share=100%")], HARMLESS, MALFORMED),
    beside(WITH_TRACE, "BAG-007g", "percent-encoding that is no UTF-8 harms nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b"user=%FF%C3")], HARMLESS, MALFORMED),
    beside(WITH_TRACE, "BAG-007h", "an empty property harms nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b"user=alice;;,tenant=7;=")], HARMLESS, MALFORMED),
    illegal(beside(WITH_TRACE, "BAG-007i", "bytes that are no text harm nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b"user=\xff\xfe")], HARMLESS, MALFORMED)),
    beside(WITH_TRACE, "BAG-007j", "empty baggage harms nothing", &[(TRACEPARENT, GOOD), (BAGGAGE, b"")], HARMLESS, MALFORMED),
    over_all(beside(ALONE, "BAG-008a", "what goes on as baggage is baggage, where what came in was", &[], &[of_others(Beside::AlwaysBaggage, Must, Specification)], DEFINITION)),
];
