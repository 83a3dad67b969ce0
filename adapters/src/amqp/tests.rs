use bytes::Bytes;

use super::*;
use crate::Carrier;
use crate::crossing::{self, endpoint};

const ENDPOINT: &str = "UNBROKEN_TEST_RABBITMQ";

#[test]
fn a_span_is_named_as_the_conventions_say() {
    for (query, sent, received) in [
        ("exchange=e&key=k&queue=q", "send e:k", "process e:k:q"),
        ("exchange=e&key=k&queue=k", "send e:k", "process e:k"),
        ("exchange=e&queue=q", "send e", "process e:q"),
        ("key=k", "send k", "process k"),
    ] {
        let address = format!("amqp://b/%2F?{query}");
        let address = Address::parse(&address).expect("valid");
        let name = |side| Amqp::default().semantics(&address, side).name;
        assert_eq!(name(Side::Cause), sent);
        assert_eq!(name(Side::Consequence), received);
    }
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    crossing::a_closed_port_is_unreachable(&Amqp::default()).await;
}

#[tokio::test]
#[ignore = "needs a broker: UNBROKEN_TEST_RABBITMQ=host:port"]
async fn what_is_sent_arrives_empty_and_binary() {
    let entries: [(&str, &[u8]); 4] = [
        ("Traceparent", b"2"),
        ("a", &[0, 0xff, 0x80]),
        ("b", b""),
        ("traceparent", b"1"),
    ];
    let entries = entries.map(|(name, value)| (name, Bytes::from_static(value)));
    let carrier: Carrier = entries.into_iter().collect();
    let endpoint = endpoint(ENDPOINT);
    crossing::what_is_sent_arrives_and_is_seen(&Amqp::default(), &endpoint, carrier).await;
}

#[tokio::test]
#[ignore = "needs a broker: UNBROKEN_TEST_RABBITMQ=host:port"]
async fn the_largest_carrier_arrives() {
    let carrier = [("a", vec![b'x'; carrier::MOST_BYTES - 1])];
    let carrier: Carrier = carrier.into_iter().collect();
    let endpoint = endpoint(ENDPOINT);
    crossing::what_is_sent_arrives_and_is_seen(&Amqp::default(), &endpoint, carrier).await;
}

#[tokio::test]
#[ignore = "needs a broker: UNBROKEN_TEST_RABBITMQ=host:port"]
async fn a_failing_handler_goes_on_in_batches() {
    let endpoint = endpoint(ENDPOINT);
    crossing::a_failing_handler_goes_on_in_batches(&Amqp::default(), &endpoint).await;
}

#[tokio::test]
#[ignore = "needs a broker: UNBROKEN_TEST_RABBITMQ=host:port"]
async fn hops_cross_side_by_side() {
    crossing::hops_cross_side_by_side(&Amqp::default(), &endpoint(ENDPOINT)).await;
}

#[tokio::test]
#[ignore = "needs a broker: UNBROKEN_TEST_RABBITMQ=host:port"]
async fn what_nobody_gets_is_refused_and_harms_no_other_sender() {
    let (amqp, endpoint) = (Amqp::default(), endpoint(ENDPOINT));
    let there = crossing::fresh(&amqp, &endpoint);
    amqp.declare(&there).await.expect("declared");
    let nowhere = crossing::fresh(&amqp, &endpoint);
    let unbound = there.as_str().replace("key=", "key=other_");
    let unbound = Address::parse(&unbound).expect("valid");
    for _ in 0..20 {
        let (good, missing, unroutable) = futures::join!(
            amqp.send(&there, Message::default()),
            amqp.send(&nowhere, Message::default()),
            amqp.send(&unbound, Message::default()),
        );
        good.expect("routed");
        for (outcome, said) in [(missing, "NOT_FOUND"), (unroutable, "NO_ROUTE")] {
            let error = outcome.expect_err("nobody gets it");
            assert!(matches!(error, BoundaryError::Refused { .. }), "{error}");
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}

#[tokio::test]
#[ignore = "needs a broker: UNBROKEN_TEST_RABBITMQ=host:port"]
async fn a_queue_that_somebody_else_made_is_used_as_it_is() {
    let (amqp, endpoint) = (Amqp::default(), endpoint(ENDPOINT));
    let address = crossing::fresh(&amqp, &endpoint);
    let place = Place::of(&address).expect("valid");
    let link = amqp.links.to(&address).await.expect("connected");
    let channel = link.channel(&address).await.expect("open");
    let mut arguments = FieldTable::default();
    arguments.insert("x-expires".into(), AMQPValue::LongInt(60_000));
    channel
        .queue_declare(place.queue, QueueDeclareOptions::durable(), arguments)
        .await
        .expect("made otherwise");
    amqp.declare(&address).await.expect("declared all the same");
    amqp.send(&address, Message::default()).await.expect("sent");
}
