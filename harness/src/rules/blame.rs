//! Who lost it.
//!
//! The context of a hop passes five checkpoints: the cause's span, the carrier before the middle,
//! the carrier after it, the consequence, the work. The blame is the first at which right becomes
//! wrong; where a checkpoint has no evidence it is the set that is left, never a guess.

mod checkpoints;
mod inquiry;

use crate::evidence::Evidence;
use crate::route::Hop;
pub(super) use checkpoints::{comes_of, names_a_cause};
pub(super) use inquiry::{Inquiry, inside};

/// A side of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// The service that the hop begins at.
    Sender,
    /// What stands between: a proxy, a broker, a bridge.
    Middle,
    /// The service that the hop leads to.
    Receiver,
}

/// Who is to blame, and the sentence that a service's owner can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blame {
    /// One where it is known, several where evidence is missing or where it takes both, none where
    /// it is nobody's fault.
    pub parties: Vec<Party>,
    /// Whether it is all of them, and not one of them that cannot be told from the others.
    pub together: bool,
    /// Why one can say so.
    pub why: String,
}

impl Blame {
    /// One party.
    pub fn on(party: Party, why: impl Into<String>) -> Self {
        Self {
            parties: vec![party],
            together: false,
            why: why.into(),
        }
    }

    /// Both services: each does right by itself, and together they do not.
    pub fn both(why: impl Into<String>) -> Self {
        Self {
            parties: vec![Party::Sender, Party::Receiver],
            together: true,
            why: why.into(),
        }
    }

    /// What was sent over a hop did not arrive. Where a tap sees only what the receiver takes, that one may as
    /// well not have asked for it.
    pub(super) fn on_the_way(hop: &Hop, why: String) -> Self {
        match hop.over.seen_when_taken {
            false => Self::on(Party::Middle, why),
            true => Self {
                parties: vec![Party::Middle, Party::Receiver],
                together: false,
                why: format!("{why}, or `{}` did not ask for it", hop.to),
            },
        }
    }

    /// Nobody that can be named.
    pub fn nobody(why: impl Into<String>) -> Self {
        Self {
            parties: Vec::new(),
            together: false,
            why: why.into(),
        }
    }

    /// The parties in words, as services of a hop: `orders`, or `orders or the middle`.
    pub fn whom(&self, hop: Option<&Hop>) -> String {
        let name = |party: &Party| match (party, hop) {
            (Party::Sender, Some(hop)) => hop.from.clone(),
            (Party::Receiver, Some(hop)) => hop.to.clone(),
            (Party::Sender, None) => "the sender".to_owned(),
            (Party::Receiver, None) => "the receiver".to_owned(),
            (Party::Middle, _) => "the middle".to_owned(),
        };
        let names: Vec<_> = self.parties.iter().map(name).collect();
        if names.is_empty() {
            "nobody that can be named".to_owned()
        } else if self.together {
            names.join(" and ")
        } else {
            names.join(" or ")
        }
    }
}

/// Follows the context of a hop from checkpoint to checkpoint, and says where it went wrong.
pub fn of_hop(evidence: &Evidence, index: usize) -> Blame {
    checkpoints::follow(evidence, index)
}
