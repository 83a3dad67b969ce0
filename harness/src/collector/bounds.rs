//! A request that is small, and would take gigabytes, is refused before it takes them.

use std::iter::repeat_n;
use std::sync::Arc;

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1 as otlp;
use prost::Message as _;

use super::{Encoding, PayloadError, Store};

const SPANS: usize = 131_072;
const PARTS: usize = 524_288;
/// Where the links of a span stand.
pub(super) const LINKS: [u8; 4] = [1, 2, 2, 13];

/// Nothing is stored of what is refused, and the refusal says of what there was too much.
fn refuses(encoding: Encoding, body: impl Into<Vec<u8>>, what: &str) {
    let store = Store::new();
    let refused = store.receive(encoding, body.into().into());
    let refused = refused.expect_err(what);
    assert!(matches!(refused, PayloadError::TooMany(_)), "{refused}");
    assert!(refused.to_string().contains(what), "{refused}");
    let counts = store.counts();
    assert_eq!((counts.held, counts.bad_payloads), (0, 1));
}

/// So many empty messages, in these fields one within the other.
pub(super) fn nested(path: &[u8], count: usize) -> Vec<u8> {
    let key = |tag: u8| tag << 3 | 2;
    let (last, above) = path.split_last().expect("a field");
    let mut body = [key(*last), 0].repeat(count);
    for tag in above.iter().rev() {
        let mut outer = vec![key(*tag)];
        prost::encode_length_delimiter(body.len(), &mut outer).expect("memory");
        outer.append(&mut body);
        body = outer;
    }
    body
}

/// So many empty messages in a list that begins and is never closed.
fn open_list(before: &str, count: usize) -> String {
    let items: Vec<_> = repeat_n("{}", count).collect();
    format!("{before}[{}", items.join(","))
}

/// What comes after those that are too many is broken: it was not looked at.
#[test]
fn spans_are_counted_before_they_are_built() {
    let before = r#"{"resourceSpans":[{"scopeSpans":[{"spans":"#;
    refuses(Encoding::Json, open_list(before, SPANS + 1), "131072 spans");
    let mut protobuf = nested(&[1, 2, 2], SPANS);
    protobuf.push(0xff);
    refuses(Encoding::Protobuf, protobuf, "131072 spans");
}

#[test]
fn groups_of_spans_are_counted_before_they_are_built() {
    let before = r#"{"resourceSpans":"#;
    refuses(Encoding::Json, open_list(before, SPANS + 1), "131072 spans");
    for path in [&[1][..], &[1, 2]] {
        refuses(Encoding::Protobuf, nested(path, SPANS + 1), "131072 spans");
    }
}

#[test]
fn countless_parts_in_protobuf_are_refused_wherever_they_stand() {
    for path in [
        &LINKS[..],
        &[1, 2, 2, 9],
        &[1, 2, 2, 11],
        // Values in a list, and in a map.
        &[1, 2, 2, 9, 2, 5, 1],
        &[1, 2, 2, 9, 2, 6, 1],
        // Of the resource: attributes, entities, and the keys of one.
        &[1, 1, 1],
        &[1, 1, 3],
        &[1, 1, 3, 4],
        // Of the scope.
        &[1, 2, 1, 3],
    ] {
        refuses(
            Encoding::Protobuf,
            nested(path, PARTS + 1),
            "524288 attributes, links",
        );
    }
}

#[test]
fn countless_parts_in_json_are_refused_wherever_they_stand() {
    for before in [
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"links":"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"value":{"arrayValue":{"values":"#,
        r#"{"resourceSpans":[{"resource":{"attributes":"#,
    ] {
        let body = open_list(before, PARTS + 1);
        refuses(Encoding::Json, body, "524288 attributes, links");
    }
}

fn attribute(key: &str, length: usize) -> KeyValue {
    let text = Value::StringValue("x".repeat(length));
    KeyValue {
        key: key.into(),
        value: Some(AnyValue { value: Some(text) }),
        ..KeyValue::default()
    }
}

/// A resource that has scopes of these names, each with one span.
fn scopes(
    attributes: Vec<KeyValue>,
    names: impl IntoIterator<Item = String>,
) -> otlp::ResourceSpans {
    let span = otlp::Span {
        trace_id: vec![1; 16],
        span_id: vec![1; 8],
        ..otlp::Span::default()
    };
    let scope = |name| otlp::ScopeSpans {
        scope: Some(InstrumentationScope {
            name,
            ..InstrumentationScope::default()
        }),
        spans: vec![span.clone()],
        ..otlp::ScopeSpans::default()
    };
    otlp::ResourceSpans {
        resource: Some(Resource {
            attributes,
            ..Resource::default()
        }),
        scope_spans: names.into_iter().map(scope).collect(),
        ..otlp::ResourceSpans::default()
    }
}

fn protobuf(resource: otlp::ResourceSpans) -> Vec<u8> {
    let resource_spans = vec![resource];
    otlp::TracesData { resource_spans }.encode_to_vec()
}

#[test]
fn a_long_resource_is_not_kept_for_countless_scopes() {
    let names = |count: u32| (0..count).map(|n| n.to_string());
    let what = "more than 33554432 bytes";
    let long = scopes(vec![attribute("long", 1 << 20)], names(40));
    refuses(Encoding::Protobuf, protobuf(long.clone()), what);
    assert!(matches!(
        Store::new().ingest(vec![long]),
        Err(PayloadError::TooMany(_))
    ));
    // An empty attribute is two bytes, and not so short where it is kept.
    let empty = scopes(vec![KeyValue::default(); 10_000], names(200));
    refuses(Encoding::Protobuf, protobuf(empty), what);
}

#[test]
fn a_long_resource_with_one_scope_said_over_and_over_is_kept_once() {
    let store = Store::new();
    let names = repeat_n("same".to_owned(), 100);
    let body = protobuf(scopes(vec![attribute("long", 1 << 20)], names));
    let taken = store.receive(Encoding::Protobuf, body.into());
    assert_eq!(taken.expect("taken").stored, 100);
    let spans = store.trace(u128::from_be_bytes([1; 16]).into());
    let first = &spans[0].origin;
    assert!(spans.iter().all(|span| Arc::ptr_eq(&span.origin, first)));
}

/// A whole batch with as much as the limits of SDKs let through, and a service of many libraries.
#[test]
fn the_most_that_sdks_send_by_default_is_taken() {
    let link = otlp::span::Link {
        trace_id: vec![2; 16],
        span_id: vec![2; 8],
        ..otlp::span::Link::default()
    };
    let event = otlp::span::Event::default();
    let attributes: Vec<_> = (0..128).map(|_| attribute("k", 1)).collect();
    let resource: Vec<_> = (0..40).map(|_| attribute("of.resource", 200)).collect();
    let mut batch = scopes(resource, (0..512).map(|n| n.to_string()));
    for span in batch.scope_spans.iter_mut().flat_map(|s| &mut s.spans) {
        span.attributes.clone_from(&attributes);
        span.links = vec![link.clone(); 128];
        span.events = vec![event.clone(); 128];
    }
    let body = protobuf(batch);
    assert!(body.len() < super::receiver::LIMIT);
    let store = Store::new();
    let taken = store.receive(Encoding::Protobuf, body.into());
    assert_eq!(taken.expect("taken").stored, 512);
}
