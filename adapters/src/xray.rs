//! The X-Ray tracing header: `Root=1-…;Parent=…;Sampled=1`.

use std::fmt;

use opentelemetry::{SpanId, TraceId};

use crate::Carrier;
use crate::w3c::TraceParent;

/// The header, wherever headers carry it.
pub const HEADER: &str = "x-amzn-trace-id";
/// The system attribute of SQS that holds it.
pub const ATTRIBUTE: &str = "AWSTraceHeader";

/// The context that a [tracing header] names.
///
/// It knows less than a `traceparent`: one flag, and no trace state. What it leaves open (no
/// parent, `Sampled=?`) a `traceparent` cannot say, so that is no context here.
///
/// [tracing header]: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceHeader {
    trace_id: TraceId,
    parent_id: SpanId,
    sampled: bool,
}

/// Why a value is no tracing header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceHeaderError {
    /// A field is not a pair.
    #[error("a field is not name=value")]
    Field,
    /// A field that may stand once stands twice.
    #[error("{0} stands twice")]
    Repeated(&'static str),
    /// A field that must be there is not.
    #[error("there is no {0}")]
    Absent(&'static str),
    /// The trace id is malformed.
    #[error("Root is not 1-, 8 digits, - and 24 digits, in lower case and not all zero")]
    Root,
    /// The parent's id is malformed.
    #[error("Parent is not 16 digits in lower case, not all zero")]
    Parent,
    /// The decision is left open, or is none.
    #[error("Sampled is neither 0 nor 1")]
    Sampled,
}

/// Every value on a carrier that is to be such a header, under either of its names.
pub fn values(carrier: &Carrier) -> impl Iterator<Item = &[u8]> {
    let values = carrier.all(HEADER).chain(carrier.all(ATTRIBUTE));
    values.map(|value| &**value)
}

impl TraceHeader {
    /// Reads a value as it stood on the wire. Fields may come in any order, and those that are
    /// not known (`Self`, `Lineage`, an application's own) are passed over.
    pub fn parse(value: &str) -> Result<Self, TraceHeaderError> {
        use TraceHeaderError as E;
        let (mut root, mut parent, mut sampled) = (None, None, None);
        for field in value.split(';') {
            let (name, value) = field.split_once('=').ok_or(E::Field)?;
            let (name, place) = match name {
                "Root" => ("Root", &mut root),
                "Parent" => ("Parent", &mut parent),
                "Sampled" => ("Sampled", &mut sampled),
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(E::Repeated(name));
            }
        }
        Ok(Self {
            trace_id: trace_id(root.ok_or(E::Absent("Root"))?).ok_or(E::Root)?,
            parent_id: parent_id(parent.ok_or(E::Absent("Parent"))?).ok_or(E::Parent)?,
            sampled: match sampled.ok_or(E::Absent("Sampled"))? {
                "0" => false,
                "1" => true,
                _ => return Err(E::Sampled),
            },
        })
    }
}

impl fmt::Display for TraceHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trace_id = self.trace_id.to_string();
        let (time, random) = trace_id.split_at(8);
        let sampled = u8::from(self.sampled);
        write!(
            f,
            "Root=1-{time}-{random};Parent={};Sampled={sampled}",
            self.parent_id
        )
    }
}

/// Every flag but `sampled` is lost.
impl From<TraceParent> for TraceHeader {
    fn from(context: TraceParent) -> Self {
        Self {
            trace_id: context.trace_id,
            parent_id: context.parent_id,
            sampled: context.is_sampled(),
        }
    }
}

impl From<TraceHeader> for TraceParent {
    fn from(header: TraceHeader) -> Self {
        Self {
            trace_id: header.trace_id,
            parent_id: header.parent_id,
            flags: u8::from(header.sampled),
        }
    }
}

fn trace_id(root: &str) -> Option<TraceId> {
    let (time, random) = root.strip_prefix("1-")?.split_once('-')?;
    let id = u128::from(hex(time, 8)?) << 96 | u128::from(hex(random.get(..8)?, 8)?) << 64;
    let id = id | u128::from(hex(random.get(8..)?, 16)?);
    (id != 0).then(|| TraceId::from(id))
}

fn parent_id(parent: &str) -> Option<SpanId> {
    let id = hex(parent, 16)?;
    (id != 0).then(|| SpanId::from(id))
}

/// Exactly `digits` digits, none of them a sign or in upper case.
fn hex(text: &str, digits: usize) -> Option<u64> {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let valid = text.len() == digits && text.bytes().all(is_digit);
    valid.then(|| u64::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1";

    #[test]
    fn a_header_and_a_traceparent_say_the_same() {
        let header = TraceHeader::parse(GOOD).expect("valid");
        assert_eq!(
            TraceParent::from(header).to_string(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        );
        assert_eq!(header.to_string(), GOOD);
    }

    #[test]
    fn order_does_not_matter_and_unknown_fields_are_passed_over() {
        let mut fields: Vec<_> = GOOD.split(';').chain(["Lineage=a:0", "Self=x"]).collect();
        fields.reverse();
        assert_eq!(
            TraceHeader::parse(&fields.join(";")),
            TraceHeader::parse(GOOD)
        );
    }

    #[test]
    fn anything_else_is_refused_and_says_why() {
        use TraceHeaderError as E;
        for (from, to, why) in [
            (GOOD, "", E::Field),
            (";Sampled=1", "", E::Absent("Sampled")),
            (";Sampled=1", ";Sampled=?", E::Sampled),
            (";Sampled=1", ";", E::Field),
            ("Sampled=1", "Sampled=1;Parent=1", E::Repeated("Parent")),
            ("Root=1", "Root=2", E::Root),
            ("-77b3", "77b3", E::Root),
            ("Root=1-4b", "Root=1-4B", E::Root),
            ("Root=1-4b", "Root=1-+b", E::Root),
            ("4736;", "473ü;", E::Root),
            ("00f067aa0ba902b7", "0f067aa0ba902b7", E::Parent),
            ("00f067aa0ba902b7", "0000000000000000", E::Parent),
        ] {
            let bad = GOOD.replacen(from, to, 1);
            assert_eq!(TraceHeader::parse(&bad), Err(why), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_at_all_gives_an_answer(value: String, root: String) {
            let _ = TraceHeader::parse(&value);
            let _ = TraceHeader::parse(&GOOD.replacen("1-4bf92f35-77b34da6", &root, 1));
        }

        #[test]
        fn every_context_survives_but_for_its_other_flags(trace in 1_u128.., parent in 1_u64.., flags: u8) {
            let context = TraceParent {
                trace_id: TraceId::from(trace),
                parent_id: SpanId::from(parent),
                flags,
            };
            let header = TraceHeader::parse(&TraceHeader::from(context).to_string());
            let back = TraceParent::from(header.expect("valid"));
            prop_assert_eq!(back, TraceParent { flags: flags & 1, ..context });
        }
    }
}
