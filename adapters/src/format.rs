//! The formats in which what belongs to a request stands on a carrier.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Carrier;
use crate::b3::{self, B3};
use crate::w3c::{TRACEPARENT, TraceParent};
use crate::xray::{self, TraceHeader};

/// A format that a service may speak. The names are those of `OTEL_PROPAGATORS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Format {
    /// `traceparent` and `tracestate`.
    TraceContext,
    /// `baggage`. It names no span.
    Baggage,
    /// `b3`.
    B3,
    /// `x-b3-traceid` and its like.
    B3Multi,
    /// `X-Amzn-Trace-Id`, or the system attribute of SQS.
    XRay,
}

/// A word that names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no format; there are: {list}", list = names())]
pub struct FormatError(String);

impl Format {
    /// Every format. Where a carrier holds a context in several, and nobody said which counts,
    /// it is the first of these.
    pub const ALL: [Self; 5] = [
        Self::TraceContext,
        Self::B3,
        Self::B3Multi,
        Self::XRay,
        Self::Baggage,
    ];

    /// What a service speaks that was told nothing.
    pub const DEFAULT: [Self; 2] = [Self::TraceContext, Self::Baggage];

    /// Its name in `OTEL_PROPAGATORS`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TraceContext => "tracecontext",
            Self::Baggage => "baggage",
            Self::B3 => "b3",
            Self::B3Multi => "b3multi",
            Self::XRay => "xray",
        }
    }

    /// Reads a list of names, parted by commas.
    pub fn list(names: &str) -> Result<Vec<Self>, FormatError> {
        names.split(',').map(|name| name.trim().parse()).collect()
    }

    /// The context that stands on a carrier in this format, if a valid one does. What another
    /// format cannot say is left out: B3 and X-Ray know one flag.
    pub fn context(self, carrier: &Carrier) -> Option<TraceParent> {
        match self {
            Self::TraceContext => {
                TraceParent::from_values(carrier.all(TRACEPARENT).map(|value| &**value)).ok()
            }
            Self::Baggage => None,
            Self::B3 => context_of(B3::single(carrier.all(b3::SINGLE).map(|v| &**v)).ok()?),
            Self::B3Multi => {
                let first = |name: &str| carrier.all(name).next().map(|value| &**value);
                context_of(B3::multi(first).ok()?)
            }
            Self::XRay => {
                let mut values = xray::values(carrier);
                let value = str::from_utf8(values.next()?).ok()?;
                TraceHeader::parse(value).ok().map(TraceParent::from)
            }
        }
    }

    /// Whether anything stands on a carrier under a name of this format.
    pub fn stands_on(self, carrier: &Carrier) -> bool {
        let has = |name: &str| carrier.all(name).next().is_some();
        match self {
            Self::TraceContext => has(TRACEPARENT),
            Self::Baggage => has(crate::w3c::BAGGAGE),
            Self::B3 => has(b3::SINGLE),
            Self::B3Multi => b3::NAMES.into_iter().any(has),
            Self::XRay => xray::values(carrier).next().is_some(),
        }
    }
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| FormatError(name.to_owned()))
    }
}

impl TryFrom<String> for Format {
    type Error = FormatError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl From<Format> for String {
    fn from(format: Format) -> Self {
        format.as_str().to_owned()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where the decision is left to the receiver, nothing says that the trace is sampled.
fn context_of(b3: B3) -> Option<TraceParent> {
    let context = b3.context?;
    Some(TraceParent {
        trace_id: context.trace_id,
        parent_id: context.span_id,
        flags: u8::from(b3.decision.is_sampled() == Some(true)),
    })
}

fn names() -> String {
    Format::ALL.map(Format::as_str).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: &str = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";

    #[test]
    fn every_name_reads_back_and_a_list_keeps_its_order() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        let list = Format::list("b3, tracecontext");
        assert_eq!(list, Ok(vec![Format::B3, Format::TraceContext]));
        let unknown = Format::list("b3,jaeger").expect_err("unknown").to_string();
        assert!(unknown.contains("\"jaeger\" is no format"), "{unknown}");
    }

    #[test]
    fn every_format_says_the_same_context() {
        let (trace, span) = IDS.split_once('-').expect("two ids");
        let carriers: [(Format, Vec<(&str, String)>); 4] = [
            (
                Format::TraceContext,
                vec![("traceparent", format!("00-{IDS}-01"))],
            ),
            (Format::B3, vec![("b3", format!("{IDS}-1"))]),
            (
                Format::B3Multi,
                vec![
                    ("X-B3-TraceId", trace.to_owned()),
                    ("X-B3-SpanId", span.to_owned()),
                    ("X-B3-Sampled", "1".to_owned()),
                ],
            ),
            (
                Format::XRay,
                vec![(
                    "X-Amzn-Trace-Id",
                    format!(
                        "Root=1-{}-{};Parent={span};Sampled=1",
                        &trace[..8],
                        &trace[8..]
                    ),
                )],
            ),
        ];
        for (format, entries) in carriers {
            let carrier: Carrier = entries.into_iter().collect();
            let context = format.context(&carrier).expect("valid");
            assert_eq!(context.to_string(), format!("00-{IDS}-01"), "{format}");
            for other in Format::ALL {
                assert_eq!(other.stands_on(&carrier), other == format);
                assert_eq!(other.context(&carrier).is_some(), other == format);
            }
        }
    }
}
