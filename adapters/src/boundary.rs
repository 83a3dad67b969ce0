//! The one trait that a transport implements, and the data by which it describes itself.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::BoxFuture;
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;
use tokio_util::task::AbortOnDropHandle;

use crate::tap::{Recorder, Tap};
use crate::{Address, Carrier, Relation};

/// A transport that context must cross.
///
/// A boundary moves messages with their carriers and reports what it saw. It asserts nothing,
/// makes no span, and neither reads nor writes context: that is the affair of the services.
#[async_trait]
pub trait Boundary: Send + Sync {
    /// What this boundary is, as data.
    fn descriptor(&self) -> &'static Descriptor;

    /// How the conventions describe a crossing of this address, seen from one side.
    fn semantics(&self, address: &Address, side: Side) -> Semantics;

    /// Where on this boundary a message at this address is, in words for a report: `topic t`.
    fn place(&self, address: &Address) -> String;

    /// Makes the topic, queue or exchange exist. To do it twice is no error.
    async fn declare(&self, address: &Address) -> Result<(), BoundaryError>;

    /// Hands over one message, and returns when the other side (or the broker) has taken it.
    async fn send(&self, address: &Address, message: Message) -> Result<Receipt, BoundaryError>;

    /// Hands over several messages as one, in order: a batch, or a stream. It returns when all are
    /// taken, and is an error if one is not. The receipt says what holds for all of them.
    ///
    /// Where a boundary cannot do that ([`Capabilities::batches`]), they are sent one after the
    /// other.
    async fn send_all(
        &self,
        address: &Address,
        messages: Vec<Message>,
    ) -> Result<Receipt, BoundaryError> {
        let mut last = Receipt::default();
        for message in messages {
            last = self.send(address, message).await?;
        }
        Ok(last)
    }

    /// Receives at `address` until the [`Serving`] is dropped. It is ready when this returns:
    /// what is sent from then on arrives. One delivery of a queue holds at most `max_messages`; a
    /// stream is one delivery, whatever it holds.
    ///
    /// Where several receivers can each get every message ([`Capabilities::fan_out`]), those
    /// whose addresses differ in the parameter `group` do. Where there can be dead letters, the
    /// parameter `dead-letter` names the hop whose address gets what is rejected.
    async fn serve(
        &self,
        address: &Address,
        max_messages: usize,
        handler: Handler,
    ) -> Result<Serving, BoundaryError>;

    /// Puts a recorder on the hop that sees the carrier on the wire, whatever the services say.
    /// A proxying tap listens on `bind`.
    async fn tap(
        &self,
        address: &Address,
        bind: IpAddr,
        recorder: Recorder,
    ) -> Result<Tap, BoundaryError>;
}

/// A carrier and a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Where the context is.
    pub carrier: Carrier,
    /// What the application says; here, the rest of the route as JSON.
    pub body: Bytes,
}

/// What arrives at once: one request, or the messages of one poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Never empty.
    pub messages: Vec<Message>,
}

impl Delivery {
    /// Hands it over until it is not asked for again: what an ordered queue without
    /// acknowledgements does for one that reads it from where it left off.
    pub(crate) async fn hand_over(self, handler: &Handler) {
        // Its sender has long gone on: the service itself reports what went wrong.
        while let Err(Refusal::Again(_)) = handler(self.clone()).await {
            // A handler that never takes it must not keep the others of its thread waiting.
            tokio::task::yield_now().await;
        }
    }
}

/// What a send brought: attributes that are known only afterwards, such as the status code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Receipt {
    /// For the span of the send.
    pub attributes: Vec<KeyValue>,
}

/// What a service does with a delivery.
pub type Handler = Arc<dyn Fn(Delivery) -> BoxFuture<'static, Result<(), Refusal>> + Send + Sync>;

/// Why a service did not take a delivery, and what is to become of it. Each holds the reason,
/// which a sender that waits for an answer is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is done with: a caller gets status 500 or `INTERNAL`, a broker its acknowledgement.
    #[error("{0}")]
    Failed(String),
    /// It is to come again: a caller gets status 503 or `UNAVAILABLE`, and tries again if it
    /// wants to; a broker is asked to hand over the same messages once more, before any later one
    /// where it has an order ([`Capabilities::redelivery`]).
    #[error("{0}")]
    Again(String),
    /// It is never to come again: a broker puts it among the dead letters, if there is a place for
    /// them ([`Capabilities::dead_letters`]). Elsewhere it is like [`Refusal::Failed`].
    #[error("{0}")]
    Rejected(String),
}

