//! What only AMQP can do.

use std::sync::Arc;

use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties};
use libtest_mimic::{Failed, Trial};
use unbroken_adapters::{Address, Boundary, BoundaryError, Carrier, Message};

use crate::bench::{Bench, declared};
use crate::{delivered, in_order};

pub(crate) fn trials(bench: &Arc<Bench>) -> Vec<Trial> {
    vec![
        bench.trial("AMQP::keeps_the_order_of_a_batch", |amqp, endpoint| async move {
            let address = declared(&*amqp, &endpoint, "order_of_a_batch").await?;
            in_order(&*amqp, &address).await
        }),
        bench.trial("AMQP::keeps_headers_as_they_are", |amqp, endpoint| async move {
            let address = declared(&*amqp, &endpoint, "kept_as_they_are").await?;
            // In the order of their names, which is that of lapin's table.
            let entries: [(&str, &[u8]); 4] = [
                ("Traceparent", b"2"),
                ("a", &[0, 0xff, 0x80]),
                ("b", b""),
                ("traceparent", b"1"),
            ];
            let carrier: Carrier = entries.map(|(n, v)| (n, v.to_vec())).into_iter().collect();
            delivered(&*amqp, &address, carrier).await
        }),
        bench.trial("AMQP::carries_as_much_as_it_says", |amqp, endpoint| async move {
            let address = declared(&*amqp, &endpoint, "as_much_as_it_says").await?;
            let most = amqp.descriptor().limits.bytes.ok_or("no limit")?;
            let carrier = [("a", vec![b'x'; most - 1])].into_iter().collect();
            delivered(&*amqp, &address, carrier).await
        }),
        bench.trial("AMQP::refuses_what_nobody_gets", |amqp, endpoint| async move {
            refuses_what_nobody_gets(&*amqp, &endpoint).await
        }),
        bench.trial("AMQP::uses_the_queue_of_somebody_else", |amqp, endpoint| async move {
            uses_the_queue_of_somebody_else(&*amqp, &endpoint).await
        }),
    ]
}

/// The broker closes a channel over a mistake on it, and says of a message that it comes back
/// only after it: neither may be taken for the affair of another sender.
async fn refuses_what_nobody_gets(amqp: &dyn Boundary, endpoint: &str) -> Result<(), Failed> {
    let there = declared(amqp, endpoint, "somebody_gets_it").await?;
    let nowhere = amqp.descriptor().address_of(endpoint, "not_declared")?;
    let unbound = there.as_str().replace("key=", "key=other_");
    let unbound = Address::parse(&unbound)?;
    for _ in 0..20 {
        let (good, missing, unroutable) = futures::join!(
            amqp.send(&there, Message::default()),
            amqp.send(&nowhere, Message::default()),
            amqp.send(&unbound, Message::default()),
        );
        good?;
        for (outcome, said) in [(missing, "NOT_FOUND"), (unroutable, "NO_ROUTE")] {
            match outcome {
                Err(error @ BoundaryError::Refused { .. }) if error.to_string().contains(said) => {}
                other => return Err(format!("expected {said}, got {other:?}").into()),
            }
        }
    }
    Ok(())
}

/// It is theirs to say how it is made: the broker refuses to make it otherwise.
async fn uses_the_queue_of_somebody_else(
    amqp: &dyn Boundary,
    endpoint: &str,
) -> Result<(), Failed> {
    let address = amqp.descriptor().address_of(endpoint, "of_somebody_else")?;
    let uri = format!("amqp://guest:guest@{endpoint}/%2F");
    let theirs = Connection::connect(&uri, ConnectionProperties::default()).await?;
    let mut arguments = FieldTable::default();
    arguments.insert("x-expires".into(), AMQPValue::LongInt(60_000));
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    let queue = address.param("queue").ok_or("no queue")?;
    let channel = theirs.create_channel().await?;
    channel
        .queue_declare(queue.as_str().into(), options, arguments)
        .await?;
    amqp.declare(&address).await?;
    delivered(amqp, &address, Carrier::new()).await
}
