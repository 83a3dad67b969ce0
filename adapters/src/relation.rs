//! What ties a consequence to its cause.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The tie that the span of a receiver has, or should have, to the context on the wire.
///
/// OpenTelemetry says *link*; `OpenTracing`, `tracing` and our scenarios say *follows-from*. The
/// words meet here and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Relation {
    /// The context on the wire is the parent; links are free.
    Child,
    /// There is a link to it, and the cause is not the parent.
    Link,
    /// It is the parent, and there is a link to it.
    ChildAndLink,
    /// It is the parent, or there is a link to it, or both.
    Either,
    /// No parent: a new trace, on purpose.
    Root,
}

/// A word that names no relation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no relation; it is one of: child, follows-from (or link), child+link, either, root"
)]
pub struct RelationError(String);

impl Relation {
    /// The word that scenarios and reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Child => "child",
            Self::Link => "follows-from",
            Self::ChildAndLink => "child+link",
            Self::Either => "either",
            Self::Root => "root",
        }
    }

    /// Whether a consequence with this parent, or this link, to its cause keeps the relation.
    pub fn holds(self, is_child: bool, is_linked: bool, has_parent: bool) -> bool {
        match self {
            Self::Child => is_child,
            Self::Link => is_linked && !is_child,
            Self::ChildAndLink => is_child && is_linked,
            Self::Either => is_child || is_linked,
            Self::Root => !has_parent,
        }
    }
}

impl FromStr for Relation {
    type Err = RelationError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.trim() {
            "child" => Ok(Self::Child),
            "follows-from" | "link" => Ok(Self::Link),
            "child+link" => Ok(Self::ChildAndLink),
            "either" => Ok(Self::Either),
            "root" => Ok(Self::Root),
            other => Err(RelationError(other.to_owned())),
        }
    }
}

impl TryFrom<String> for Relation {
    type Error = RelationError;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        word.parse()
    }
}

impl From<Relation> for String {
    fn from(relation: Relation) -> Self {
        relation.as_str().to_owned()
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Relation::{Child, ChildAndLink, Either, Link, Root};
    use super::*;

    #[test]
    fn the_truth_table_of_the_relations() {
        // (is child, is linked, has a parent) → the relations that hold
        let table = [
            ((false, false, false), vec![Root]),
            ((false, false, true), vec![]),
            ((false, true, false), vec![Link, Either, Root]),
            ((false, true, true), vec![Link, Either]),
            ((true, false, true), vec![Child, Either]),
            ((true, true, true), vec![Child, ChildAndLink, Either]),
        ];
        for ((child, linked, parent), expected) in table {
            let held: Vec<_> = [Child, Link, ChildAndLink, Either, Root]
                .into_iter()
                .filter(|relation| relation.holds(child, linked, parent))
                .collect();
            assert_eq!(held, expected, "{:?}", (child, linked, parent));
        }
    }

    #[test]
    fn every_word_reads_back() {
        for relation in [Child, Link, ChildAndLink, Either, Root] {
            assert_eq!(relation.as_str().parse(), Ok(relation));
        }
        assert_eq!("link".parse(), Ok(Link));
        assert!("follows".parse::<Relation>().is_err());
    }
}
