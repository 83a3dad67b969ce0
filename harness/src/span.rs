//! A span as the judge sees it.
//!
//! It is decoded once, from the shape of OTLP, whichever way it came: what an exporter sent is
//! kept as it was sent, and what is wrong with it is said ([`Malformed`]), never repaired.

mod decode;
mod malformed;
mod origin;

pub use malformed::{Defect, Field, Malformed};
pub use origin::Origin;

use std::sync::Arc;

use opentelemetry::{SpanId, TraceId};

use crate::token::HopToken;

/// One span, with ids that are valid: it can hang in a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// The id of its parent; none if it was absent or all zero, as both are the mark of a root.
    pub parent: Option<SpanId>,
    /// Whether the parent was in another process; none where the exporter did not say.
    pub parent_is_remote: Option<bool>,
    /// The W3C trace flags of the span; none where the exporter leaves OTLP's flags out. Zero is
    /// not told apart from that, so an exported span is never known to be unsampled.
    pub trace_flags: Option<u8>,
    /// The `tracestate`, as the exporter wrote it.
    pub trace_state: Box<str>,
    /// Its kind.
    pub kind: SpanKind,
    /// Its name.
    pub name: Box<str>,
    /// The start, in nanoseconds since 1970.
    pub start: u64,
    /// The end, in nanoseconds since 1970.
    pub end: u64,
    /// The attributes, in the exporter's order. Keys may repeat, though they should not.
    pub attributes: Vec<Attribute>,
    /// The links whose ids are valid.
    pub links: Vec<Link>,
    /// What is wrong with the links whose ids are not valid, all in one. The span stands
    /// nevertheless; the store lists it too.
    pub malformed_links: Option<Arc<Malformed>>,
    /// Whether it failed.
    pub status: Status,
    /// What the SDK dropped on account of its limits.
    pub dropped: Dropped,
    /// The hops that its attributes (or else its name) speak of, each once, in order; 256 at most.
    pub hops: Vec<HopToken>,
    /// Where it comes from.
    pub origin: Arc<Origin>,
}

impl Span {
    /// The value of an attribute; the first, should there be several.
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        find(&self.attributes, key)
    }

    /// The value of an attribute that is a string.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.attribute(key).and_then(Value::as_str)
    }

    /// Whether its status is an error.
    pub fn is_error(&self) -> bool {
        matches!(self.status, Status::Error(_))
    }

    /// The runs that it speaks of, by a hop or by its origin; one may come several times.
    pub fn runs(&self) -> impl Iterator<Item = u32> + '_ {
        runs(&self.hops, &self.origin)
    }
}

/// What part a span plays in an exchange.
///
/// A number that OTLP does not define reads as unspecified, as protobuf has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SpanKind {
    /// The exporter did not say.
    #[default]
    Unspecified,
    /// Work within a service.
    Internal,
    /// The consequence of a request.
    Server,
    /// The cause of a request.
    Client,
    /// The cause of a message.
    Producer,
    /// The consequence of a message.
    Consumer,
}

impl SpanKind {
    /// The word for it, as OpenTelemetry writes it in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// How a span ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Nobody set it.
    #[default]
    Unset,
    /// Somebody vouches for it.
    Ok,
    /// It failed, and this is what was said of it.
    Error(Box<str>),
}

/// A follows-from: a context that the span names as a cause and not as its parent.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The trace of the linked span.
    pub trace_id: TraceId,
    /// The linked span.
    pub span_id: SpanId,
    /// The `tracestate` of the linked context.
    pub trace_state: Box<str>,
    /// The W3C trace flags of the linked context, where known.
    pub trace_flags: Option<u8>,
    /// Whether the linked context came from another process, where known.
    pub is_remote: Option<bool>,
    /// What the instrumentation says of the link.
    pub attributes: Vec<Attribute>,
}

/// How much an SDK dropped on account of its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Attributes.
    pub attributes: u32,
    /// Events.
    pub events: u32,
    /// Links.
    pub links: u32,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The key.
    pub key: Box<str>,
    /// The value.
    pub value: Value,
}

/// The value of an attribute.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// None at all, which OTLP allows.
    #[default]
    Empty,
    /// A string.
    Text(Box<str>),
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Double(f64),
    /// Bytes.
    Bytes(Box<[u8]>),
    /// Several values.
    List(Vec<Value>),
    /// Attributes within an attribute.
    Map(Vec<Attribute>),
}

impl Value {
    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is a whole one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }
}

fn find<'a>(attributes: &'a [Attribute], key: &str) -> Option<&'a Value> {
    let mut all = attributes.iter();
    all.find(|a| &*a.key == key).map(|a| &a.value)
}

fn runs<'a>(hops: &'a [HopToken], origin: &Origin) -> impl Iterator<Item = u32> + use<'a> {
    hops.iter().map(|hop| hop.run).chain(origin.run)
}
