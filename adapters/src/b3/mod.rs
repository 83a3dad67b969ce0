//! B3, the format of Zipkin: in one header, or in several.
//!
//! Read strictly and by ourselves, for the same reason as [`w3c`](crate::w3c). What counts is the
//! text of [b3-propagation](https://github.com/openzipkin/b3-propagation).

use std::fmt;

use opentelemetry::{SpanId, TraceId};

/// The one header.
pub const SINGLE: &str = "b3";
/// Of several headers: the trace.
pub const TRACE_ID: &str = "x-b3-traceid";
/// Of several headers: the sender's span.
pub const SPAN_ID: &str = "x-b3-spanid";
/// Of several headers: the parent of the sender's span.
pub const PARENT_SPAN_ID: &str = "x-b3-parentspanid";
/// Of several headers: the decision, unless it is `Debug`.
pub const SAMPLED: &str = "x-b3-sampled";
/// Of several headers: `1` where the decision is `Debug`.
pub const FLAGS: &str = "x-b3-flags";

/// Of several headers: all of them.
pub const NAMES: [&str; 5] = [TRACE_ID, SPAN_ID, PARENT_SPAN_ID, SAMPLED, FLAGS];

/// What B3 says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct B3 {
    /// The sender's span. None where only the decision is sent.
    pub context: Option<Context>,
    /// Whether the trace is sampled.
    pub decision: Decision,
}

/// The ids of a B3 context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Context {
    /// 16 bytes, or 8 with zeros before them; not all zero.
    pub trace_id: TraceId,
    /// 8 bytes, not all zero.
    pub span_id: SpanId,
    /// The parent of that span, where it is told.
    pub parent_id: Option<SpanId>,
}

/// Whether a trace is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The receiver is to decide.
    Defer,
    /// No.
    Deny,
    /// Yes.
    Accept,
    /// Yes, and whatever is in the way.
    Debug,
}

/// Why headers are no B3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum B3Error {
    /// There is none at all.
    #[error("no B3")]
    Absent,
    /// There are several single headers: none of them can be trusted.
    #[error("{0} b3 values where one is allowed")]
    Repeated(usize),
    /// More or fewer fields than `trace-span-decision-parent`.
    #[error("{0} fields where one to four are allowed")]
    Fields(usize),
    /// The trace id is not 16 or 32 lower-case digits, or all zero.
    #[error("the trace id is not 16 or 32 digits in lower case, not all zero")]
    TraceId,
    /// The span id is not 16 lower-case digits, or all zero.
    #[error("the span id is not 16 digits in lower case, not all zero")]
    SpanId,
    /// The parent's id is not 16 lower-case digits, or all zero.
    #[error("the parent span id is not 16 digits in lower case, not all zero")]
    ParentId,
    /// The decision is none of those there are.
    #[error("the decision is none of 0, 1 and debug")]
    Decision,
}

impl B3 {
    /// Reads the one value that there must be of the header `b3`.
    pub fn single<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, B3Error> {
        let mut values = values.into_iter();
        let first = values.next().ok_or(B3Error::Absent)?;
        match values.count() {
            0 => Self::parse(first.trim_ascii()),
            more => Err(B3Error::Repeated(more + 1)),
        }
    }

    /// Reads one value as it stood on the wire: `trace-span`, `trace-span-decision`,
    /// `trace-span-decision-parent`, or the decision alone.
    pub fn parse(value: &[u8]) -> Result<Self, B3Error> {
        let mut fields = value.split(|byte| *byte == b'-');
        let mut field = || fields.next();
        let (trace, span, decision, parent) = (field(), field(), field(), field());
        let surplus = fields.count();
        if surplus > 0 {
            return Err(B3Error::Fields(4 + surplus));
        }
        let (Some(trace), Some(span)) = (trace, span) else {
            return Ok(Self {
                context: None,
                decision: decision_of(value)?,
            });
        };
        Ok(Self {
            context: Some(Context {
                trace_id: trace_id(trace)?,
                span_id: span_id(span).ok_or(B3Error::SpanId)?,
                parent_id: match parent {
                    Some(parent) => Some(span_id(parent).ok_or(B3Error::ParentId)?),
                    None => None,
                },
            }),
            decision: decision.map_or(Ok(Decision::Defer), decision_of)?,
        })
    }

