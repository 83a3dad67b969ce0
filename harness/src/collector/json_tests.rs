use proptest::prelude::*;
use serde_json::json;

use super::*;

const TRACE: [u8; 16] = [
    0x5b, 0x8e, 0xff, 0xf7, 0x98, 0x03, 0x81, 0x03, 0xd2, 0x69, 0xb6, 0x33, 0x81, 0x3f, 0xc6, 0x0c,
];
const SPAN: [u8; 8] = [0xee, 0xe1, 0x9b, 0x7e, 0xc3, 0xc1, 0xb1, 0x74];

fn read_span(span: &serde_json::Value) -> otlp::Span {
    let request = json!({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]});
    let mut read = read(request.to_string().as_bytes()).expect("readable");
    read.remove(0).scope_spans.remove(0).spans.remove(0)
}

/// As the specification's own example, and the JavaScript SDK.
#[test]
fn ids_in_hexadecimal_enums_by_number_and_times_as_strings_are_read() {
    let text = r#"{"resourceSpans": [{
      "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "my.service"}}],
                   "droppedAttributesCount": 0},
      "scopeSpans": [{
        "scope": {"name": "my.library", "version": "1.0.0", "attributes": []},
        "spans": [{
          "traceId": "5B8EFFF798038103D269B633813FC60C",
          "spanId": "EEE19B7EC3C1B174",
          "parentSpanId": "eee19b7ec3c1b173",
          "name": "I'm a server span",
          "startTimeUnixNano": "1544712660000000000",
          "endTimeUnixNano": "1544712661000000000",
          "kind": 2, "flags": 769, "traceState": "vendor=42",
          "attributes": [{"key": "my.span.attr", "value": {"stringValue": "some value"}},
                         {"key": "n", "value": {"intValue": "-7"}}],
          "links": [{"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174"}],
          "status": {"code": 2, "message": "oh"},
          "events": [{"name": "e", "timeUnixNano": "1"}],
          "droppedLinksCount": 3, "aFieldOfTheFuture": {"x": [1]}
        }]}]}]}"#;
    let read = read(text.as_bytes()).expect("readable");
    let resource = read[0].resource.as_ref().expect("there");
    assert_eq!(resource.attributes[0].key, "service.name");
    let scope = read[0].scope_spans[0].scope.as_ref().expect("there");
    assert_eq!(
        (scope.name.as_str(), scope.version.as_str()),
        ("my.library", "1.0.0")
    );
    let span = &read[0].scope_spans[0].spans[0];
    assert_eq!(
        (span.trace_id.as_slice(), span.span_id.as_slice()),
        (&TRACE[..], &SPAN[..])
    );
    assert_eq!(span.parent_span_id[7], 0x73);
    assert_eq!(span.start_time_unix_nano, 1_544_712_660_000_000_000);
    assert_eq!(
        (span.kind, span.flags, span.dropped_links_count),
        (2, 769, 3)
    );
    assert_eq!(span.trace_state, "vendor=42");
    assert_eq!(span.links[0].trace_id, TRACE);
    assert_eq!(
        span.status.as_ref().map(otlp::Status::code),
        Some(otlp::status::StatusCode::Error)
    );
    let value = span.attributes[1].value.clone().and_then(|v| v.value);
    assert_eq!(value, Some(common::any_value::Value::IntValue(-7)));
}

/// As protobuf's own JSON writers do.
#[test]
fn ids_in_base64_enums_by_name_and_names_with_underscores_are_read() {
    let span = read_span(&json!({
        "trace_id": "W47/95gDgQPSabYzgT/GDA==",
        "span_id": "7uGbfsPBsXQ=",
        "parent_span_id": "",
        "kind": "SPAN_KIND_CONSUMER",
        "start_time_unix_nano": 1_544_712_660_000_000_000_u64,
        "status": {"code": "STATUS_CODE_ERROR"},
    }));
    assert_eq!(
        (span.trace_id.as_slice(), span.span_id.as_slice()),
        (&TRACE[..], &SPAN[..])
    );
    assert!(span.parent_span_id.is_empty());
    assert_eq!(span.kind, 5);
    assert_eq!(span.start_time_unix_nano, 1_544_712_660_000_000_000);
    assert_eq!(span.status.map(|s| s.code), Some(2));
}

