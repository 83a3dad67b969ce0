use super::*;
use proptest::prelude::*;

fn text(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue(value.into())),
        }),
        ..KeyValue::default()
    }
}

fn small() -> otlp::Span {
    otlp::Span {
        trace_id: vec![7; 16],
        span_id: vec![8; 8],
        name: "GET".into(),
        kind: otlp::span::SpanKind::Client as i32,
        ..otlp::Span::default()
    }
}

fn decode(span: otlp::Span) -> Result<Span, Arc<Malformed>> {
    Span::decode(span, &Arc::default())
}

#[test]
fn an_absent_parent_and_one_of_zeros_both_make_a_root() {
    for parent_span_id in [vec![], vec![0; 8]] {
        let span = decode(otlp::Span {
            parent_span_id,
            ..small()
        });
        assert_eq!(span.expect("valid").parent, None);
    }
}

#[test]
fn a_remote_parent_is_known_only_if_the_exporter_says_so() {
    let remote = |flags| {
        let span = decode(otlp::Span { flags, ..small() }).expect("valid");
        (span.parent_is_remote, span.trace_flags)
    };
    assert_eq!(remote(0), (None, None));
    assert_eq!(remote(0x001), (None, Some(1)));
    assert_eq!(remote(0x103), (Some(false), Some(3)));
    assert_eq!(remote(0xffff_fe00), (None, None));
    assert_eq!(remote(0x300), (Some(true), None));
}

#[test]
fn every_id_that_is_wrong_is_named_at_once() {
    let span = otlp::Span {
        trace_id: vec![0; 16],
        span_id: vec![1; 7],
        parent_span_id: vec![0; 16],
        ..small()
    };
    let malformed = decode(span).expect_err("malformed");
    assert_eq!(
        malformed.to_string(),
        "client span \"GET\" of a service unknown: the trace id is all zero, \
         the span id has 7 bytes instead of 8: 01010101010101, \
         the parent id has 16 bytes instead of 8: 00000000000000000000000000000000"
    );
    assert_eq!((malformed.trace_id, malformed.span_id), (None, None));
}

#[test]
fn a_span_with_a_malformed_parent_is_still_found_by_its_trace() {
    let span = otlp::Span {
        parent_span_id: vec![1],
        ..small()
    };
    let malformed = decode(span).expect_err("malformed");
    assert_eq!(malformed.trace_id, Some(TraceId::from_bytes([7; 16])));
}

#[test]
fn a_malformed_link_is_set_apart_and_the_span_stands() {
    let link = |trace_id: Vec<u8>, span_id: Vec<u8>| otlp::span::Link {
        trace_id,
        span_id,
        ..otlp::span::Link::default()
    };
    let span = otlp::Span {
        links: vec![
            link(vec![1; 16], vec![2; 8]),
            link(vec![0; 16], vec![]),
            link(vec![3; 16], vec![4; 8]),
        ],
        ..small()
    };
    let span = decode(span).expect("stands");
    assert_eq!(span.links.len(), 2);
    assert_eq!(
        span.malformed_links.expect("set apart").to_string(),
        "client span \"GET\" of a service unknown: the trace id of link 1 is all zero, \
         the span id of link 1 is absent"
    );
}

#[test]
fn of_countless_malformed_links_the_first_are_named_and_the_rest_counted() {
    let span = otlp::Span {
        links: vec![otlp::span::Link::default(); 1000],
        ..small()
    };
    let malformed = decode(span).expect("stands").malformed_links;
    let malformed = malformed.expect("set apart");
    assert_eq!(malformed.defects.len(), 17);
    assert_eq!(malformed.defects[16].field, Field::MoreOfLinks(1984));
    assert!(malformed.is_of_links());
    let said = malformed.to_string();
    assert!(
        said.ends_with("the span id of link 7 is absent, 1984 more of links"),
        "{said}"
    );
}

