//! The vocabulary of scenarios, in one place.
//!
//! A program that embeds Unbroken may add steps of its own on the same [`World`]; what they need
//! to remember they put into [`World::own`].

mod given;
mod then;
mod vocabulary;
mod when;
mod world;

pub(crate) use vocabulary::nearest;
pub use vocabulary::{Phrase, vocabulary};
pub(crate) use world::Unasked;
pub use world::World;
