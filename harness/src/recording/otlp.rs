//! Spans in OTLP/JSON, with nothing said that is the default.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

use super::scrub::Scrubber;
use crate::span::{Attribute, Link, Span, SpanKind, Status, Value};

/// The spans, each by whose and of which scope it is, in the order of the first starts.
pub(super) fn resource_spans(spans: &[Arc<Span>], scrubber: &Scrubber) -> Json {
    let mut spans: Vec<_> = spans.iter().collect();
    spans.sort_by_key(|span| (span.start, span.end));
    let resources = grouped(spans, |span| &span.origin.resource);
    let resources = resources.into_iter().map(|(resource, spans)| {
        let scope =
            |span: &Arc<Span>| (span.origin.scope.clone(), span.origin.scope_version.clone());
        let scopes = grouped(spans, scope).into_iter();
        let scopes = scopes.map(|((name, version), spans)| {
            let mut scope = Map::new();
            insert_text(&mut scope, "name", name.to_string());
            insert_text(&mut scope, "version", version.to_string());
            let spans = spans.into_iter().map(|span| of_span(span, scrubber));
            json!({ "scope": scope, "spans": spans.collect::<Vec<_>>() })
        });
        json!({
            "resource": { "attributes": attributes(&Scrubber::resource(resource), scrubber) },
            "scopeSpans": scopes.collect::<Vec<_>>(),
        })
    });
    resources.collect()
}

/// Things by what they have in common, in the order of the first of each.
fn grouped<'a, K: PartialEq>(
    spans: Vec<&'a Arc<Span>>,
    key: impl Fn(&'a Arc<Span>) -> K,
) -> Vec<(K, Vec<&'a Arc<Span>>)> {
    let mut groups: Vec<(K, Vec<_>)> = Vec::new();
    for span in spans {
        let key = key(span);
        match groups.iter_mut().find(|(of, _)| *of == key) {
            Some((_, group)) => group.push(span),
            None => groups.push((key, vec![span])),
        }
    }
    groups
}

fn of_span(span: &Span, scrubber: &Scrubber) -> Json {
    let mut json = Map::new();
    insert_text(&mut json, "name", scrubber.text(&span.name));
    json.insert("kind".into(), number_of(span.kind).into());
    let id = |id: String| scrubber.text(&id);
    json.insert("traceId".into(), id(span.trace_id.to_string()).into());
    json.insert("spanId".into(), id(span.span_id.to_string()).into());
    if let Some(parent) = span.parent {
        json.insert("parentSpanId".into(), id(parent.to_string()).into());
    }
    insert_flags(&mut json, span.trace_flags, span.parent_is_remote);
    insert_text(&mut json, "traceState", span.trace_state.to_string());
    let time = |nanos| scrubber.time(nanos).to_string();
    json.insert("startTimeUnixNano".into(), time(span.start).into());
    json.insert("endTimeUnixNano".into(), time(span.end).into());
    insert_list(
        &mut json,
        "attributes",
        attributes(&span.attributes, scrubber),
    );
    let links = span.links.iter().map(|link| of_link(link, scrubber));
    insert_list(&mut json, "links", links.collect());
    match &span.status {
        Status::Unset => {}
        Status::Ok => drop(json.insert("status".into(), json!({ "code": 1 }))),
        Status::Error(message) => {
            let status = json!({ "code": 2, "message": scrubber.text(message) });
            json.insert("status".into(), status);
        }
    }
    for (name, count) in [
        ("droppedAttributesCount", span.dropped.attributes),
        ("droppedEventsCount", span.dropped.events),
        ("droppedLinksCount", span.dropped.links),
    ] {
        if count > 0 {
            json.insert(name.into(), count.into());
        }
    }
    Json::Object(json)
}

fn of_link(link: &Link, scrubber: &Scrubber) -> Json {
    let mut json = Map::new();
    let id = |id: String| scrubber.text(&id);
    json.insert("traceId".into(), id(link.trace_id.to_string()).into());
    json.insert("spanId".into(), id(link.span_id.to_string()).into());
    insert_flags(&mut json, link.trace_flags, link.is_remote);
    insert_text(&mut json, "traceState", link.trace_state.to_string());
    insert_list(
        &mut json,
        "attributes",
        attributes(&link.attributes, scrubber),
    );
    Json::Object(json)
}

fn attributes(attributes: &[Attribute], scrubber: &Scrubber) -> Vec<Json> {
    let pairs = attributes.iter().map(|attribute| {
        json!({
            "key": attribute.key,
            "value": of_value(&attribute.key, &attribute.value, scrubber),
        })
    });
    pairs.collect()
}

fn of_value(key: &str, value: &Value, scrubber: &Scrubber) -> Json {
    match value {
        Value::Empty => json!({}),
        Value::Text(text) => json!({ "stringValue": scrubber.entry(key, text) }),
        Value::Bool(truth) => json!({ "boolValue": truth }),
        Value::Int(number) => {
            json!({ "intValue": Scrubber::number(key, *number).to_string() })
        }
        Value::Double(number) => json!({ "doubleValue": number }),
        Value::Bytes(bytes) => json!({ "bytesValue": STANDARD.encode(bytes) }),
        Value::List(values) => {
            let values: Vec<_> = values.iter().map(|v| of_value(key, v, scrubber)).collect();
            json!({ "arrayValue": { "values": values } })
        }
        Value::Map(entries) => {
            json!({ "kvlistValue": { "values": attributes(entries, scrubber) } })
        }
    }
}

fn insert_text(json: &mut Map<String, Json>, name: &str, text: String) {
    if !text.is_empty() {
        json.insert(name.into(), text.into());
    }
}

fn insert_list(json: &mut Map<String, Json>, name: &str, list: Vec<Json>) {
    if !list.is_empty() {
        json.insert(name.into(), list.into());
    }
}

/// OTLP has the trace flags in the low byte, and above them whether it is known that the context
/// is remote, and whether it is.
fn insert_flags(json: &mut Map<String, Json>, flags: Option<u8>, is_remote: Option<bool>) {
    let remote = match is_remote {
        None => 0,
        Some(false) => 0x100,
        Some(true) => 0x300,
    };
    let flags = u32::from(flags.unwrap_or_default()) | remote;
    if flags > 0 {
        json.insert("flags".into(), flags.into());
    }
}

fn number_of(kind: SpanKind) -> u8 {
    match kind {
        SpanKind::Unspecified => 0,
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}
