//! What travels beside the ids. No span is needed to tell of it.

pub(super) mod baggage;
pub(super) mod flags;
pub(super) mod formats;
pub(super) mod wire;

use super::Case;

pub(super) fn cases() -> impl Iterator<Item = &'static Case> {
    let cases = [wire::CASES, baggage::CASES, flags::CASES, formats::CASES];
    cases.into_iter().flatten()
}
