use bytes::Bytes;

use super::*;
use crate::Carrier;
use crate::crossing::{self, endpoint};

const ENDPOINT: &str = "UNBROKEN_TEST_KAFKA";

fn address(text: &str) -> Address {
    Address::parse(text).expect(text)
}

fn attribute(semantics: &Semantics, name: &str) -> Option<String> {
    let mut attributes = semantics.attributes.iter();
    let found = attributes.find(|attribute| attribute.key.as_str() == name);
    found.map(|attribute| attribute.value.to_string())
}

#[test]
fn a_path_is_one_topic() {
    let valid = address("kafka://b:9092/orders.v1_A-b?key=7");
    assert_eq!(topic_of(&valid).expect("valid"), "orders.v1_A-b");
    let long = format!("kafka://b:9092/{}", "t".repeat(250));
    for text in ["kafka://b:9092", "kafka://b/a/b", "kafka://b/a%00b", &long] {
        let error = topic_of(&address(text)).expect_err(text);
        assert_eq!(error.kind(), "address");
    }
}

#[test]
fn a_span_is_named_after_its_topic() {
    let address = address("kafka://b/orders?key=7");
    let send = Kafka::default().semantics(&address, Side::Cause);
    let found = |name| attribute(&send, name);
    assert_eq!(send.name, "send orders");
    assert_eq!(found("messaging.kafka.message.key").as_deref(), Some("7"));
    assert_eq!(found("server.port").as_deref(), Some("9092"));
    let process = Kafka::default().semantics(&address, Side::Consequence);
    assert_eq!(process.name, "process orders");
    assert_eq!(process.kind, SpanKind::Consumer);
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    crossing::a_closed_port_is_unreachable(&Kafka::default()).await;
}

#[tokio::test]
#[ignore = "needs a broker: UNBROKEN_TEST_KAFKA=host:port"]
async fn what_is_sent_arrives_in_order_twice_empty_and_binary() {
    let entries: [(&str, &[u8]); 5] = [
        ("traceparent", b"2"),
        ("b", b""),
        ("traceparent", b"1"),
        ("a", &[0, 0xff, 0x80]),
        ("Traceparent", b"3"),
    ];
    let entries = entries.map(|(name, value)| (name, Bytes::from_static(value)));
    let carrier: Carrier = entries.into_iter().collect();
    let endpoint = endpoint(ENDPOINT);
    crossing::what_is_sent_arrives_and_is_seen(&Kafka::default(), &endpoint, carrier).await;
}

#[tokio::test]
#[ignore = "needs a broker: UNBROKEN_TEST_KAFKA=host:port"]
async fn a_failing_handler_goes_on_in_batches() {
    let endpoint = endpoint(ENDPOINT);
    crossing::a_failing_handler_goes_on_in_batches(&Kafka::default(), &endpoint).await;
}

#[tokio::test]
#[ignore = "needs a broker: UNBROKEN_TEST_KAFKA=host:port"]
async fn hops_cross_side_by_side() {
    crossing::hops_cross_side_by_side(&Kafka::default(), &endpoint(ENDPOINT)).await;
}

#[tokio::test]
#[ignore = "needs a broker: UNBROKEN_TEST_KAFKA=host:port"]
async fn a_record_that_is_too_large_is_refused() {
    let (kafka, endpoint) = (Kafka::default(), endpoint(ENDPOINT));
    let address = crossing::fresh(&kafka, &endpoint);
    kafka.declare(&address).await.expect("declared");
    let body = vec![b'x'; 1_000_001].into();
    let carrier = Carrier::new();
    let error = kafka.send(&address, Message { carrier, body }).await;
    let error = error.expect_err("too large");
    assert!(matches!(error, BoundaryError::Refused { .. }), "{error}");
}
