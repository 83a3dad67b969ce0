//! How much a request in protobuf holds, counted before any of it is built.

// prost keeps these out of its documentation, but whatever it derives is made of them.
use prost::encoding::{DecodeContext, WireType, decode_key, skip_field};

use super::budget::{Budget, TooMany};
use super::payload::PayloadError;

/// The messages of OTLP that stand in lists, and those that lead to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    ResourceSpans,
    Resource,
    Entity,
    EntityKey,
    ScopeSpans,
    Scope,
    Span,
    Event,
    Link,
    Attribute,
    Value,
    List,
    Item,
    Map,
}

impl Kind {
    /// Deeper than prost builds anything.
    const DEPTH: usize = 128;

    /// Takes from the budget what this message holds.
    pub(super) fn count(self, message: &[u8], budget: Budget) -> Result<Budget, PayloadError> {
        self.count_to(Self::DEPTH, message, budget)
    }

    fn count_to(
        self,
        depth: usize,
        mut rest: &[u8],
        mut budget: Budget,
    ) -> Result<Budget, PayloadError> {
        while !rest.is_empty() {
            let (tag, wire) = decode_key(&mut rest)?;
            let field = rest;
            skip_field(wire, tag, &mut rest, DecodeContext::default())?;
            let Some(kind) = self.field(tag) else {
                continue;
            };
            // Another wire type is wrong, as whoever builds it will say.
            if wire != WireType::LengthDelimited {
                continue;
            }
            budget = kind.take(budget)?;
            if depth > 0 && kind != Self::EntityKey {
                let mut inner = &field[..field.len() - rest.len()];
                prost::decode_length_delimiter(&mut inner)?;
                budget = kind.count_to(depth - 1, inner, budget)?;
            }
        }
        Ok(budget)
    }

    /// What a field of this message holds, by its number.
    fn field(self, tag: u32) -> Option<Self> {
        Some(match (self, tag) {
            (Self::Request, 1) => Self::ResourceSpans,
            (Self::ResourceSpans, 1) => Self::Resource,
            (Self::ResourceSpans, 2) => Self::ScopeSpans,
            (Self::ScopeSpans, 1) => Self::Scope,
            (Self::ScopeSpans, 2) => Self::Span,
            (Self::Span, 11) => Self::Event,
            (Self::Span, 13) => Self::Link,
            (Self::Resource | Self::Map, 1)
            | (Self::Scope | Self::Event, 3)
            | (Self::Link, 4)
            | (Self::Span, 9) => Self::Attribute,
            (Self::Attribute, 2) => Self::Value,
            (Self::Value | Self::Item, 5) => Self::List,
            (Self::Value | Self::Item, 6) => Self::Map,
            (Self::List, 1) => Self::Item,
            (Self::Resource, 3) => Self::Entity,
            (Self::Entity, 3 | 4) => Self::EntityKey,
            _ => return None,
        })
    }

    fn take(self, budget: Budget) -> Result<Budget, TooMany> {
        match self {
            Self::ResourceSpans | Self::ScopeSpans | Self::Span => budget.spans(1),
            Self::Entity
            | Self::EntityKey
            | Self::Event
            | Self::Link
            | Self::Attribute
            | Self::Item => budget.parts(1),
            // There is at most one of each, and in the place of whatever holds it.
            Self::Request | Self::Resource | Self::Scope | Self::Value | Self::List | Self::Map => {
                Ok(budget)
            }
        }
    }
}
