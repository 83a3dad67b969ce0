use opentelemetry::trace::SpanKind;

use super::*;

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
fn a_receiver_begins_where_its_address_says() {
    let begins = |params: &str| begin_of(&address(&format!("kafka://b/orders{params}")));
    let valid = |params: &str| begins(params).expect(params);
    assert_eq!(valid(""), Begin::First);
    assert_eq!(valid("?from=end"), Begin::Now);
    assert_eq!(
        valid("?group=billing"),
        Begin::Committed("billing".to_owned())
    );
    for params in [
        "?from=middle",
        "?group=",
        "?group=billing&from=end",
        "?group=billing&from=middle",
    ] {
        assert_eq!(begins(params).expect_err(params).kind(), "address");
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
