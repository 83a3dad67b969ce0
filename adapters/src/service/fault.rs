use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A mistake that the reference service makes when it is told to; the ids are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Fault {
    /// F-01: the sender injects nothing.
    NotInjected,
    /// F-14: the receiver does not extract, and starts a new root.
    NotExtracted,
    /// F-17: the receiver's span is right, and its work is done outside of it.
    LostInside,
}

/// An id that names no fault that can be made here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no fault; there are: F-01, F-14, F-17")]
pub struct FaultError(String);

impl Fault {
    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            Self::NotInjected => "F-01",
            Self::NotExtracted => "F-14",
            Self::LostInside => "F-17",
        }
    }

    /// Whether the sender of a hop makes it; else the receiver does.
    pub fn is_made_by_sender(self) -> bool {
        self == Self::NotInjected
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        [Self::NotInjected, Self::NotExtracted, Self::LostInside]
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
