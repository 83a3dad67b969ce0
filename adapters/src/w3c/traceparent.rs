use std::fmt;

use opentelemetry::{SpanId, TraceId};

/// The context that a `traceparent` names (Trace Context level 2, §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    /// 16 bytes, not all zero.
    pub trace_id: TraceId,
    /// 8 bytes, not all zero: the sender's span.
    pub parent_id: SpanId,
    /// `01` sampled, `02` random trace id; every other bit is unknown.
    pub flags: u8,
}

/// Why a value is not a `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceParentError {
    /// There is none at all.
    #[error("no traceparent")]
    Absent,
    /// There are several: none of them can be trusted.
    #[error("{0} traceparent values where one is allowed")]
    Repeated(usize),
    /// Its length is not that of its version.
    #[error("{0} bytes long; version 00 has 55")]
    Length(usize),
    /// A `-` is missing between two fields.
    #[error("byte {0} is not '-'")]
    Delimiter(usize),
    /// A field holds something other than lower-case hexadecimal digits.
    #[error("byte {0} is not a lower-case hexadecimal digit")]
    Digit(usize),
    /// Version `ff` is forbidden.
    #[error("version ff is forbidden")]
    Version,
    /// The trace id is all zero.
    #[error("the trace id is all zero")]
    ZeroTraceId,
    /// The parent id is all zero.
    #[error("the parent id is all zero")]
    ZeroParentId,
}

/// The length of a version 00 value, and the least length of any later one.
const LENGTH: usize = 55;
const VERSION: usize = 0;
const TRACE_ID: usize = 3;
const PARENT_ID: usize = 36;
const FLAGS: usize = 53;

impl TraceParent {
    /// Reads one value as it stood on the wire.
    ///
    /// White space around the value is the transport's affair and must be gone. Of a version
    /// later than 00 the first 55 bytes are read, and only if nothing or a `-` follows them (§3.2.4).
    pub fn parse(value: &[u8]) -> Result<Self, TraceParentError> {
        use TraceParentError as E;
        if value.len() < LENGTH {
            return Err(E::Length(value.len()));
        }
        for delimiter in [TRACE_ID - 1, PARENT_ID - 1, FLAGS - 1] {
            if value[delimiter] != b'-' {
                return Err(E::Delimiter(delimiter));
            }
        }
        let [version] = hex(value, VERSION)?;
        match (version, value.get(LENGTH)) {
            (0xff, _) => return Err(E::Version),
            (_, None) | (1.., Some(b'-')) => {}
            (_, Some(_)) => return Err(E::Length(value.len())),
        }
        let trace_id = TraceId::from_bytes(hex(value, TRACE_ID)?);
        let parent_id = SpanId::from_bytes(hex(value, PARENT_ID)?);
        let [flags] = hex(value, FLAGS)?;
        if trace_id == TraceId::INVALID {
            return Err(E::ZeroTraceId);
        }
        if parent_id == SpanId::INVALID {
            return Err(E::ZeroParentId);
        }
        Ok(Self {
            trace_id,
            parent_id,
            flags,
        })
    }

    /// Reads the one value there must be; two are as bad as a broken one.
    pub fn from_values<'a>(
        values: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, TraceParentError> {
        let mut values = values.into_iter();
        let first = values.next().ok_or(TraceParentError::Absent)?;
        match values.count() {
            0 => Self::parse(first.trim_ascii()),
            more => Err(TraceParentError::Repeated(more + 1)),
        }
    }

    /// Whether the sender recorded its span.
    pub fn is_sampled(&self) -> bool {
        self.flags & 1 == 1
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trace_id,
            parent_id,
            flags,
        } = self;
        write!(f, "00-{trace_id}-{parent_id}-{flags:02x}")
    }
}

fn hex<const N: usize>(value: &[u8], start: usize) -> Result<[u8; N], TraceParentError> {
    let digit = |at: usize| match value[at] {
        byte @ b'0'..=b'9' => Ok(byte - b'0'),
        byte @ b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(TraceParentError::Digit(at)),
    };
    let mut bytes = [0; N];
    for (i, byte) in bytes.iter_mut().enumerate() {
        let at = start + 2 * i;
        *byte = digit(at)? << 4 | digit(at + 1)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn why(value: &str) -> TraceParentError {
        TraceParent::parse(value.as_bytes()).expect_err(value)
    }

    #[test]
    fn a_valid_value_comes_back_as_it_was() {
        let parsed = TraceParent::parse(GOOD.as_bytes()).expect("valid");
        assert!(parsed.is_sampled());
        assert_eq!(parsed.to_string(), GOOD);
    }

    #[test]
    fn a_later_version_may_go_on_after_a_dash_only() {
        let later = GOOD.replacen("00", "cc", 1);
        for ending in ["", "-", "-what-the-future-brings"] {
            assert!(TraceParent::parse(format!("{later}{ending}").as_bytes()).is_ok());
        }
        assert_eq!(why(&format!("{later}.x")), TraceParentError::Length(57));
    }

    #[test]
    fn what_the_specification_forbids_is_refused_and_says_why() {
        use TraceParentError as E;
        assert_eq!(why(""), E::Length(0));
        assert_eq!(why(&format!("{GOOD}-")), E::Length(56));
        assert_eq!(why(&GOOD.replacen("00", "ff", 1)), E::Version);
        assert_eq!(why(&GOOD.replacen("4b", "4B", 1)), E::Digit(4));
        assert_eq!(why(&GOOD.replacen("4b", "+b", 1)), E::Digit(3));
        assert_eq!(why(&GOOD.replacen('-', "_", 1)), E::Delimiter(2));
        let zero_trace = GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32));
        assert_eq!(why(&zero_trace), E::ZeroTraceId);
        assert_eq!(
            why(&GOOD.replace("00f067aa0ba902b7", &"0".repeat(16))),
            E::ZeroParentId
        );
    }

    #[test]
    fn two_values_are_as_bad_as_none() {
        let two = [GOOD.as_bytes(), GOOD.as_bytes()];
        assert_eq!(
            TraceParent::from_values(two),
            Err(TraceParentError::Repeated(2))
        );
        assert_eq!(TraceParent::from_values([]), Err(TraceParentError::Absent));
    }

    proptest! {
        #[test]
        fn any_bytes_at_all_give_an_answer(value: Vec<u8>) {
            let _ = TraceParent::parse(&value);
        }

        #[test]
        fn every_context_survives_the_way_through_text(trace in 1_u128.., parent in 1_u64.., flags: u8) {
            let context = TraceParent {
                trace_id: TraceId::from(trace),
                parent_id: SpanId::from(parent),
                flags,
            };
            prop_assert_eq!(TraceParent::parse(context.to_string().as_bytes()), Ok(context));
        }
    }
}