    /// Reads the several headers; `first` gives the first value of a name, which is the one that
    /// counts.
    pub fn multi<'a>(first: impl Fn(&str) -> Option<&'a [u8]>) -> Result<Self, B3Error> {
        let first = |name| first(name).map(<[u8]>::trim_ascii);
        let decision = match (first(FLAGS), first(SAMPLED)) {
            (Some(b"1"), _) => Decision::Debug,
            (None | Some(b"0"), None) => Decision::Defer,
            (None | Some(b"0"), Some(b"0")) => Decision::Deny,
            (None | Some(b"0"), Some(b"1")) => Decision::Accept,
            _ => return Err(B3Error::Decision),
        };
        let parent = first(PARENT_SPAN_ID);
        let context = match (first(TRACE_ID), first(SPAN_ID)) {
            (None, None) if parent.is_some() => return Err(B3Error::TraceId),
            (None, None) if decision == Decision::Defer => return Err(B3Error::Absent),
            (None, None) => None,
            (trace, span) => Some(Context {
                trace_id: trace_id(trace.ok_or(B3Error::TraceId)?)?,
                span_id: span.and_then(span_id).ok_or(B3Error::SpanId)?,
                parent_id: match parent {
                    Some(parent) => Some(span_id(parent).ok_or(B3Error::ParentId)?),
                    None => None,
                },
            }),
        };
        Ok(Self { context, decision })
    }
}

impl Decision {
    /// Whether spans are to be recorded; none where that is left to the receiver.
    pub fn is_sampled(self) -> Option<bool> {
        match self {
            Self::Defer => None,
            Self::Deny => Some(false),
            Self::Accept | Self::Debug => Some(true),
        }
    }
}

/// The single header.
impl fmt::Display for B3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Context {
            trace_id,
            span_id,
            parent_id,
        }) = self.context
        else {
            return self.decision.fmt(f);
        };
        write!(f, "{trace_id}-{span_id}")?;
        if self.decision != Decision::Defer {
            write!(f, "-{}", self.decision)?;
            if let Some(parent) = parent_id {
                write!(f, "-{parent}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Defer => "",
            Self::Deny => "0",
            Self::Accept => "1",
            Self::Debug => "d",
        })
    }
}

fn decision_of(field: &[u8]) -> Result<Decision, B3Error> {
    match field {
        b"0" => Ok(Decision::Deny),
        b"1" => Ok(Decision::Accept),
        b"d" => Ok(Decision::Debug),
        _ => Err(B3Error::Decision),
    }
}

fn trace_id(text: &[u8]) -> Result<TraceId, B3Error> {
    let id = match text.len() {
        16 => hex(text).map(u128::from),
        32 => {
            let (high, low) = text.split_at(16);
            hex(high)
                .zip(hex(low))
                .map(|(high, low)| u128::from(high) << 64 | u128::from(low))
        }
        _ => None,
    };
    let id = id.filter(|id| *id != 0).ok_or(B3Error::TraceId)?;
    Ok(TraceId::from(id))
}

fn span_id(text: &[u8]) -> Option<SpanId> {
    let id = hex(text).filter(|id| *id != 0)?;
    Some(SpanId::from(id))
}

