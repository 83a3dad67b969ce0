//! What one request may hold.
//!
//! A body is bounded in bytes, and so is not what becomes of it: an empty span is two bytes long
//! and takes hundreds in memory, an empty link a hundred, an empty attribute dozens.
//!
//! | what | how many | at worst |
//! |---|---|---|
//! | spans, and groups of them | 131,072 | some 100 MiB |
//! | attributes, links, events, and values within values | 524,288 | some 150 MiB |
//!
//! The second is one for every 32 bytes of the longest body: SDKs have no use for so many, as
//! attributes with a key and a value are hardly shorter. Events in JSON are not counted, since
//! they are never built.

/// What was taken so far. It is handed on by value: a budget that was exceeded is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Budget {
    spans: usize,
    parts: usize,
}

/// What there is more of in a request than anybody sends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TooMany {
    /// Spans, and groups of spans.
    #[error("more than {most} spans and groups of spans in one request", most = Budget::SPANS)]
    Spans,
    /// What spans, resources and scopes are made of.
    #[error(
        "more than {most} attributes, links, events and values within values in one request",
        most = Budget::PARTS
    )]
    Parts,
}

impl Budget {
    pub(super) const SPANS: usize = 1 << 17;
    pub(super) const PARTS: usize = 1 << 19;

    pub(super) fn spans(self, count: usize) -> Result<Self, TooMany> {
        let spans = add(self.spans, count, Self::SPANS).ok_or(TooMany::Spans)?;
        Ok(Self { spans, ..self })
    }

    pub(super) fn parts(self, count: usize) -> Result<Self, TooMany> {
        let parts = add(self.parts, count, Self::PARTS).ok_or(TooMany::Parts)?;
        Ok(Self { parts, ..self })
    }
}

fn add(taken: usize, count: usize, most: usize) -> Option<usize> {
    taken.checked_add(count).filter(|sum| *sum <= most)
}
