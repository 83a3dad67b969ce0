//! What travels beside the ids: everything on the wire that a hop must carry on.
//!
//! Each item is followed by itself, from what came in to what was sent on, and through the middle.
//! Nobody's spans are asked, so that what is not sampled can be judged as well.

mod baggage;
mod checkpoints;
mod edge;
mod flags;
mod formats;
mod keeps;
mod reach;
mod state;
mod wire;

use super::Rule;
pub use reach::{Item, reaches};

/// Every rule of the family, in the order of the catalogue.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    let families = [
        wire::RULES,
        state::RULES,
        baggage::RULES,
        flags::RULES,
        edge::RULES,
        formats::RULES,
    ];
    families.into_iter().flatten()
}

/// Whether a rule sees on the wire that the ids were lost, which others see by the spans.
pub fn is_of_the_ids(rule: &Rule) -> bool {
    ["WIRE-002", "WIRE-017", "WIRE-021"].contains(&rule.id)
}
