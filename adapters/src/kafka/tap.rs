use tokio_util::task::AbortOnDropHandle;

use super::feed::Subscription;
use super::unreachable_broker;
use crate::Address;
use crate::tap::{Recorder, Tap};

/// An observer: one more reader of the topic, which sees every record that the broker hands out.
///
/// It stands behind the broker, and yet it knows both points of the hop. A broker has no hook
/// that could change a record: it appends the producer's batch to its log and serves the log. It
/// rewrites a batch only to compress it otherwise, or to put in its own timestamps, and then too
/// copies keys, values and headers as they are. So what comes out is what went in. What does
/// change records is not the broker but a client of it (a mirror, a connector, a stream), and so
/// a hop of its own, with a topic on either side.
pub(super) fn observe(
    mut records: Subscription,
    address: &Address,
    topic: String,
    recorder: Recorder,
) -> Tap {
    let this = address.clone();
    let task = tokio::spawn(async move {
        loop {
            let records = match records.next(usize::MAX).await {
                Ok(records) => records,
                Err(error) => return unreachable_broker(&this, &error),
            };
            for record in records {
                let (partition, offset) = record.position();
                let place = format!("{topic}, partition {partition}, offset {offset}");
                recorder.seen(&record.message.carrier, &place);
            }
        }
    });
    Tap {
        sender: address.clone(),
        receiver: address.clone(),
        task: AbortOnDropHandle::new(task),
    }
}
