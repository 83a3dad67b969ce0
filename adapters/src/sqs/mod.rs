//! SQS: context in the attributes of a message, one queue for each hop.
//!
//! Credentials and region come from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
//! `AWS_REGION`; emulators, which is what there is without TLS, take any.

mod carrier;
mod queue;
mod receive;
mod tap;
mod wire;

use std::env;
use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{
    BehaviorVersion, Config, Credentials, Region, StalledStreamProtectionConfig,
};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use opentelemetry::KeyValue;
use tokio_util::task::AbortOnDropHandle;

use crate::boundary::{
    Boundary, BoundaryError, Broker, Capabilities, Descriptor, Handler, Limits, Medium, Message,
    Receipt, Semantics, Serving, Side,
};
use crate::reason::{reason, short};
use crate::tap::{Recorder, Tap};
use crate::{Address, Relation};

use self::carrier::{Attributes, attributes_of, text_of};
use self::queue::Queue;
use self::receive::Receiver;

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
        binary_suffix: None,
        empty_values: false,
        batches: true,
        redelivery: true,
        dead_letters: true,
        fan_out: false,
    },
    resend_count: None,
    seen_when_taken: true,
    limits: Limits {
        entries: Some(10),
        // Together with the body. AWS has gone to four times as much; ElasticMQ has not.
        bytes: Some(256 << 10),
    },
};

/// What SQS takes or gives at once.
const MOST_MESSAGES: usize = 10;

/// How long one request may take before its broker counts as unreachable; a poll is one.
const PATIENCE: Duration = Duration::from_secs(20);

impl Default for Sqs {
    fn default() -> Self {
        Self::with_patience(PATIENCE)
    }
}

impl Sqs {
    fn with_patience(patience: Duration) -> Self {
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
            // Whoever takes a connection and answers nothing must not be waited for for ever.
            .timeout_config(TimeoutConfig::builder().operation_timeout(patience).build())
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
        let create = self.client(address).create_queue().queue_name(&queue.name);
        let created = create.send().await;
        created.map_err(|error| failed(address, &error))?;
        match queue.dead_letter {
            Some(ref dead_letter) => self.redrive(address, &queue, dead_letter).await,
            None => Ok(()),
        }
    }

