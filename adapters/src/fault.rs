//! The mistakes that can be made on purpose: by the reference service on either side of a hop, or
//! by a middle between them.

mod catalogue;
mod middle;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Descriptor;
use crate::tap::Middle;
use catalogue::{CATALOGUE, Described};

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
