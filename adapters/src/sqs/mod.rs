//! SQS: context in the attributes of a message, one queue for each hop.
//!
//! Credentials and region come from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
//! `AWS_REGION`; emulators, which is what there is without TLS, take any.

mod carrier;
mod tap;
mod wire;

use std::env;
use std::error::Error;
use std::net::IpAddr;

use async_trait::async_trait;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::{
    BehaviorVersion, Config, Credentials, Region, StalledStreamProtectionConfig,
};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{self, DeleteMessageBatchRequestEntry, MessageSystemAttributeName};
use aws_sdk_sqs::{Client, operation};
use opentelemetry::KeyValue;
use tokio_util::task::AbortOnDropHandle;

use crate::boundary::{
    Boundary, BoundaryError, Broker, Capabilities, Delivery, Descriptor, Handler, Limits, Medium,
    Message, Receipt, Semantics, Serving, Side,
};
use crate::reason::{reason, short};
use crate::tap::{Recorder, Tap};
use crate::{Address, Relation};

use self::carrier::{Form, attributes_of, carrier_of, text_of};

/// SQS without TLS.
pub struct Sqs {
    config: Config,
}

static BROKER: Broker = Broker {
    name: "elasticmq",
    port: 9324,
    network_port: 9324,
    // It announces two servers; only the last line says that they listen.
    ready: ") started in",
    environment: &[],
    command: &[],
    after_start: &[],
};

static DESCRIPTOR: Descriptor = Descriptor {
    name: "SQS",
    scheme: "sqs",
    carrier: "message attributes",
    specified: None,
    medium: Medium::Broker(&BROKER),
    default_relation: Relation::Either,
    address: "sqs://{endpoint}/000000000000/{hop}",
    capabilities: Capabilities {
        repeated_names: false,
        binary_values: true,
        empty_values: false,
        batches: true,
        redelivery: false,
        dead_letters: false,
        fan_out: false,
    },
    resend_count: None,
    limits: Limits {
        entries: Some(10),
        // Together with the body. AWS has gone to four times as much; ElasticMQ has not.
        bytes: Some(256 << 10),
    },
};

/// As long as SQS allows: a poll that ends empty costs a request, a longer one nothing.
const LONGEST_POLL_SECONDS: i32 = 20;
/// What SQS gives at once.
const MOST_MESSAGES: usize = 10;

impl Default for Sqs {
    fn default() -> Self {
        let or = |name: &str, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
        let credentials = Credentials::new(
            or("AWS_ACCESS_KEY_ID", "unbroken"),
            or("AWS_SECRET_ACCESS_KEY", "unbroken"),
            None,
            None,
            "environment",
        );
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(or("AWS_REGION", "elasticmq")))
            .credentials_provider(credentials)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            // A second attempt would be a second message on the wire, and hide a broker that is
            // gone behind its delays.
            .retry_config(RetryConfig::disabled())
            // A long poll is a stalled stream by design.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self { config }
    }
}

#[async_trait]
impl Boundary for Sqs {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    /// [SQS spans](https://opentelemetry.io/docs/specs/semconv/messaging/sqs/).
    fn semantics(&self, address: &Address, side: Side) -> Semantics {
        let queue = address.segments().last().unwrap_or_default().to_owned();
        let server = address.port().map(|port| (address.host(), port));
        Semantics::of_message("aws_sqs", queue, side, server)
    }

    fn place(&self, address: &Address) -> String {
        format!("queue {}", address.segments().last().unwrap_or_default())
    }

    async fn declare(&self, address: &Address) -> Result<(), BoundaryError> {
        let queue = Queue::at(address)?;
        let create = self.client(address).create_queue().queue_name(queue.name);
        let created = create.send().await;
        created.map(drop).map_err(|error| failed(address, &error))
    }

    async fn send(&self, address: &Address, message: Message) -> Result<Receipt, BoundaryError> {
        let queue = Queue::at(address)?;
        let attributes = attributes_of(&message.carrier, queue.form);
        let attributes = attributes.map_err(|why| refused(address, why))?;
        let body = text_of(&message.body);
        let body = body.ok_or_else(|| refused(address, "the body is no text".to_owned()))?;
        let sent = self
            .client(address)
            .send_message()
            .queue_url(queue.url)
            .message_body(body)
            .set_message_attributes(Some(attributes.message))
            .set_message_system_attributes(Some(attributes.system))
            .send()
            .await
            .map_err(|error| failed(address, &error))?;
        let id = sent
            .message_id
            .map(|id| KeyValue::new("messaging.message.id", id));
        Ok(Receipt {
            attributes: id.into_iter().collect(),
        })
    }

    async fn serve(
        &self,
        address: &Address,
        max_messages: usize,
        handler: Handler,
    ) -> Result<Serving, BoundaryError> {
        let receiver = Receiver {
            queue: Queue::at(address)?,
            client: self.client(address),
            address: address.clone(),
            max_messages: i32::try_from(max_messages.clamp(1, MOST_MESSAGES)).unwrap_or(1),
            handler,
        };
        receiver.look().await?;
        Ok(Serving {
            address: address.clone(),
            task: AbortOnDropHandle::new(tokio::spawn(receiver.run())),
        })
    }

