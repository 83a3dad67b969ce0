use super::*;
use proptest::prelude::*;

fn json(operation: &str, body: &str) -> Option<Call> {
    let mut headers = HeaderMap::new();
    let target = format!("AmazonSQS.{operation}");
    headers.insert("x-amz-target", target.parse().expect("valid"));
    call("/", &headers, body.as_bytes())
}

fn query(path: &str, body: &str) -> Option<Call> {
    call(path, &HeaderMap::new(), body.as_bytes())
}

fn sends<const N: usize>(carriers: [&[(&str, &str)]; N]) -> Call {
    let carrier = |entries: &[(&str, &str)]| {
        entries
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect()
    };
    Call {
        queue: "q".to_owned(),
        action: Action::Send(carriers.map(carrier).into()),
    }
}

#[test]
fn a_send_shows_both_kinds_of_attributes_in_their_order() {
    let body = r#"{
        "QueueUrl": "http://inner:9324/000000000000/q",
        "MessageBody": "[]",
        "MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=…"}},
        "MessageAttributes": {
            "z": {"DataType": "String", "StringValue": "1"},
            "a": {"DataType": "Binary", "BinaryValue": "AAE="},
            "z": {"DataType": "String", "StringValue": "2"}
        }
    }"#;
    let expected = [
        ("z", "1"),
        ("a", "\0\u{1}"),
        ("z", "2"),
        (TRACE_HEADER, "Root=…"),
    ];
    assert_eq!(json("SendMessage", body), Some(sends([&expected])));
}

#[test]
fn a_batch_shows_every_message_and_one_without_attributes_shows_none() {
    let body = r#"{"QueueUrl": "q", "Entries": [
        {"Id": "1", "MessageBody": "[]", "MessageAttributes": {"a": {"StringValue": "1"}}},
        {"Id": "2", "MessageBody": "[]", "MessageAttributes": null}
    ]}"#;
    assert_eq!(
        json("SendMessageBatch", body),
        Some(sends([&[("a", "1")], &[]]))
    );
}

#[test]
fn the_header_of_the_request_is_an_attribute_of_messages_that_have_none() {
    let mut headers = HeaderMap::new();
    headers.insert("x-amzn-trace-id", "of-request".parse().expect("valid"));
    let body = "Action=SendMessageBatch\
        &SendMessageBatchRequestEntry.1.Id=1\
        &SendMessageBatchRequestEntry.2.Id=2\
        &SendMessageBatchRequestEntry.2.MessageSystemAttribute.1.Name=AWSTraceHeader\
        &SendMessageBatchRequestEntry.2.MessageSystemAttribute.1.Value.StringValue=own";
    assert_eq!(
        call("/0/q", &headers, body.as_bytes()),
        Some(sends([
            &[(TRACE_HEADER, "of-request")],
            &[(TRACE_HEADER, "own")]
        ]))
    );
}

#[test]
fn the_query_protocol_is_read_too() {
    let body = "Action=SendMessage&QueueUrl=http%3A%2F%2Fh%2F0%2Fq\
        &MessageAttribute.1.Name=a&MessageAttribute.1.Value.StringValue=1%2C2\
        &MessageAttribute.2.Name=b&MessageAttribute.2.Value.BinaryValue=AA%3D%3D";
    let expected = [("a", "1,2"), ("b", "\0")];
    assert_eq!(query("/", body), Some(sends([&expected])));
    let receives = query("/0/q", "Action=ReceiveMessage").map(|call| call.action);
    assert_eq!(receives, Some(Action::Receive));
}

#[test]
fn what_neither_sends_nor_receives_or_cannot_be_read_is_no_call() {
    assert_eq!(json("DeleteMessage", r#"{"QueueUrl": "q"}"#), None);
    for body in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"QueueUrl": 1}"#,
        r#"{"QueueUrl": "q/"}"#,
    ] {
        assert_eq!(json("SendMessage", body), None, "{body}");
    }
    let odd = r#"{"QueueUrl": "q", "MessageAttributes": {"a": "1"}}"#;
    assert_eq!(json("SendMessage", odd), None);
    assert_eq!(query("/", "Action=SendMessage"), None);
    assert_eq!(query("/", "\u{0}"), None);
}

#[test]
fn an_answer_shows_the_carrier_of_every_message() {
    let body = br#"{"Messages": [
        {"MessageId": "1", "Body": "[]", "Attributes": {"SentTimestamp": "1", "AWSTraceHeader": "t"},
         "MessageAttributes": {"a": {"DataType": "String", "StringValue": "1"}}},
        {"MessageId": "2", "Body": "[]"}
    ]}"#;
    let first = [("a", "1"), (TRACE_HEADER, "t")].into_iter().collect();
    let arrival = |id: &str, carrier| Arrival {
        id: id.to_owned(),
        carrier,
    };
    let expected = [arrival("1", first), arrival("2", Carrier::new())];
    assert_eq!(received(body), expected);
    for nothing in ["", "{}", r#"{"Messages": null}"#, "<xml/>", "[1]"] {
        assert!(received(nothing.as_bytes()).is_empty(), "{nothing}");
    }
}

proptest! {
    #[test]
    fn any_body_at_all_gives_an_answer(body: Vec<u8>, path: String) {
        let _ = received(&body);
        let _ = query(&path, &String::from_utf8_lossy(&body));
        let _ = json("SendMessage", &String::from_utf8_lossy(&body));
    }
}
