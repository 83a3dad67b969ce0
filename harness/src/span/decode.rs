//! From the shape of OTLP to a [`Span`].

use std::sync::Arc;

use opentelemetry::{SpanId, TraceId};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1 as otlp;

use super::{
    Attribute, Defect, Dropped, Field, Link, Malformed, Origin, Span, SpanKind, Status, Value,
};
use crate::token::HopToken;

impl Span {
    /// Reads a span in the shape of OTLP.
    ///
    /// Trace id and span id must be valid, the parent's id valid, absent or all zero. A link
    /// with an id that is not valid is set apart, and does not keep the span from standing; one
    /// that names no context on purpose is left out.
    pub fn decode(span: otlp::Span, origin: &Arc<Origin>) -> Result<Self, Arc<Malformed>> {
        let attributes: Vec<_> = span.attributes.into_iter().map(Attribute::from).collect();
        let hops = hops(&attributes, &span.name);
        let kind = SpanKind::from(span.kind);
        let mut defects = Vec::new();
        let trace_id = trace_id(&span.trace_id, Field::TraceId, &mut defects);
        let span_id = span_id(&span.span_id, Field::SpanId, &mut defects);
        let parent = parent(&span.parent_span_id, &mut defects);
        let malformed = |defects| {
            Arc::new(Malformed {
                defects,
                trace_id,
                span_id,
                name: span.name.as_str().into(),
                kind,
                hops: hops.clone(),
                origin: Arc::clone(origin),
            })
        };
        let (Some(trace), Some(id), true) = (trace_id, span_id, defects.is_empty()) else {
            return Err(malformed(defects));
        };
        let links = span.links.into_iter().enumerate();
        let links = links.filter(|(_, link)| !is_but_a_note(link));
        let mut more = 0;
        let links = links.filter_map(|(n, link)| {
            let link = Link::decode(link, n, &mut defects);
            more += defects.len().saturating_sub(MOST_DEFECTS);
            defects.truncate(MOST_DEFECTS);
            link
        });
        let links = links.collect();
        if more > 0 {
            defects.push(Defect::new(Field::MoreOfLinks(more), &[]));
        }
        let malformed_links = (!defects.is_empty()).then(|| malformed(defects));
        Ok(Self {
            trace_id: trace,
            span_id: id,
            parent,
            parent_is_remote: is_remote(span.flags),
            trace_flags: trace_flags(span.flags),
            trace_state: span.trace_state.into(),
            kind,
            name: span.name.into(),
            start: span.start_time_unix_nano,
            end: span.end_time_unix_nano,
            attributes,
            links,
            malformed_links,
            status: span.status.map(Status::from).unwrap_or_default(),
            dropped: Dropped {
                attributes: span.dropped_attributes_count,
                events: span.dropped_events_count,
                links: span.dropped_links_count,
            },
            hops,
            origin: Arc::clone(origin),
        })
    }
}

impl Link {
    /// A link of zeros leads nowhere, and so does one without ids.
    fn decode(link: otlp::span::Link, n: usize, defects: &mut Vec<Defect>) -> Option<Self> {
        let trace_id = trace_id(&link.trace_id, Field::LinkTraceId(n), defects);
        let span_id = span_id(&link.span_id, Field::LinkSpanId(n), defects);
        Some(Self {
            trace_id: trace_id?,
            span_id: span_id?,
            trace_state: link.trace_state.into(),
            trace_flags: trace_flags(link.flags),
            is_remote: is_remote(link.flags),
            attributes: link.attributes.into_iter().map(Attribute::from).collect(),
        })
    }
}

/// A link to no context: an SDK is to record it all the same where it says something, such as which
/// message it was that brought none (trace API, "Link").
fn is_but_a_note(link: &otlp::span::Link) -> bool {
    let says_something = !link.attributes.is_empty() || !link.trace_state.is_empty();
    says_something && link.trace_id == [0; 16] && link.span_id == [0; 8]
}

fn trace_id(bytes: &[u8], field: Field, defects: &mut Vec<Defect>) -> Option<TraceId> {
    let id = bytes.try_into().ok().map(TraceId::from_bytes);
    let id = id.filter(|id| *id != TraceId::INVALID);
    if id.is_none() {
        defects.push(Defect::new(field, bytes));
    }
    id
}

