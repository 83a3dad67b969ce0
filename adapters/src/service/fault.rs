use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Side;

/// A mistake that the reference service makes when it is told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Fault {
    /// F-01.
    NotInjected,
    /// F-02.
    Verbatim,
    /// F-03.
    Stale,
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
    /// F-29.
    Proprietary,
    /// F-30.
    AllZero,
    /// F-33.
    NeverExported,
    /// F-35.
    Doubled,
}

/// An id that names no fault that can be made here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no fault; there are: {list}", list = ids())]
pub struct FaultError(String);

impl Fault {
    /// Every fault that can be made here.
    pub const ALL: [Self; 12] = [
        Self::NotInjected,
        Self::Verbatim,
        Self::Stale,
        Self::NotExtracted,
        Self::ExtractedLate,
        Self::WrongParent,
        Self::LostInside,
        Self::WrongRelation,
        Self::Proprietary,
        Self::AllZero,
        Self::NeverExported,
        Self::Doubled,
    ];

    /// Its permanent id.
    pub fn id(self) -> &'static str {
        self.described().0
    }

    /// The side of the hop that makes it.
    pub fn side(self) -> Side {
        self.described().1
    }

    /// What it is, in a line.
    pub fn title(self) -> &'static str {
        self.described().2
    }

    fn described(self) -> (&'static str, Side, &'static str) {
        use Side::{Cause, Consequence};
        match self {
            Self::NotInjected => ("F-01", Cause, "nothing is injected"),
            Self::Verbatim => (
                "F-02",
                Cause,
                "the context that came in is sent on unchanged",
            ),
            Self::Stale => ("F-03", Cause, "the context of an earlier request is sent"),
            Self::NotExtracted => ("F-14", Consequence, "nothing is extracted: a new root"),
            Self::ExtractedLate => (
                "F-15",
                Consequence,
                "the context is extracted after the span was made: the trace splits",
            ),
            Self::WrongParent => (
                "F-16",
                Consequence,
                "the right trace, under a parent of the service's own making",
            ),
            Self::LostInside => (
                "F-17",
                Consequence,
                "the span is right, and the work is done outside of it",
            ),
            Self::WrongRelation => (
                "F-19",
                Consequence,
                "a parent where a link is due, a link where a parent is due",
            ),
            Self::Proprietary => (
                "F-29",
                Cause,
                "a header of one's own instead of traceparent",
            ),
            Self::AllZero => ("F-30", Cause, "a traceparent of zeros"),
            Self::NeverExported => (
                "F-33",
                Cause,
                "the span whose context is sent is never exported",
            ),
            Self::Doubled => ("F-35", Consequence, "two server spans for one request"),
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
