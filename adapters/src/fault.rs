//! The mistakes that can be made on purpose: by the reference service on either side of a hop, or
//! by a middle between them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use serde::{Deserialize, Serialize};

use crate::tap::Middle;
use crate::w3c::{TRACEPARENT, TRACESTATE, TraceParent};
use crate::{Carrier, Descriptor, Message};

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
    /// F-23.
    DeadLetterStripped,
    /// F-29.
    Proprietary,
    /// F-30.
    AllZero,
    /// F-32.
    Overwritten,
    /// F-33.
    NeverExported,
    /// F-35.
    Doubled,
    /// F-37.
    Continued,
    /// F-41.
    LeftOutside,
    /// F-43.
    Uninstrumented,
    /// F-44.
    Unhooked,
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
    pub const ALL: [Self; 26] = [
        Self::NotInjected,
        Self::Verbatim,
        Self::Stale,
        Self::Rewritten,
        Self::Repeated,
        Self::Joined,
        Self::Truncated,
        Self::Stripped,
        Self::NotExtracted,
        Self::ExtractedLate,
        Self::WrongParent,
        Self::LostInside,
        Self::StreamUnattended,
        Self::WrongRelation,
        Self::LastIsParent,
        Self::LinkMissing,
        Self::DeadLetterStripped,
        Self::Proprietary,
        Self::AllZero,
        Self::Overwritten,
        Self::NeverExported,
        Self::Doubled,
        Self::Continued,
        Self::LeftOutside,
        Self::Uninstrumented,
        Self::Unhooked,
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
            Self::Repeated if !over.capabilities.repeated_names => {
                Some("its carrier cannot hold a name twice")
            }
            Self::Doubled if over.is_messaging() => Some("it is about requests"),
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
            _ => None,
        }
    }

    /// What a middle does that makes it; none where a service does.
    pub fn middle(self) -> Option<Middle> {
        let change: fn(Carrier) -> Carrier = match self {
            Self::Rewritten => |carrier| on_traceparent(&carrier, |value| vec![phantom(&value)]),
            Self::Repeated => {
                |carrier| on_traceparent(&carrier, |value| vec![value.clone(), phantom(&value)])
            }
            Self::Joined => |carrier| {
                on_traceparent(&carrier, |value| {
                    vec![format!("{value},{}", phantom(&value))]
                })
            },
            Self::Truncated => |carrier| {
                on_traceparent(&carrier, |value| {
                    vec![value.chars().take(value.len() / 2).collect()]
                })
            },
            Self::DeadLetterStripped => |_| Carrier::new(),
            Self::Stripped => |carrier| {
                let known = |name: &str| {
                    !name.eq_ignore_ascii_case(TRACEPARENT)
                        && !name.eq_ignore_ascii_case(TRACESTATE)
                };
                let kept = carrier.iter().filter(|(name, _)| known(name));
                kept.map(|(name, value)| (name, value.clone())).collect()
            },
            _ => return None,
        };
        Some(Arc::new(move |message: Message| {
            let carrier = change(message.carrier);
            vec![Message { carrier, ..message }]
        }))
    }

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
            Self::StreamUnattended => (
                "F-18",
                Receiver,
                "the handlers of a stream's messages are run outside of its span",
            ),
            Self::WrongRelation => (
                "F-19",
                Receiver,
                "a parent where a link is due, a link where a parent is due",
            ),
            Self::LastIsParent => (
                "F-20",
                Receiver,
                "the last message of a batch is the parent of all that is done for it",
            ),
            Self::LinkMissing => (
                "F-21",
                Receiver,
                "the link to one message of a batch is missing",
            ),
            Self::DeadLetterStripped => (
                "F-23",
                Middle,
                "what is put among the dead letters loses its headers",
            ),
            Self::Proprietary => (
                "F-29",
                Sender,
                "a header of one's own instead of traceparent",
            ),
            Self::AllZero => ("F-30", Sender, "a traceparent of zeros"),
            Self::Overwritten => (
                "F-32",
                Sender,
                "the context that is already in a message is replaced by the relay's own",
            ),
            Self::NeverExported => (
                "F-33",
                Sender,
                "the span whose context is sent is never exported",
            ),
            Self::Doubled => ("F-35", Receiver, "two server spans for one request"),
            Self::Continued => (
                "F-37",
                Receiver,
                "a scheduled run continues the trace of the run before",
            ),
            Self::LeftOutside => (
                "F-41",
                Receiver,
                "the consumer's span ends before the handler begins, which is outside of it",
            ),
            Self::Uninstrumented => (
                "F-43",
                Sender,
                "the client library is not instrumented: no span, and nothing is injected",
            ),
            Self::Unhooked => (
                "F-44",
                Receiver,
                "the polling is not instrumented: no span, and nothing is extracted",
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

/// Puts other values in the place of each traceparent.
fn on_traceparent(carrier: &Carrier, change: impl Fn(String) -> Vec<String>) -> Carrier {
    let mut changed = Carrier::new();
    for (name, value) in carrier.iter() {
        if name.eq_ignore_ascii_case(TRACEPARENT) {
            for value in change(String::from_utf8_lossy(value).into_owned()) {
                changed.append(name, value);
            }
        } else {
            changed.append(name, value.clone());
        }
    }
    changed
}

/// The same context with the id of a span that nobody made.
fn phantom(value: &str) -> String {
    match TraceParent::parse(value.as_bytes()) {
        Ok(context) => TraceParent {
            parent_id: RandomIdGenerator::default().new_span_id(),
            ..context
        }
        .to_string(),
        Err(_) => value.to_owned(),
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
