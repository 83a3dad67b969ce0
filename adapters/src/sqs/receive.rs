use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::types::{
    self, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    MessageSystemAttributeName,
};
use aws_sdk_sqs::{Client, operation};

use super::carrier::carrier_of;
use super::queue::Queue;
use super::{failed, refused};
use crate::Address;
use crate::boundary::{BoundaryError, Delivery, Handler, Message, Refusal};

/// A poll that ends empty costs a request, and a message wakes it; but not everywhere one that is
/// moved among the dead letters, which then waits for the next poll.
const LONGEST_POLL_SECONDS: i32 = 1;

/// One queue, and what is done with what it brings.
pub(super) struct Receiver {
    pub(super) queue: Queue,
    pub(super) client: Client,
    pub(super) address: Address,
    pub(super) max_messages: usize,
    pub(super) handler: Handler,
}

impl Receiver {
    /// Whether there is a queue to receive from: the first poll would say so too late.
    pub(super) async fn look(&self) -> Result<(), BoundaryError> {
        let look = self.client.get_queue_url().queue_name(&self.queue.name);
        let found = look.send().await;
        found
            .map(drop)
            .map_err(|error| failed(&self.address, &error))
    }

    pub(super) async fn run(self) -> BoundaryError {
        loop {
            if let Err(error) = self.poll().await {
                return error;
            }
        }
    }

    /// One long poll, and the work for what it brought. Only then is it deleted: a service that
    /// dies over it has not lost it.
    async fn poll(&self) -> Result<(), BoundaryError> {
        let received = self.receive().await;
        let received = received.map_err(|error| failed(&self.address, &error))?;
        let messages = received.messages.unwrap_or_default();
        if messages.is_empty() {
            return Ok(());
        }
        let handles: Vec<_> = messages.iter().map(|m| m.receipt_handle.clone()).collect();
        let messages = messages.into_iter().map(|m| self.message_of(m)).collect();
        let handles = handles.into_iter().flatten();
        match (self.handler)(Delivery { messages }).await {
            Err(Refusal::Again(_)) => self.release(handles).await,
            // What comes again is what the redrive policy waits for.
            Err(Refusal::Rejected(_)) if self.queue.dead_letter.is_some() => {
                self.release(handles).await
            }
            // Its sender has long gone on: the service itself reports what went wrong.
            Ok(()) | Err(Refusal::Failed(_) | Refusal::Rejected(_)) => self.delete(handles).await,
        }
    }

    async fn receive(
        &self,
    ) -> Result<
        operation::receive_message::ReceiveMessageOutput,
        SdkError<operation::receive_message::ReceiveMessageError>,
    > {
        let most = i32::try_from(self.max_messages).unwrap_or(1);
        let mut receive = self
            .client
            .receive_message()
            .queue_url(&self.queue.url)
            .max_number_of_messages(most)
            .wait_time_seconds(LONGEST_POLL_SECONDS);
        if self.queue.asks {
            // Neither kind comes without being asked for.
            receive = receive
                .message_attribute_names("All")
                .message_system_attribute_names(MessageSystemAttributeName::All);
        }
        receive.send().await
    }

    fn message_of(&self, message: types::Message) -> Message {
        Message {
            carrier: carrier_of(&message, self.queue.form),
            body: message.body.unwrap_or_default().into(),
        }
    }

    /// Makes messages visible again, at once.
    async fn release(&self, handles: impl Iterator<Item = String>) -> Result<(), BoundaryError> {
        let mut release = self
            .client
            .change_message_visibility_batch()
            .queue_url(&self.queue.url);
        for (n, handle) in handles.enumerate() {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(n.to_string())
                .receipt_handle(handle)
                .visibility_timeout(0)
                .build()
                .map_err(|error| refused(&self.address, error.to_string()))?;
            release = release.entries(entry);
        }
        let released = release.send().await;
        released
            .map(drop)
            .map_err(|error| failed(&self.address, &error))
    }

    async fn delete(&self, handles: impl Iterator<Item = String>) -> Result<(), BoundaryError> {
        let mut delete = self
            .client
            .delete_message_batch()
            .queue_url(&self.queue.url);
        for (n, handle) in handles.enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder()
                .id(n.to_string())
                .receipt_handle(handle)
                .build()
                .map_err(|error| refused(&self.address, error.to_string()))?;
            delete = delete.entries(entry);
        }
        let deleted = delete.send().await;
        deleted
            .map(drop)
            .map_err(|error| failed(&self.address, &error))
    }
}