/// Exactly sixteen digits, none of them in upper case.
fn hex(text: &[u8]) -> Option<u64> {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(u64::from(byte - b'0')),
        b'a'..=b'f' => Some(u64::from(byte - b'a' + 10)),
        _ => None,
    };
    let mut digits = text.iter().map(digit);
    let number = digits.try_fold(0, |number, digit| Some(number << 4 | digit?));
    number.filter(|_| text.len() == 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Carrier;
    use proptest::prelude::*;

    const GOOD: &str = "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90";

    fn parse(value: &str) -> Result<B3, B3Error> {
        B3::parse(value.as_bytes())
    }

    fn multi(entries: &[(&str, &str)]) -> Result<B3, B3Error> {
        let entries = entries.iter().map(|(n, v)| (*n, (*v).to_owned()));
        let carrier: Carrier = entries.collect();
        B3::multi(|name| carrier.all(name).next().map(|value| &value[..]))
    }

    #[test]
    fn one_header_and_several_say_the_same() {
        let single = parse(GOOD).expect("valid");
        let several = [
            ("X-B3-TraceId", "80f198ee56343ba864fe8b2a57d3eff7"),
            ("X-B3-ParentSpanId", "05e3ac9a4f6e3b90"),
            ("X-B3-SpanId", "e457b5a2e4d86bd1"),
            ("X-B3-Sampled", "1"),
        ];
        assert_eq!(multi(&several), Ok(single));
        assert_eq!(single.to_string(), GOOD);
    }

    #[test]
    fn a_short_trace_id_has_zeros_before_it() {
        let short = parse("64fe8b2a57d3eff7-e457b5a2e4d86bd1").expect("valid");
        let context = short.context.expect("a context");
        assert_eq!(
            context.trace_id.to_string(),
            "000000000000000064fe8b2a57d3eff7"
        );
        assert_eq!(short.decision.is_sampled(), None);
    }

    #[test]
    fn a_decision_may_stand_alone() {
        for (value, sampled) in [("0", false), ("1", true), ("d", true)] {
            let alone = parse(value).expect("valid");
            assert_eq!(
                (alone.context, alone.decision.is_sampled()),
                (None, Some(sampled))
            );
        }
        let denied = multi(&[(SAMPLED, "0")]).expect("valid");
        assert_eq!(denied, parse("0").expect("valid"));
    }

    #[test]
    fn the_debug_flag_is_a_decision() {
        let ids = [
            (TRACE_ID, "64fe8b2a57d3eff7"),
            (SPAN_ID, "e457b5a2e4d86bd1"),
        ];
        let debug = multi(&[ids[0], ids[1], (FLAGS, "1")]).expect("valid");
        assert_eq!(debug.decision, Decision::Debug);
        let denied = multi(&[ids[0], ids[1], (FLAGS, "0"), (SAMPLED, "0")]);
        assert_eq!(denied.expect("valid").decision, Decision::Deny);
    }

    #[test]
    fn of_several_values_the_first_counts_and_two_single_headers_are_none() {
        let first = multi(&[
            (TRACE_ID, "64fe8b2a57d3eff7"),
            (SPAN_ID, "e457b5a2e4d86bd1"),
            (SPAN_ID, "x"),
        ]);
        assert!(first.is_ok());
        let two = [GOOD.as_bytes(), GOOD.as_bytes()];
        assert_eq!(B3::single(two), Err(B3Error::Repeated(2)));
        assert_eq!(B3::single([]), Err(B3Error::Absent));
        assert_eq!(multi(&[]), Err(B3Error::Absent));
    }

    #[test]
    fn anything_else_is_refused_and_says_why() {
        use B3Error as E;
        for (from, to, why) in [
            (GOOD, "", E::Decision),
            (GOOD, "x", E::Decision),
            ("-1-", "-2-", E::Decision),
            ("-1-", "-true-", E::Decision),
            ("80f1", "80F1", E::TraceId),
            ("80f1", "0f1", E::TraceId),
            ("80f1", "+0f1", E::TraceId),
            ("e457", "457", E::SpanId),
            ("e457b5a2e4d86bd1", "0000000000000000", E::SpanId),
            ("05e3", "5e3", E::ParentId),
            ("3b90", "3b90-0", E::Fields(5)),
        ] {
            let bad = GOOD.replacen(from, to, 1);
            assert_eq!(parse(&bad), Err(why), "{bad}");
        }
        assert_eq!(
            multi(&[(TRACE_ID, "64fe8b2a57d3eff7")]),
            Err(E::SpanId),
            "a trace without a span"
        );
        assert_eq!(
            multi(&[(PARENT_SPAN_ID, "64fe8b2a57d3eff7")]),
            Err(E::TraceId)
        );
        for decision in [(SAMPLED, "true"), (FLAGS, "2")] {
            assert_eq!(multi(&[decision]), Err(E::Decision), "{decision:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_at_all_give_an_answer(value: Vec<u8>, text in "[0-9a-f-]{0,80}") {
            let _ = B3::parse(&value);
            let _ = parse(&text);
            let _ = B3::multi(|_| Some(&value));
        }

        #[test]
        fn every_context_survives_the_way_through_text(
            trace in 1_u128.., span in 1_u64.., parent in prop::option::of(1_u64..),
            decision in prop::sample::select(vec![Decision::Deny, Decision::Accept, Decision::Debug]),
        ) {
            let context = Context {
                trace_id: TraceId::from(trace),
                span_id: SpanId::from(span),
                parent_id: parent.map(SpanId::from),
            };
            let b3 = B3 { context: Some(context), decision };
            prop_assert_eq!(parse(&b3.to_string()), Ok(b3));
        }
    }
}
