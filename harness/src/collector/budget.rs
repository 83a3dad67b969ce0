//! What one request may hold.
//!
//! A body is bounded in bytes, and so is not what becomes of it: an empty span is two bytes long
//! and takes hundreds in memory, an empty link a hundred, an empty attribute dozens.
//!
//! | what | how many | at worst |
//! |---|---|---|
//! | spans, and groups of them | 131,072 | some 100 MiB |
//! | attributes, links, events, and values within values | 524,288 | some 150 MiB |
//! | bytes of resources, once for each further scope | 32 MiB | some 100 MiB |
//!
//! The second is one for every 32 bytes of the longest body: SDKs have no use for so many, as
//! attributes with a key and a value are hardly shorter. Events in JSON are not counted, since
//! they are never built.

use std::collections::HashSet;

use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;

use super::payload::PayloadError;
use super::protobuf::Kind;

/// What was taken so far. It is handed on by value: a budget that was exceeded is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Budget {
    spans: usize,
    parts: usize,
    copied: usize,
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
    /// Scopes of resources that are long.
    #[error(
        "resources with so many scopes that to keep one for each takes more than {most} bytes",
        most = Budget::COPIED
    )]
    Scopes,
}

impl Budget {
    pub(super) const SPANS: usize = 1 << 17;
    pub(super) const PARTS: usize = 1 << 19;
    pub(super) const COPIED: usize = 32 << 20;
    /// What an attribute takes beside its bytes.
    const ATTRIBUTE: usize = 32;

    pub(super) fn spans(self, count: usize) -> Result<Self, TooMany> {
        let spans = add(self.spans, count, Self::SPANS).ok_or(TooMany::Spans)?;
        Ok(Self { spans, ..self })
    }

    pub(super) fn parts(self, count: usize) -> Result<Self, TooMany> {
        let parts = add(self.parts, count, Self::PARTS).ok_or(TooMany::Parts)?;
        Ok(Self { parts, ..self })
    }

    /// A resource is kept once with each of its scopes. The first is no more than was sent.
    pub(super) fn scopes<'a>(
        self,
        resource: Option<&Resource>,
        scopes: impl Iterator<Item = Option<&'a InstrumentationScope>>,
    ) -> Result<Self, PayloadError> {
        let scopes: HashSet<Vec<u8>> = scopes.map(encoded).collect();
        let (Some(resource), 2..) = (resource, scopes.len()) else {
            return Ok(self);
        };
        let bytes = resource.encode_to_vec();
        let parts = Kind::Resource.count(&bytes, Self::default())?.parts;
        let copy = bytes.len() + parts * Self::ATTRIBUTE;
        let further = copy.saturating_mul(scopes.len() - 1);
        let copied = add(self.copied, further, Self::COPIED).ok_or(TooMany::Scopes)?;
        Ok(Self { copied, ..self })
    }
}

fn add(taken: usize, count: usize, most: usize) -> Option<usize> {
    taken.checked_add(count).filter(|sum| *sum <= most)
}

/// Two scopes are one if they are so byte for byte.
pub(super) fn encoded(scope: Option<&InstrumentationScope>) -> Vec<u8> {
    scope
        .map(InstrumentationScope::encode_to_vec)
        .unwrap_or_default()
}