    async fn tap(
        &self,
        address: &Address,
        bind: IpAddr,
        recorder: Recorder,
    ) -> Result<Tap, BoundaryError> {
        tap::tap(address, bind, recorder).await
    }
}

impl Sqs {
    /// Connections are shared by all clients; a client itself is little more than its endpoint.
    fn client(&self, address: &Address) -> Client {
        let endpoint = format!("http://{}", address.endpoint());
        Client::from_conf(self.config.to_builder().endpoint_url(endpoint).build())
    }
}

/// What an address says of a queue.
#[derive(Debug)]
struct Queue {
    name: String,
    /// By way of the address itself: the URL that an emulator tells may name a port that only
    /// its container knows, and would lead past a tap.
    url: String,
    form: Form,
}

impl Queue {
    fn at(address: &Address) -> Result<Self, BoundaryError> {
        let unusable = |reason| BoundaryError::Address {
            boundary: DESCRIPTOR.name,
            address: address.clone(),
            reason,
        };
        let mut segments = address.segments();
        let (Some(account), Some(name), None) = (segments.next(), segments.next(), segments.next())
        else {
            return Err(unusable("its path is not /account/queue"));
        };
        let form = match address.param("carrier").as_deref() {
            None | Some("attributes") => Form::Attributes,
            Some("header") => Form::Header,
            Some(_) => return Err(unusable("its carrier is neither attributes nor header")),
        };
        Ok(Self {
            url: format!("http://{}/{account}/{name}", address.endpoint()),
            name: name.to_owned(),
            form,
        })
    }
}

struct Receiver {
    queue: Queue,
    client: Client,
    address: Address,
    max_messages: i32,
    handler: Handler,
}

impl Receiver {
    /// Whether there is a queue to receive from: the first poll would say so too late.
    async fn look(&self) -> Result<(), BoundaryError> {
        let look = self.client.get_queue_url().queue_name(&self.queue.name);
        let found = look.send().await;
        found
            .map(drop)
            .map_err(|error| failed(&self.address, &error))
    }

    async fn run(self) -> BoundaryError {
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
        // Its sender has long gone on: the service itself reports what went wrong.
        let _ = (self.handler)(Delivery { messages }).await;
        self.delete(handles.into_iter().flatten()).await
    }

    async fn receive(
        &self,
    ) -> Result<
        operation::receive_message::ReceiveMessageOutput,
        SdkError<operation::receive_message::ReceiveMessageError>,
    > {
        self.client
            .receive_message()
            .queue_url(&self.queue.url)
            .max_number_of_messages(self.max_messages)
            .wait_time_seconds(LONGEST_POLL_SECONDS)
            // Neither kind comes without being asked for.
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
    }

    fn message_of(&self, message: types::Message) -> Message {
        Message {
            carrier: carrier_of(&message, self.queue.form),
            body: message.body.unwrap_or_default().into(),
        }
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

/// An answer with a code is SQS saying no. Anything else, a gateway's error page included, means
/// that there is no SQS where the address says.
fn failed<E>(address: &Address, error: &SdkError<E>) -> BoundaryError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let code = error.as_service_error().and_then(|service| {
        let message = service.message().unwrap_or_default();
        service.code().map(|code| format!("{code} {message}"))
    });
    let other = || {
        let answer = error.raw_response().map(|raw| {
            let said = String::from_utf8_lossy(raw.body().bytes().unwrap_or_default());
            format!("{} {}", raw.status(), short(&said))
        });
        answer.unwrap_or_else(|| reason(error))
    };
    match (code, error) {
        (Some(said), _) => refused(address, said),
        (None, SdkError::ConstructionFailure(_)) => refused(address, reason(error)),
        (None, _) => BoundaryError::Unreachable {
            boundary: DESCRIPTOR.name,
            address: address.clone(),
            reason: other(),
        },
    }
}

fn refused(address: &Address, reason: String) -> BoundaryError {
    BoundaryError::Refused {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(address: &str) -> Result<Queue, BoundaryError> {
        Queue::at(&Address::parse(address).expect("a URL"))
    }

    #[test]
    fn the_url_of_a_queue_is_that_of_its_address() {
        let queue = queue("sqs://127.0.0.1:7/000000000000/ub_1?carrier=header").expect("valid");
        assert_eq!(queue.url, "http://127.0.0.1:7/000000000000/ub_1");
        assert_eq!((queue.name.as_str(), queue.form), ("ub_1", Form::Header));
    }

    #[test]
    fn an_address_without_a_queue_or_with_another_carrier_is_refused() {
        for bad in [
            "sqs://h",
            "sqs://h/0",
            "sqs://h/0/q/r",
            "sqs://h/0/q?carrier=body",
        ] {
            let error = queue(bad).expect_err(bad);
            assert!(matches!(error, BoundaryError::Address { .. }), "{error}");
        }
    }
}
