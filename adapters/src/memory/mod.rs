//! The in-memory channel: a boundary of its own, inside one process.
//!
//! Context is lost here too, wherever work is handed to another task, a thread pool or a queue
//! in memory. The carrier is the message's own list of names and values.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::boundary::{
    Boundary, BoundaryError, Capabilities, Delivery, Descriptor, Handler, Limits, Medium, Message,
    Receipt, Semantics, Serving, Side,
};
use crate::tap::{Recorder, Tap};
use crate::{Address, Relation};

/// Channels by name.
#[derive(Default)]
pub struct Memory {
    channels: Arc<Mutex<HashMap<String, Channel>>>,
}

/// The way to one listener.
type Receiver = mpsc::UnboundedSender<Message>;

#[derive(Default)]
struct Channel {
    /// One for each group.
    receivers: HashMap<Option<String>, Receiver>,
    /// Likewise.
    recorders: HashMap<Option<String>, Recorder>,
}

static DESCRIPTOR: Descriptor = Descriptor {
    name: "memory",
    scheme: "memory",
    carrier: "the entries of the message",
    specified: None,
    medium: Medium::Process,
    default_relation: Relation::Either,
    address: "memory://{hop}",
    capabilities: Capabilities {
        repeated_names: true,
        binary_values: true,
        binary_suffix: None,
        empty_values: true,
        batches: true,
        redelivery: true,
        dead_letters: false,
        fan_out: true,
    },
    resend_count: None,
    seen_when_taken: false,
    limits: Limits {
        entries: None,
        bytes: None,
    },
};

#[async_trait]
impl Boundary for Memory {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn semantics(&self, address: &Address, side: Side) -> Semantics {
        Semantics::of_message("memory", address.host().to_owned(), side, None)
    }

    fn place(&self, address: &Address) -> String {
        format!("channel {}", address.host())
    }

    async fn declare(&self, address: &Address) -> Result<(), BoundaryError> {
        self.with_channel(address, |_| ());
        Ok(())
    }

    async fn send(&self, address: &Address, message: Message) -> Result<Receipt, BoundaryError> {
        self.with_channel(address, |channel| {
            if channel.receivers.values().all(Receiver::is_closed) {
                return Err("nobody listens");
            }
            for recorder in channel.recorders.values() {
                recorder.seen(&message.carrier, &self.place(address));
            }
            for receiver in channel.receivers.values() {
                // Whoever has gone in this moment no longer wants it.
                let _ = receiver.send(message.clone());
            }
            Ok(())
        })
        .map_err(|reason: &str| unreachable_channel(address, reason))?;
        Ok(Receipt::default())
    }

    async fn serve(
        &self,
        address: &Address,
        max_messages: usize,
        handler: Handler,
    ) -> Result<Serving, BoundaryError> {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let group = address.param("group");
        self.with_channel(address, |channel| channel.receivers.insert(group, sender));
        let this = address.clone();
        let task = tokio::spawn(async move {
            loop {
                let mut messages = Vec::new();
                if receiver.recv_many(&mut messages, max_messages.max(1)).await == 0 {
                    return unreachable_channel(&this, "another listener took its place");
                }
                Delivery { messages }.hand_over(&handler).await;
            }
        });
        Ok(Serving {
            address: address.clone(),
            task: AbortOnDropHandle::new(task),
        })
    }

    async fn tap(
        &self,
        address: &Address,
        _bind: IpAddr,
        recorder: Recorder,
    ) -> Result<Tap, BoundaryError> {
        let group = address.param("group");
        self.with_channel(address, |channel| channel.recorders.insert(group, recorder));
        Ok(Tap {
            sender: address.clone(),
            receiver: address.clone(),
            task: AbortOnDropHandle::new(tokio::spawn(std::future::pending())),
        })
    }
}

impl Memory {
    fn with_channel<T>(&self, address: &Address, act: impl FnOnce(&mut Channel) -> T) -> T {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.retain(|name, channel| name == address.host() || !channel.is_deserted());
        act(channels.entry(address.host().to_owned()).or_default())
    }
}

impl Channel {
    /// Everybody who used this channel is gone; its name will not come back.
    fn is_deserted(&self) -> bool {
        !self.receivers.is_empty()
            && self.receivers.values().all(Receiver::is_closed)
            && self.recorders.values().all(Recorder::is_closed)
    }
}

fn unreachable_channel(address: &Address, reason: &str) -> BoundaryError {
    BoundaryError::Unreachable {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refusal;

    #[tokio::test]
    async fn sending_where_nobody_listens_says_so() {
        let address = Address::parse("memory://nobody").expect("valid");
        let error = Memory::default()
            .send(&address, Message::default())
            .await
            .expect_err("refused");
        assert_eq!(
            error.to_string(),
            "memory: memory://nobody cannot be reached: nobody listens"
        );
    }

    #[tokio::test]
    async fn what_is_wanted_again_comes_before_all_that_is_later() {
        let (memory, address) = (
            Memory::default(),
            Address::parse("memory://a").expect("valid"),
        );
        let (arrived, mut arrivals) = mpsc::unbounded_channel();
        let handler: Handler = Arc::new(move |delivery: Delivery| {
            let body = delivery.messages[0].body.clone();
            // Who looks no more has seen enough.
            let _ = arrived.send(body);
            Box::pin(std::future::ready(Err(Refusal::Again(
                "not yet".to_owned(),
            ))))
        });
        let _serving = memory.serve(&address, 1, handler).await.expect("served");
        for body in ["first", "second"] {
            let body = body.into();
            let message = Message {
                body,
                ..Message::default()
            };
            memory.send(&address, message).await.expect("sent");
        }
        for _ in 0..5 {
            assert_eq!(arrivals.recv().await.expect("again"), "first");
        }
    }

    #[tokio::test]
    async fn a_channel_whose_listeners_are_gone_is_forgotten() {
        let memory = Memory::default();
        let [used, other] =
            ["memory://used", "memory://other"].map(|text| Address::parse(text).expect("valid"));
        let handler: Handler = Arc::new(|_| Box::pin(std::future::ready(Ok(()))));
        let serving = memory.serve(&used, 1, handler).await.expect("served");
        serving.task.abort();
        // It ends by being told to.
        let _ = serving.task.await;
        let sent = memory.send(&used, Message::default()).await;
        sent.expect_err("nobody listens");
        memory.declare(&other).await.expect("declared");
        let channels = memory.channels.lock().expect("not poisoned");
        assert!(!channels.contains_key("used"));
    }
}
