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
    /// F-19.
    WrongRelation,
    /// F-22.
    RetriedAnew,
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

impl Fault {
    /// Every fault that can be made.
    pub const ALL: [Self; 33] = [
        Self::NotInjected,
        Self::Verbatim,
        Self::Stale,
        Self::Rewritten,
        Self::Repeated,
        Self::Joined,
        Self::Truncated,
        Self::Stripped,
        Self::MetadataDropped,
        Self::FlagFlipped,
        Self::StateLost,
        Self::LastBaggage,
        Self::Erased,
        Self::NotExtracted,
        Self::ExtractedLate,
        Self::WrongParent,
        Self::LostInside,
        Self::WrongRelation,
        Self::RetriedAnew,
        Self::HeadersDropped,
        Self::NoRoom,
        Self::EmptyState,
        Self::NotAsked,
        Self::Enveloped,
        Self::Proprietary,
        Self::AllZero,
        Self::FlagsRejected,
        Self::NeverExported,
        Self::DecidedAnew,
        Self::Doubled,
        Self::DeliveredTwice,
        Self::OtherFormat,
        Self::AttributeDropped,
    ];

    /// Its permanent id.
    pub fn id(self) -> &'static str {
        self.described().0
    }

    /// Who makes it.
    pub fn maker(self) -> Maker {
        self.described().1
    }

    /// What it is, in a line.
    pub fn title(self) -> &'static str {
        self.described().2
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

    #[expect(clippy::too_many_lines, reason = "a table, with a row for each")]
    fn described(self) -> (&'static str, Maker, &'static str) {
        use Maker::{Middle, Receiver, Sender};
        match self {
            Self::NotInjected => ("F-01", Sender, "nothing is injected"),
            Self::Verbatim => (
                "F-02",
                Sender,
                "the context that came in is sent on unchanged",
            ),
            Self::Stale => ("F-03", Sender, "the context of an earlier request is sent"),
            Self::Rewritten => (
                "F-04",
                Middle,
                "the span id is rewritten to one that nobody exports",
            ),
            Self::Repeated => ("F-05", Middle, "a second traceparent is added"),
            Self::Joined => ("F-06", Middle, "two traceparents are joined by a comma"),
            Self::Truncated => ("F-07", Middle, "the traceparent is cut short"),
            Self::Stripped => (
                "F-08",
                Middle,
                "headers that the middle does not know are taken out",
            ),
            Self::MetadataDropped => (
                "F-09",
                Middle,
                "a gateway passes on nothing but what the protocol needs",
            ),
            Self::FlagFlipped => ("F-10", Middle, "the sampled flag is turned"),
            Self::StateLost => ("F-11", Sender, "the trace state is not sent on"),
            Self::LastBaggage => (
                "F-12",
                Receiver,
                "of several baggage headers only the last is read",
            ),
            Self::Erased => (
                "F-13",
                Receiver,
                "a format that is not there erases the context of one that is",
            ),
            Self::NotExtracted => ("F-14", Receiver, "nothing is extracted: a new root"),
            Self::ExtractedLate => (
                "F-15",
                Receiver,
                "the context is extracted after the span was made: the trace splits",
            ),
            Self::WrongParent => (
                "F-16",
                Receiver,
                "the right trace, under a parent of the service's own making",
            ),
            Self::LostInside => (
                "F-17",
                Receiver,
                "the span is right, and the work is done outside of it",
            ),
            Self::WrongRelation => (
                "F-19",
                Receiver,
                "a parent where a link is due, a link where a parent is due",
            ),
            Self::RetriedAnew => (
                "F-22",
                Middle,
                "a retry begins a new trace for each attempt, and its headers pile up",
            ),
            Self::HeadersDropped => (
                "F-24",
                Middle,
                "a mirror copies the body, and drops all headers",
            ),
            Self::NoRoom => (
                "F-25",
                Sender,
                "entries of its own leave no room for the context: the message is refused",
            ),
            Self::EmptyState => ("F-26", Sender, "a trace state is sent that is empty"),
            Self::NotAsked => (
                "F-27",
                Receiver,
                "the receiver does not ask for the attributes of a message",
            ),
            Self::Enveloped => (
                "F-28",
                Middle,
                "the message comes in an envelope, and its context one level deeper",
            ),
            Self::Proprietary => (
                "F-29",
                Sender,
                "a header of one's own instead of traceparent",
            ),
            Self::AllZero => ("F-30", Sender, "a traceparent of zeros"),
            Self::FlagsRejected => (
                "F-31",
                Receiver,
                "a traceparent with a flag beside sampled is not understood",
            ),
            Self::NeverExported => (
                "F-33",
                Sender,
                "the span whose context is sent is never exported",
            ),
            Self::DecidedAnew => (
                "F-34",
                Receiver,
                "whether the trace is sampled is decided anew: half a trace",
            ),
            Self::Doubled => (
                "F-35",
                Receiver,
                "two spans of the receiver for what came once",
            ),
            Self::DeliveredTwice => ("F-36", Middle, "the message is delivered twice"),
            Self::OtherFormat => (
                "F-42",
                Sender,
                "the context is sent in a format that the other side does not speak",
            ),
            Self::AttributeDropped => (
                "F-45",
                Middle,
                "the system attribute that holds the context is dropped",
            ),
        }
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
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
    Fault::ALL.map(Fault::id).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_reads_back_and_stands_once() {
        for fault in Fault::ALL {
            assert_eq!(fault.id().parse(), Ok(fault));
        }
        let unknown = "F-99".parse::<Fault>().expect_err("unknown").to_string();
        assert!(unknown.contains("F-01, F-02"), "{unknown}");
    }
}
