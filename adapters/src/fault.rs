//! The mistakes that can be made on purpose: by the reference service on either side of a hop, or
//! by a middle between them.

mod middle;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Descriptor;
use crate::tap::Middle;

/// A mistake that is made on purpose, to see whether it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Fault {
    /// F-01.
    NotInjected,
    /// F-02.
    Verbatim,
    /// F-03.
    Stale,
    /// F-04.
    Rewritten,
    /// F-05.
    Repeated,
    /// F-06.
    Joined,
    /// F-07.
    Truncated,
    /// F-08.
    Stripped,
    /// F-09.
    MetadataDropped,
    /// F-10.
    FlagFlipped,
    /// F-11.
    StateLost,
    /// F-12.
    LastBaggage,
    /// F-13.
    Erased,
    /// F-14.
    NotExtracted,
    /// F-15.
    ExtractedLate,
    /// F-16.
    WrongParent,
    /// F-17.
    LostInside,
    /// F-18.
    StreamUnattended,
    /// F-19.
    WrongRelation,
    /// F-20.
    LastIsParent,
    /// F-21.
    LinkMissing,
    /// F-22.
    RetriedAnew,
    /// F-23.
    DeadLetterStripped,
    /// F-24.
    HeadersDropped,
    /// F-25.
    NoRoom,
    /// F-26.
    EmptyState,
    /// F-27.
    NotAsked,
    /// F-28.
    Enveloped,
    /// F-29.
    Proprietary,
    /// F-30.
    AllZero,
    /// F-32.
    Overwritten,
    /// F-31.
    FlagsRejected,
    /// F-33.
    NeverExported,
    /// F-34.
    DecidedAnew,
    /// F-35.
    Doubled,
    /// F-36.
    DeliveredTwice,
    /// F-37.
    Continued,
    /// F-41.
    LeftOutside,
    /// F-43.
    Uninstrumented,
    /// F-44.
    Unhooked,
    /// F-42.
    OtherFormat,
    /// F-45.
    AttributeDropped,
}

/// Who makes a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// The service that the hop begins at.
    Sender,
    /// What stands between the two.
    Middle,
    /// The service that the hop leads to.
    Receiver,
}

/// An id that names no fault that can be made here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no fault; there are: {list}", list = ids())]
pub struct FaultError(String);

/// What there is to say of a fault.
struct Described {
    fault: Fault,
    id: &'static str,
    maker: Maker,
    title: &'static str,
    /// Where it was met in the wild; empty where it is too common to name one.
    seen_at: &'static str,
}