    async fn send(&self, address: &Address, message: Message) -> Result<Receipt, BoundaryError> {
        let queue = Queue::at(address)?;
        let (body, attributes) = parts_of(address, &queue, &message)?;
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

    /// As few batches as SQS allows, which takes ten messages in one.
    async fn send_all(
        &self,
        address: &Address,
        messages: Vec<Message>,
    ) -> Result<Receipt, BoundaryError> {
        let queue = Queue::at(address)?;
        for batch in messages.chunks(MOST_MESSAGES) {
            self.send_batch(address, &queue, batch).await?;
        }
        Ok(Receipt::default())
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
            max_messages: max_messages.clamp(1, MOST_MESSAGES),
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
    async fn send_batch(
        &self,
        address: &Address,
        queue: &Queue,
        messages: &[Message],
    ) -> Result<(), BoundaryError> {
        let mut batch = self.client(address).send_message_batch();
        for (n, message) in messages.iter().enumerate() {
            let (body, attributes) = parts_of(address, queue, message)?;
            let entry = SendMessageBatchRequestEntry::builder()
                .id(n.to_string())
                .message_body(body)
                .set_message_attributes(Some(attributes.message))
                .set_message_system_attributes(Some(attributes.system))
                .build()
                .map_err(|error| refused(address, error.to_string()))?;
            batch = batch.entries(entry);
        }
        let sent = batch.queue_url(&queue.url).send().await;
        let sent = sent.map_err(|error| failed(address, &error))?;
        // The batch itself is taken even if some of it is not.
        match sent.failed.first() {
            None => Ok(()),
            Some(first) => {
                let (count, code) = (sent.failed.len(), &first.code);
                let said = first.message.as_deref().unwrap_or_default();
                let of = messages.len();
                let reason = format!("{count} of {of} messages were not taken: {code} {said}");
                Err(refused(address, reason))
            }
        }
    }

    /// What comes a second time goes to the dead letters instead. Their queue is made here if it
    /// is not there: SQS wants to see it.
    async fn redrive(
        &self,
        address: &Address,
        queue: &Queue,
        dead_letter: &str,
    ) -> Result<(), BoundaryError> {
        let client = self.client(address);
        let create = client.create_queue().queue_name(dead_letter);
        let created = create.send().await;
        created.map_err(|error| failed(address, &error))?;
        let found = client
            .get_queue_attributes()
            .queue_url(queue.beside(dead_letter))
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .map_err(|error| failed(address, &error))?;
        let attributes = found.attributes.unwrap_or_default();
        let arn = attributes.get(&QueueAttributeName::QueueArn);
        let arn = arn.ok_or_else(|| refused(address, format!("{dead_letter} has no name")))?;
        let policy = serde_json::json!({"deadLetterTargetArn": arn, "maxReceiveCount": 1});
        let set = client
            .set_queue_attributes()
            .queue_url(&queue.url)
            .attributes(QueueAttributeName::RedrivePolicy, policy.to_string());
        let set = set.send().await;
        set.map(drop).map_err(|error| failed(address, &error))
    }

    /// Connections are shared by all clients; a client itself is little more than its endpoint.
    fn client(&self, address: &Address) -> Client {
        let endpoint = format!("http://{}", address.endpoint());
        Client::from_conf(self.config.to_builder().endpoint_url(endpoint).build())
    }
}

/// What a send takes of a message.
fn parts_of<'a>(
    address: &Address,
    queue: &Queue,
    message: &'a Message,
) -> Result<(&'a str, Attributes), BoundaryError> {
    let attributes = attributes_of(&message.carrier, queue.form);
    let attributes = attributes.map_err(|why| refused(address, why))?;
    let body = text_of(&message.body);
    let body = body.ok_or_else(|| refused(address, "the body is no text".to_owned()))?;
    Ok((body, attributes))
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
    use crate::tap::proxy::{full, listen};
    use hyper::Response;

    #[tokio::test]
    async fn a_broker_that_answers_nothing_is_given_up() {
        let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let mute = mute.expect("a free port");
        let at = mute.local_addr().expect("an address");
        let address = Address::parse(&format!("sqs://{at}/0/q")).expect("valid");
        let sqs = Sqs::with_patience(Duration::from_millis(50));
        let error = sqs.declare(&address).await.expect_err("nobody answered");
        assert!(
            matches!(error, BoundaryError::Unreachable { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("timeout"), "{error}");
    }

    #[tokio::test]
    async fn a_batch_of_which_some_is_not_taken_is_an_error_that_says_so() {
        const ANSWER: &str = r#"{"Successful": [{"Id": "0", "MessageId": "m", "MD5OfMessageBody": "d751713988987e9331980363e24189ce"}],
            "Failed": [{"Id": "1", "Code": "InternalError", "SenderFault": false, "Message": "full"}]}"#;
        let local = std::net::Ipv4Addr::LOCALHOST.into();
        let answers = |_| async { Response::new(full(ANSWER)) };
        let (broker, _task) = listen(local, answers).await.expect("a free port");
        let address = Address::parse(&format!("sqs://{broker}/0/q")).expect("valid");
        let message = Message {
            body: "[]".into(),
            ..Message::default()
        };
        let sent = Sqs::default().send_all(&address, vec![message; 2]).await;
        let error = sent.expect_err("one was not taken");
        assert!(matches!(error, BoundaryError::Refused { .. }), "{error}");
        let said = "1 of 2 messages were not taken: InternalError full";
        assert!(error.to_string().contains(said), "{error}");
    }
}