#[test]
fn a_link_of_zeros_that_says_something_is_left_out_and_nothing_is_wrong_with_it() {
    let zeros = otlp::span::Link {
        trace_id: vec![0; 16],
        span_id: vec![0; 8],
        ..otlp::span::Link::default()
    };
    let noted = otlp::span::Link {
        attributes: vec![text("messaging.message.id", "7")],
        ..zeros.clone()
    };
    let with_state = otlp::span::Link {
        trace_state: "vendor=1".into(),
        ..zeros.clone()
    };
    let trace_alone = otlp::span::Link {
        trace_id: vec![1; 16],
        ..noted.clone()
    };
    let span_alone = otlp::span::Link {
        span_id: vec![1; 8],
        ..noted.clone()
    };
    let short = otlp::span::Link {
        trace_id: vec![0; 8],
        ..noted.clone()
    };
    for (link, defects) in [
        (noted, 0),
        (with_state, 0),
        (zeros, 2),
        (trace_alone, 1),
        (span_alone, 1),
        (short, 2),
    ] {
        let span = otlp::Span {
            links: vec![link],
            ..small()
        };
        let span = decode(span).expect("stands");
        let malformed = span.malformed_links.as_ref();
        let found = malformed.map_or(0, |malformed| malformed.defects.len());
        assert_eq!((span.links.len(), found), (0, defects), "{malformed:?}");
    }
}

#[test]
fn hops_are_found_in_attributes_of_any_name_and_depth_and_each_once() {
    let list = any_value::Value::ArrayValue(opentelemetry_proto::tonic::common::v1::ArrayValue {
        values: vec![text("", "ub_00000001_2").value.expect("set")],
    });
    let span = otlp::Span {
        name: "ub_00000001_9".into(),
        attributes: vec![
            text("url.full", "http://h/ub_00000001_1"),
            text("url.path", "/ub_00000001_1"),
            KeyValue {
                key: "list".into(),
                value: Some(AnyValue { value: Some(list) }),
                ..KeyValue::default()
            },
        ],
        ..small()
    };
    let hops = decode(span).expect("valid").hops;
    assert_eq!(hops.iter().map(|h| h.hop).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_hop_that_stands_nowhere_else_is_taken_from_the_name() {
    let span = otlp::Span {
        name: "ub_00000001_9 publish".into(),
        attributes: vec![text("messaging.system", "kafka")],
        ..small()
    };
    assert_eq!(decode(span).expect("valid").hops[0].hop, 9);
}

#[test]
fn an_origin_knows_its_service_and_its_run() {
    let resource = opentelemetry_proto::tonic::resource::v1::Resource {
        attributes: vec![
            text("service.name", "orders"),
            text("service.instance.id", "ub_1a2b3c4d_orders"),
        ],
        ..Default::default()
    };
    let origin = Origin::decode(Some(&resource), None);
    assert_eq!(origin.service.as_deref(), Some("orders"));
    assert_eq!(origin.run, Some(0x1a2b_3c4d));
    assert_eq!(Origin::decode(None, None), Origin::default());
}

proptest! {
    #[test]
    fn ids_of_any_length_give_an_answer(
        trace_id: Vec<u8>, span_id: Vec<u8>, parent_span_id: Vec<u8>, kind: i32, flags: u32,
    ) {
        let valid = |id: &[u8], length| id.len() == length && id.iter().any(|b| *b != 0);
        let parent_is_none = parent_span_id.is_empty() || parent_span_id == [0; 8];
        let all_valid = valid(&trace_id, 16)
            && valid(&span_id, 8)
            && (parent_is_none || valid(&parent_span_id, 8));
        let span = otlp::Span { trace_id, span_id, parent_span_id, kind, flags, ..small() };
        match decode(span) {
            Ok(_) => prop_assert!(all_valid),
            Err(malformed) => {
                prop_assert!(!all_valid && !malformed.defects.is_empty());
                prop_assert!(malformed.to_string().len() < 400);
            }
        }
    }
}