/// A running receiver. Dropping it ends the receiving.
#[derive(Debug)]
pub struct Serving {
    /// Where it really listens: the port is known only now.
    pub address: Address,
    /// Ends by itself only when receiving has become impossible, with the reason.
    pub task: AbortOnDropHandle<BoundaryError>,
}

/// The two sides of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Client, producer.
    Cause,
    /// Server, consumer.
    Consequence,
}

/// A span as the semantic conventions want it (v1.44).
#[derive(Clone, Debug)]
pub struct Semantics {
    /// Of low cardinality.
    pub name: String,
    /// As the conventions pair them.
    pub kind: SpanKind,
    /// Known before the crossing.
    pub attributes: Vec<KeyValue>,
    /// To be added by the consequence's side once its work is done without an error.
    pub on_success: Vec<KeyValue>,
}

impl Semantics {
    /// What all messages have in common
    /// ([messaging spans](https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/)):
    /// `send` by a producer, `process` by a consumer. `server` is where the broker is, if there is
    /// one; what is particular to a system is added by its boundary.
    pub fn of_message(
        system: &'static str,
        destination: String,
        side: Side,
        server: Option<(&str, u16)>,
    ) -> Self {
        let (operation, kind) = match side {
            Side::Cause => ("send", SpanKind::Producer),
            Side::Consequence => ("process", SpanKind::Consumer),
        };
        let name = format!("{operation} {destination}");
        let mut attributes = vec![
            KeyValue::new("messaging.system", system),
            KeyValue::new("messaging.operation.name", operation),
            KeyValue::new("messaging.operation.type", operation),
            KeyValue::new("messaging.destination.name", destination),
        ];
        if let Some((host, port)) = server {
            attributes.push(KeyValue::new("server.address", host.to_owned()));
            attributes.push(KeyValue::new("server.port", i64::from(port)));
        }
        Self {
            name,
            kind,
            attributes,
            on_success: Vec::new(),
        }
    }
}

/// What differs between boundaries, as data: rules read this, and never a boundary's name.
#[derive(Debug)]
pub struct Descriptor {
    /// As scenarios and reports write it: `Kafka`.
    pub name: &'static str,
    /// Of its addresses: `kafka`.
    pub scheme: &'static str,
    /// Where it carries context, in words.
    pub carrier: &'static str,
    /// What defines how Trace Context stands on this carrier. Where nothing does, it is by
    /// convention, and nobody violates a specification.
    pub specified: Option<&'static str>,
    /// What stands between the sides.
    pub medium: Medium,
    /// The relation of a hop whose route says nothing.
    pub default_relation: Relation,
    /// The address of a hop, with `{endpoint}` and `{hop}` to be filled in.
    pub address: &'static str,
    /// What its carrier can express.
    pub capabilities: Capabilities,
    /// The attribute that counts the attempts of a call, each of which has a span of its own;
    /// `None` where one span stands for all of them.
    pub resend_count: Option<&'static str>,
    /// Whether a tap sees what arrives only when the receiver takes it. Then a receiver that never
    /// asks looks the same as a message that was lost on the way.
    pub seen_when_taken: bool,
    /// What its carrier cannot exceed.
    pub limits: Limits,
}

/// What stands between sender and receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Nothing: the sender calls the receiver and waits for it.
    Direct,
    /// This process.
    Process,
    /// A broker, started by the stage.
    Broker(&'static Broker),
}

/// What the stage must know to start a broker in a container.
#[derive(Debug, PartialEq, Eq)]
pub struct Broker {
    /// As `containers/images.txt` calls its image, and as containers of the stage reach it.
    pub name: &'static str,
    /// Where clients outside of the stage's network connect; mapped to a free port of the host.
    pub port: u16,
    /// Where clients inside of it connect.
    pub network_port: u16,
    /// What its log says once it takes connections.
    pub ready: &'static str,
    /// Its configuration.
    pub environment: &'static [(&'static str, &'static str)],
    /// Instead of the image's own command, where it needs another.
    pub command: &'static [&'static str],
    /// Run inside the container once the mapped port is known, which stands for `{port}`.
    pub after_start: &'static [&'static str],
}

/// What a carrier can express on this boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table of independent yes and no, not a state"
)]
pub struct Capabilities {
    /// Two entries of one name arrive as two.
    pub repeated_names: bool,
    /// A value may be any bytes.
    pub binary_values: bool,
    /// What its name must end in then; any other name has a value of printable ASCII.
    pub binary_suffix: Option<&'static str>,
    /// A value may be empty.
    pub empty_values: bool,
    /// Several messages can be handed over as one: a batch, or a stream.
    pub batches: bool,
    /// What a receiver did not take comes again without the sender's doing.
    pub redelivery: bool,
    /// What a receiver rejects can be had from another address, that of the dead letters.
    pub dead_letters: bool,
    /// Several receivers can each get every message.
    pub fan_out: bool,
}