#[test]
fn null_and_absent_are_the_default() {
    let span = read_span(&json!({
        "traceId": null, "kind": null, "attributes": null, "links": null, "status": null,
    }));
    assert_eq!(span, otlp::Span::default());
    assert_eq!(read(b"{}").expect("readable"), []);
    assert_eq!(read(br#"{"resourceSpans": null}"#).expect("readable"), []);
}

#[test]
fn an_id_that_is_none_makes_its_span_malformed_and_not_the_request() {
    let id = |text: &str| read_span(&json!({"traceId": text})).trace_id;
    assert_eq!(id("5b8e"), [0x5b, 0x8e]);
    assert_eq!(id("not an id"), b"not an id");
    assert_eq!(id("é"), "é".as_bytes());
}

#[test]
fn values_of_every_kind_are_read() {
    use common::any_value::Value as V;
    let value = |value: serde_json::Value| {
        let span = read_span(&json!({"attributes": [{"key": "k", "value": value}]}));
        span.attributes[0].value.clone().and_then(|v| v.value)
    };
    assert_eq!(
        value(json!({"boolValue": false})),
        Some(V::BoolValue(false))
    );
    assert_eq!(value(json!({"intValue": 7})), Some(V::IntValue(7)));
    assert_eq!(
        value(json!({"intValue": "-9223372036854775808"})),
        Some(V::IntValue(i64::MIN))
    );
    assert_eq!(value(json!({"intValue": 3.0})), Some(V::IntValue(3)));
    assert_eq!(
        value(json!({"doubleValue": 0.5})),
        Some(V::DoubleValue(0.5))
    );
    assert_eq!(value(json!({"doubleValue": 2})), Some(V::DoubleValue(2.0)));
    assert_eq!(
        value(json!({"doubleValue": "-Infinity"})),
        Some(V::DoubleValue(f64::NEG_INFINITY))
    );
    assert_eq!(
        value(json!({"bytesValue": "-_8"})),
        Some(V::BytesValue(vec![0xfb, 0xff]))
    );
    assert_eq!(value(json!({})), None);
    assert!(matches!(
        value(json!({"arrayValue": {"values": [{"stringValue": "a"}]}})),
        Some(V::ArrayValue(list)) if list.values.len() == 1
    ));
    assert!(matches!(
        value(json!({"kvlistValue": {"values": [{"key": "a", "value": {"intValue": 1}}]}})),
        Some(V::KvlistValue(map)) if map.values.len() == 1
    ));
}

#[test]
fn what_is_no_request_is_refused_and_says_where() {
    for text in [
        "",
        "[]x",
        "7",
        r#"{"resourceSpans": 7}"#,
        r#"{"resourceSpans": [{"scopeSpans": [{"spans": [{"kind": []}]}]}]}"#,
    ] {
        let refused = read(text.as_bytes()).expect_err(text).to_string();
        assert!(refused.contains("line 1"), "{refused}");
    }
    assert!(read("[".repeat(100_000).as_bytes()).is_err());
}

fn to_hex(id: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).expect("a nibble");
    id.iter()
        .flat_map(|b| [digit(b >> 4), digit(b & 15)])
        .collect()
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let name = prop::sample::select(vec![
        "resourceSpans",
        "resource",
        "scopeSpans",
        "scope",
        "spans",
        "traceId",
        "spanId",
        "parentSpanId",
        "flags",
        "kind",
        "name",
        "startTimeUnixNano",
        "attributes",
        "key",
        "value",
        "intValue",
        "doubleValue",
        "bytesValue",
        "arrayValue",
        "values",
        "links",
        "status",
        "code",
    ]);
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|v| json!(v)),
        any::<i64>().prop_map(|v| json!(v)),
        any::<f64>().prop_map(|v| json!(v)),
        "[0-9a-fA-F]{0,34}|[A-Za-z0-9+/=_-]{0,26}|.{0,9}".prop_map(|v| json!(v)),
    ];
    leaf.prop_recursive(8, 64, 6, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let map = prop::collection::btree_map(name.clone(), inner, 0..6);
        prop_oneof![list.prop_map(|v| json!(v)), map.prop_map(|v| json!(v)),]
    })
}

/// Values in the places where a request has them, so that most are looked at.
fn almost_a_request() -> impl Strategy<Value = serde_json::Value> {
    any_json().prop_map(|any| {
        json!({"resourceSpans": [{"resource": any, "scopeSpans": [{"spans": [any, {
            "traceId": any, "kind": any, "flags": any, "startTimeUnixNano": any,
            "attributes": [any, {"key": "k", "value": any}], "links": any, "status": any,
        }]}]}]})
    })
}

proptest! {
    #[test]
    fn any_json_gives_an_answer(any in any_json(), request in almost_a_request()) {
        let _ = read(any.to_string().as_bytes());
        let _ = read(request.to_string().as_bytes());
    }

    #[test]
    fn any_bytes_give_an_answer(bytes: Vec<u8>) {
        let _ = read(&bytes);
    }

    #[test]
    fn ids_are_the_same_in_either_notation(trace_id: [u8; 16], span_id: [u8; 8]) {
                let base64 = |id: &[u8]| base64::engine::general_purpose::STANDARD.encode(id);
        for write in [&to_hex as &dyn Fn(&[u8]) -> String, &base64] {
            let span = read_span(&json!({"traceId": write(&trace_id), "spanId": write(&span_id)}));
            prop_assert_eq!(&span.trace_id[..], &trace_id);
            prop_assert_eq!(&span.span_id[..], &span_id);
        }
    }
}
