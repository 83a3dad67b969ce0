//! What only Kafka can do.

use std::sync::Arc;

use libtest_mimic::Trial;
use tokio::time::timeout;
use unbroken_adapters::{BoundaryError, Carrier, Message};

use crate::bench::{Bench, declared};
use crate::{PATIENCE, delivered, in_order, passing_on};

pub(crate) fn trials(bench: &Arc<Bench>) -> Vec<Trial> {
    vec![
        bench.trial(
            "Kafka::keeps_the_order_of_a_batch",
            |kafka, endpoint| async move {
                let address = declared(&*kafka, &endpoint, "order_of_a_batch").await?;
                in_order(&*kafka, &address).await
            },
        ),
        bench.trial(
            "Kafka::keeps_headers_as_they_are",
            |kafka, endpoint| async move {
                let address = declared(&*kafka, &endpoint, "kept_as_they_are").await?;
                let entries: [(&str, &[u8]); 5] = [
                    ("traceparent", b"2"),
                    ("b", b""),
                    ("traceparent", b"1"),
                    ("a", &[0, 0xff, 0x80]),
                    ("Traceparent", b"3"),
                ];
                let carrier: Carrier = entries.map(|(n, v)| (n, v.to_vec())).into_iter().collect();
                delivered(&*kafka, &address, carrier).await
            },
        ),
        bench.trial(
            "Kafka::goes_on_where_a_topic_is_now",
            |kafka, endpoint| async move {
                let address = declared(&*kafka, &endpoint, "somebody_elses").await?;
                let message = |body: &'static str| Message {
                    carrier: Carrier::new(),
                    body: body.into(),
                };
                kafka.send(&address, message("before")).await?;
                let (handler, mut deliveries) = passing_on();
                let now = address.with_param("from", "end");
                let _serving = kafka.serve(&now, 1, handler).await?;
                kafka.send(&address, message("after")).await?;
                let delivery = timeout(PATIENCE, deliveries.recv()).await?;
                let delivery = delivery.ok_or("nothing can arrive any more")?;
                match &*delivery.messages[0].body {
                    b"after" => Ok(()),
                    other => Err(format!("the first was {:?}", other.escape_ascii()).into()),
                }
            },
        ),
        bench.trial(
            "Kafka::refuses_a_record_that_is_too_large",
            |kafka, endpoint| async move {
                let address = declared(&*kafka, &endpoint, "too_large").await?;
                let message = Message {
                    carrier: Carrier::new(),
                    body: vec![b'x'; 1_000_001].into(),
                };
                match kafka.send(&address, message).await {
                    Err(BoundaryError::Refused { .. }) => Ok(()),
                    other => Err(format!("expected Refused, got {other:?}").into()),
                }
            },
        ),
    ]
}