/// What a carrier cannot exceed; `None` where only memory sets a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries of one message.
    pub entries: Option<usize>,
    /// Bytes of all names and values of one message.
    pub bytes: Option<usize>,
}

impl Descriptor {
    /// The address of a hop at `endpoint` (`host:port`). Each hop has one of its own, so that
    /// what happens there can be told from everything else.
    pub fn address_of(&self, endpoint: &str, hop: &str) -> Result<Address, BoundaryError> {
        let text = self
            .address
            .replace("{endpoint}", endpoint)
            .replace("{hop}", hop);
        Ok(Address::parse(&text)?)
    }

    /// Why a carrier cannot hold these entries as they are, in words that begin with the carrier's
    /// name; nothing, if it can. What stands in the addresses and bodies is not counted.
    pub fn objection<'a>(
        &self,
        entries: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Option<String> {
        let entries: Vec<_> = entries.into_iter().collect();
        let Capabilities {
            repeated_names,
            binary_values,
            binary_suffix,
            empty_values,
            ..
        } = self.capabilities;
        let is_text = |value: &[u8]| value.iter().all(|byte| matches!(byte, b' '..=b'~'));
        let carrier = self.carrier;
        for (place, (name, value)) in entries.iter().enumerate() {
            let mut before = entries[..place].iter();
            let holds_bytes = binary_values && binary_suffix.is_none_or(|end| name.ends_with(end));
            if !repeated_names && before.any(|(other, _)| other == name) {
                return Some(format!("{carrier} have each name once"));
            }
            if !empty_values && value.is_empty() {
                return Some(format!("{carrier} have no empty values"));
            }
            if !holds_bytes && !is_text(value) {
                return Some(format!("{carrier} of such a name are printable ASCII"));
            }
        }
        let bytes = entries.iter().map(|(name, value)| name.len() + value.len());
        match (self.limits.entries, self.limits.bytes) {
            (Some(most), _) if entries.len() > most => {
                Some(format!("{carrier} are {most} at most"))
            }
            (_, Some(most)) if bytes.sum::<usize>() > most => {
                Some(format!("{carrier} have {most} bytes at most"))
            }
            _ => None,
        }
    }

    /// Whether a message is handed over rather than a request answered.
    pub fn is_messaging(&self) -> bool {
        self.medium != Medium::Direct
    }
}

/// Why a boundary could not do its part. Variants are split by who has to act.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BoundaryError {
    /// The other end, or the broker, cannot be reached or went away: the environment.
    #[error("{boundary}: {address} cannot be reached: {reason}")]
    Unreachable {
        /// The boundary's name.
        boundary: &'static str,
        /// Where.
        address: Address,
        /// What the client library said.
        reason: String,
    },
    /// The other end, or the broker, is there and refused this message: the sender.
    #[error("{boundary}: {address} refused the message: {reason}")]
    Refused {
        /// The boundary's name.
        boundary: &'static str,
        /// Where.
        address: Address,
        /// What the client library said.
        reason: String,
    },
    /// The other end is there, and asks for the message to be sent again: the sender, if it wants
    /// to.
    #[error("{boundary}: {address} wants the message again: {reason}")]
    Again {
        /// The boundary's name.
        boundary: &'static str,
        /// Where.
        address: Address,
        /// What the other end said.
        reason: String,
    },
    /// The other end took the message and did not answer in time: whoever is there.
    #[error("{boundary}: {address} did not answer within {within:?}")]
    Late {
        /// The boundary's name.
        boundary: &'static str,
        /// Where.
        address: Address,
        /// How long it had.
        within: std::time::Duration,
    },
    /// The address is a URL, but not one of this boundary: the route.
    #[error("{boundary} cannot use the address {address}: {reason}")]
    Address {
        /// The boundary's name.
        boundary: &'static str,
        /// Which.
        address: Address,
        /// What is missing.
        reason: &'static str,
    },
    /// The text is no address at all: the route.
    #[error(transparent)]
    Malformed(#[from] crate::AddressError),
    /// No boundary has this scheme: the route.
    #[error("no boundary has the scheme {0:?}")]
    UnknownScheme(String),
}

impl BoundaryError {
    /// For the attribute `error.type`: of low cardinality.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::Refused { .. } => "refused",
            Self::Again { .. } => "unavailable",
            Self::Late { .. } => "timeout",
            Self::Address { .. } | Self::Malformed(_) | Self::UnknownScheme(_) => "address",
        }
    }
}