fn span_id(bytes: &[u8], field: Field, defects: &mut Vec<Defect>) -> Option<SpanId> {
    let id = bytes.try_into().ok().map(SpanId::from_bytes);
    let id = id.filter(|id| *id != SpanId::INVALID);
    if id.is_none() {
        defects.push(Defect::new(field, bytes));
    }
    id
}

fn parent(bytes: &[u8], defects: &mut Vec<Defect>) -> Option<SpanId> {
    match bytes {
        [] | [0, 0, 0, 0, 0, 0, 0, 0] => None,
        _ => span_id(bytes, Field::ParentId, defects),
    }
}

/// The low byte. Python's SDK leaves it zero while it fills in the bits above, and a span that
/// is exported is sampled as a rule: zero says nothing.
fn trace_flags(flags: u32) -> Option<u8> {
    let [low, ..] = flags.to_le_bytes();
    (low != 0).then_some(low)
}

fn is_remote(flags: u32) -> Option<bool> {
    let has = |mask: otlp::SpanFlags| flags & mask as u32 != 0;
    has(otlp::SpanFlags::ContextHasIsRemoteMask).then(|| has(otlp::SpanFlags::ContextIsRemoteMask))
}

/// Attributes first: they say where a span went. A name is made from them, and is looked at only
/// where an instrumentation tells the address nowhere else.
fn hops(attributes: &[Attribute], name: &str) -> Vec<HopToken> {
    let mut hops = Vec::new();
    for attribute in attributes {
        collect_hops(&attribute.value, &mut hops);
    }
    if hops.is_empty() {
        collect_from_text(name, &mut hops);
    }
    hops
}

fn collect_hops(value: &Value, hops: &mut Vec<HopToken>) {
    match value {
        Value::Text(text) => collect_from_text(text, hops),
        Value::List(values) => values.iter().for_each(|v| collect_hops(v, hops)),
        Value::Map(entries) => entries.iter().for_each(|e| collect_hops(&e.value, hops)),
        Value::Empty | Value::Bool(_) | Value::Int(_) | Value::Double(_) | Value::Bytes(_) => {}
    }
}

fn collect_from_text(text: &str, hops: &mut Vec<HopToken>) {
    for token in HopToken::find_all(text) {
        if hops.len() < MOST_HOPS && !hops.contains(&token) {
            hops.push(token);
        }
    }
}

/// A span touches a hop or two, and a batch some dozens. Beyond that it is a text about hops, and
/// looking for repetitions would take its square.
const MOST_HOPS: usize = 256;

/// An exporter that gets so many links wrong gets them all wrong in the same way.
const MOST_DEFECTS: usize = 16;

impl From<i32> for SpanKind {
    fn from(kind: i32) -> Self {
        use otlp::span::SpanKind as K;
        match K::try_from(kind) {
            Ok(K::Internal) => Self::Internal,
            Ok(K::Server) => Self::Server,
            Ok(K::Client) => Self::Client,
            Ok(K::Producer) => Self::Producer,
            Ok(K::Consumer) => Self::Consumer,
            Ok(K::Unspecified) | Err(_) => Self::Unspecified,
        }
    }
}

impl From<otlp::Status> for Status {
    fn from(status: otlp::Status) -> Self {
        use otlp::status::StatusCode;
        match status.code() {
            StatusCode::Unset => Self::Unset,
            StatusCode::Ok => Self::Ok,
            StatusCode::Error => Self::Error(status.message.into()),
        }
    }
}

impl From<KeyValue> for Attribute {
    fn from(attribute: KeyValue) -> Self {
        Self {
            key: attribute.key.into(),
            value: attribute.value.map(Value::from).unwrap_or_default(),
        }
    }
}

impl From<AnyValue> for Value {
    fn from(value: AnyValue) -> Self {
        use any_value::Value as V;
        match value.value {
            // An index into a dictionary that only profiles have: OTLP says to read it as empty.
            None | Some(V::StringValueStrindex(_)) => Self::Empty,
            Some(V::StringValue(text)) => Self::Text(text.into()),
            Some(V::BoolValue(truth)) => Self::Bool(truth),
            Some(V::IntValue(number)) => Self::Int(number),
            Some(V::DoubleValue(number)) => Self::Double(number),
            Some(V::BytesValue(bytes)) => Self::Bytes(bytes.into()),
            Some(V::ArrayValue(list)) => {
                Self::List(list.values.into_iter().map(Self::from).collect())
            }
            Some(V::KvlistValue(map)) => {
                Self::Map(map.values.into_iter().map(Attribute::from).collect())
            }
        }
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
