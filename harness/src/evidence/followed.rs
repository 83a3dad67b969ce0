//! Which of several contexts on a message counts, where nobody said what its receiver reads: the
//! one that the receiver followed, be it the outer or the inner span of one send. That they differ
//! is the sender's affair, and a rule of its own.

use rustc_hash::FxHashMap;

use super::wire::{Contexts, Wire};
use crate::route::Route;
use crate::story::{Story, ties};

/// The wires, with the context of each message that its receiver followed. Where it followed
/// none, the first format counts, as ever.
pub(super) fn read(route: &Route, story: &Story, mut wires: Vec<Wire>) -> Vec<Wire> {
    let mut followed: FxHashMap<&str, Contexts> = FxHashMap::default();
    for (hop, wire) in route.hops().iter().zip(&wires) {
        if wire.is_ambiguous() {
            followed.entry(&hop.to).or_default();
        }
    }
    if followed.is_empty() {
        return wires;
    }
    for span in story.spans() {
        let service = span.origin.service.as_deref();
        if let Some(followed) = service.and_then(|service| followed.get_mut(service)) {
            followed.extend(ties(span));
        }
    }
    for (hop, wire) in route.hops().iter().zip(&mut wires) {
        if let Some(followed) = followed.get(&*hop.to) {
            wire.read_as(followed);
        }
    }
    wires
}