static CATALOGUE: &[Described] = &[
    of(
        Fault::NotInjected,
        "F-01",
        Maker::Sender,
        "nothing is injected",
        "",
    ),
    of(
        Fault::Verbatim,
        "F-02",
        Maker::Sender,
        "the context that came in is sent on unchanged",
        "",
    ),
    of(
        Fault::Stale,
        "F-03",
        Maker::Sender,
        "the context of an earlier request is sent",
        "cron continued; connection-scoped context",
    ),
    of(
        Fault::Rewritten,
        "F-04",
        Maker::Middle,
        "the span id is rewritten to one that nobody exports",
        "elastic/apm#609, #458",
    ),
    of(
        Fault::Repeated,
        "F-05",
        Maker::Middle,
        "a second traceparent is added",
        "opentelemetry-ebpf-instrumentation#2732; opentelemetry-js-contrib#2766; spring-kafka#3786",
    ),
    of(
        Fault::Joined,
        "F-06",
        Maker::Middle,
        "two traceparents are joined by a comma",
        "opentelemetry-erlang#312",
    ),
    of(
        Fault::Truncated,
        "F-07",
        Maker::Middle,
        "the traceparent is cut short",
        "opentelemetry-cpp-contrib#267",
    ),
    of(
        Fault::Stripped,
        "F-08",
        Maker::Middle,
        "headers that the middle does not know are taken out",
        "ingress-nginx#10319",
    ),
    of(
        Fault::MetadataDropped,
        "F-09",
        Maker::Middle,
        "a gateway passes on nothing but what the protocol needs",
        "grpc-gateway#2228; go-zero#5256",
    ),
    of(
        Fault::FlagFlipped,
        "F-10",
        Maker::Middle,
        "the sampled flag is turned",
        "envoy#38222, #3720",
    ),
    of(
        Fault::StateLost,
        "F-11",
        Maker::Sender,
        "the trace state is not sent on",
        "opentelemetry-rust#1399; opentelemetry-dotnet#6054",
    ),
    of(
        Fault::LastBaggage,
        "F-12",
        Maker::Receiver,
        "of several baggage headers only the last is read",
        "sentry-java#5320",
    ),
    of(
        Fault::Erased,
        "F-13",
        Maker::Receiver,
        "a format that is not there erases the context of one that is",
        "opentelemetry-java-instrumentation#425",
    ),
    of(
        Fault::NotExtracted,
        "F-14",
        Maker::Receiver,
        "nothing is extracted: a new root",
        "old Kafka clients",
    ),
    of(
        Fault::ExtractedLate,
        "F-15",
        Maker::Receiver,
        "the context is extracted after the span was made: the trace splits",
        "tracing-opentelemetry-instrumentation-sdk#163",
    ),
    of(
        Fault::WrongParent,
        "F-16",
        Maker::Receiver,
        "the right trace, under a parent of the service's own making",
        "",
    ),
    of(
        Fault::LostInside,
        "F-17",
        Maker::Receiver,
        "the span is right, and the work is done outside of it",
        "",
    ),
    of(
        Fault::StreamUnattended,
        "F-18",
        Maker::Receiver,
        "the handlers of a stream's messages are run outside of its span",
        "connect-es#1428",
    ),
    of(
        Fault::WrongRelation,
        "F-19",
        Maker::Receiver,
        "a parent where a link is due, a link where a parent is due",
        "rabbitmq-dotnet-client#1666",
    ),
    of(
        Fault::LastIsParent,
        "F-20",
        Maker::Receiver,
        "the last message of a batch is the parent of all that is done for it",
        "opentelemetry-java-instrumentation#3529; spring-kafka#3872",
    ),
    of(
        Fault::LinkMissing,
        "F-21",
        Maker::Receiver,
        "the link to one message of a batch is missing",
        "",
    ),
    of(
        Fault::RetriedAnew,
        "F-22",
        Maker::Middle,
        "a retry begins a new trace for each attempt, and its headers pile up",
        "spring-kafka#3816",
    ),
    of(
        Fault::DeadLetterStripped,
        "F-23",
        Maker::Middle,
        "what is put among the dead letters loses its headers",
        "the seeds; rabbitmq-server#15385 for the quirks",
    ),
    of(
        Fault::HeadersDropped,
        "F-24",
        Maker::Middle,
        "a mirror copies the body, and drops all headers",
        "brooklin#665; KAFKA-5354; rabbitmq-server#13957",
    ),
    of(
        Fault::NoRoom,
        "F-25",
        Maker::Sender,
        "entries of its own leave no room for the context: the message is refused",
        "opentelemetry-java-instrumentation#13799",
    ),
    of(
        Fault::EmptyState,
        "F-26",
        Maker::Sender,
        "a trace state is sent that is empty",
        "opentelemetry-js-contrib#1528",
    ),
    of(
        Fault::NotAsked,
        "F-27",
        Maker::Receiver,
        "the receiver does not ask for the attributes of a message",
        "sqs-client#90",
    ),
    of(
        Fault::Enveloped,
        "F-28",
        Maker::Middle,
        "the message comes in an envelope, and its context one level deeper",
        "opentelemetry-js-contrib#761",
    ),
    of(
        Fault::Proprietary,
        "F-29",
        Maker::Sender,
        "a header of one's own instead of traceparent",
        "elastic/apm#747",
    ),
    of(
        Fault::AllZero,
        "F-30",
        Maker::Sender,
        "a traceparent of zeros",
        "dapr#7372",
    ),
    of(
        Fault::FlagsRejected,
        "F-31",
        Maker::Receiver,
        "a traceparent with a flag beside sampled is not understood",
        "opentelemetry-rust#3435",
    ),
    of(
        Fault::Overwritten,
        "F-32",
        Maker::Sender,
        "the context that is already in a message is replaced by the relay's own",
        "dd-trace-java#5092",
    ),
    of(
        Fault::NeverExported,
        "F-33",
        Maker::Sender,
        "the span whose context is sent is never exported",
        "",
    ),
    of(
        Fault::DecidedAnew,
        "F-34",
        Maker::Receiver,
        "whether the trace is sampled is decided anew: half a trace",
        "",
    ),
    of(
        Fault::Doubled,
        "F-35",
        Maker::Receiver,
        "two spans of the receiver for what came once",
        "",
    ),
    of(
        Fault::DeliveredTwice,
        "F-36",
        Maker::Middle,
        "the message is delivered twice",
        "",
    ),
    of(
        Fault::Continued,
        "F-37",
        Maker::Receiver,
        "a scheduled run continues the trace of the run before",
        "",
    ),
    of(
        Fault::LeftOutside,
        "F-41",
        Maker::Receiver,
        "the consumer's span ends before the handler begins, which is outside of it",
        "kafka-python, aio-pika's iterator, Java records copied before the loop, Node SQS",
    ),
    of(
        Fault::OtherFormat,
        "F-42",
        Maker::Sender,
        "the context is sent in a format that the other side does not speak",
        "Java agent ↔ Node / Python over SQS",
    ),
    of(
        Fault::Uninstrumented,
        "F-43",
        Maker::Sender,
        "the client library is not instrumented: no span, and nothing is injected",
        "Node ESM without the loader hook; confluent's Serializing producer",
    ),
    of(
        Fault::Unhooked,
        "F-44",
        Maker::Receiver,
        "the polling is not instrumented: no span, and nothing is extracted",
        "basic.get in most languages",
    ),
    of(
        Fault::AttributeDropped,
        "F-45",
        Maker::Middle,
        "the system attribute that holds the context is dropped",
        "moto and X-Amzn-Trace-Id",
    ),
];

