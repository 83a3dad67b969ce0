//! What is due under a relation.
//!
//! As a child, what came in goes on. A span that follows from what came in begins a trace of its own:
//! what goes on over the wire is a new context, which inherits neither tracestate nor flags, and the
//! tie is a link, which no wire shows.

use unbroken_adapters::Relation;

use super::case::{Demand, What};
use crate::rules::{Authority, Level};

/// Whether a trace of its own begins under this relation.
pub(super) fn begins_anew(relation: Relation) -> bool {
    matches!(relation, Relation::Link | Relation::Root)
}

/// What becomes of a demand that is made of a child.
pub(super) fn due(demand: Demand, relation: Relation) -> Vec<Demand> {
    if !begins_anew(relation) {
        return vec![demand];
    }
    // W3C knows no links.
    let instead = |what| Demand {
        what,
        level: Level::Must,
        authority: Authority::Convention,
        ..demand
    };
    match demand.what {
        What::Keep if relation == Relation::Link => {
            vec![instead(What::Anew), instead(What::Linked)]
        }
        What::Keep => vec![instead(What::Anew)],
        What::KeepAsEver
        | What::Sampled(_)
        | What::Random(_)
        | What::Inherited
        | What::InheritedAsEver
        | What::InOrder
        | What::OneOf(_)
        | What::Without(_)
        | What::AtMost(_) => Vec::new(),
        What::Beside(what) if what.is_of_a_child() => Vec::new(),
        What::Valid
        | What::New
        | What::NotContinued
        | What::Anew
        | What::Linked
        | What::OwnParent
        | What::ParentsDiffer
        | What::OneTrace
        | What::KnownFlags
        | What::AlwaysValid
        | What::LowerCase
        | What::NeverEmpty
        | What::Exported
        | What::OneStory
        | What::Beside(_) => vec![demand],
    }
}