const fn of(
    fault: Fault,
    id: &'static str,
    maker: Maker,
    title: &'static str,
    seen_at: &'static str,
) -> Described {
    Described {
        fault,
        id,
        maker,
        title,
        seen_at,
    }
}

impl Fault {
    /// Every fault that can be made, in the order of their ids.
    pub fn all() -> impl Iterator<Item = Self> {
        CATALOGUE.iter().map(|described| described.fault)
    }

    /// Its permanent id.
    pub fn id(self) -> &'static str {
        self.described().id
    }

    /// Who makes it.
    pub fn maker(self) -> Maker {
        self.described().maker
    }

    /// What it is, in a line.
    pub fn title(self) -> &'static str {
        self.described().title
    }

    /// Where it was met in the wild; empty where it is too common to name one.
    pub fn seen_at(self) -> &'static str {
        self.described().seen_at
    }

    /// Why it cannot be made on a hop over this boundary, if it cannot; `first` is a hop that the
    /// entry sends.
    pub fn objection(self, over: &Descriptor, first: bool) -> Option<&'static str> {
        match self {
            Self::Verbatim if first => Some("nothing comes in at the entry that could be sent on"),
            Self::Repeated | Self::LastBaggage if !over.capabilities.repeated_names => {
                Some("its carrier cannot hold a name twice")
            }
            Self::MetadataDropped if over.is_messaging() => Some("it is about calls"),
            Self::RetriedAnew | Self::HeadersDropped | Self::Enveloped | Self::DeliveredTwice
                if !over.is_messaging() =>
            {
                Some("it is about messages")
            }
            Self::NotAsked if over.scheme != "sqs" => {
                Some("its carrier comes without being asked for")
            }
            Self::StreamUnattended if over.is_messaging() || !over.capabilities.batches => {
                Some("it has no streams")
            }
            Self::LastIsParent | Self::LinkMissing if !over.is_messaging() => {
                Some("each request is answered by itself")
            }
            Self::DeadLetterStripped if !over.capabilities.dead_letters => {
                Some("what is rejected goes nowhere by itself")
            }
            Self::Overwritten if !over.is_messaging() => Some("a request is made when it is sent"),
            Self::LeftOutside if !over.is_messaging() => {
                Some("the span of a request ends with the answer")
            }
            Self::Unhooked if !over.is_messaging() => Some("nobody polls for requests"),
            Self::NoRoom if over.limits.entries.is_none() || !over.is_messaging() => {
                Some("nothing there counts the entries of a message")
            }
            Self::AttributeDropped if over.scheme != "sqs" => Some("it has no system attribute"),
            _ => None,
        }
    }

    /// What a middle does that makes it over this boundary; none where a service does.
    pub fn middle(self, over: &Descriptor) -> Option<Middle> {
        middle::making(self, over)
    }

    fn described(self) -> &'static Described {
        let mut all = CATALOGUE.iter();
        match all.find(|described| described.fault == self) {
            Some(described) => described,
            None => unreachable!("a test says that every fault stands in the catalogue"),
        }
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        Self::all()
            .find(|fault| fault.id() == id)
            .ok_or_else(|| FaultError(id.to_owned()))
    }
}

impl TryFrom<String> for Fault {
    type Error = FaultError;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        id.parse()
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.id().to_owned()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

fn ids() -> String {
    let ids: Vec<_> = Fault::all().map(Fault::id).collect();
    ids.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_reads_back_and_stands_once() {
        for fault in Fault::all() {
            assert_eq!(fault.id().parse(), Ok(fault));
        }
        let unknown = "F-99".parse::<Fault>().expect_err("unknown").to_string();
        assert!(unknown.contains("F-01, F-02"), "{unknown}");
    }
}
