use std::fmt;
use std::sync::Arc;

use opentelemetry::{SpanId, TraceId};

use super::{Origin, SpanKind, runs};
use crate::token::HopToken;

/// A span that cannot hang in any tree, or links of a span that lead nowhere, because of ids.
///
/// Neither is repaired or passed over: it is a finding about the exporter that sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Malformed {
    /// Everything that is wrong with it; never empty. Of links, the first ids, and then how many
    /// more there are ([`Field::MoreOfLinks`]).
    pub defects: Vec<Defect>,
    /// The trace, where that id is valid.
    pub trace_id: Option<TraceId>,
    /// The span, where that id is valid.
    pub span_id: Option<SpanId>,
    /// The span's name.
    pub name: Box<str>,
    /// The span's kind.
    pub kind: SpanKind,
    /// The hops that the span speaks of.
    pub hops: Vec<HopToken>,
    /// Where the span comes from.
    pub origin: Arc<Origin>,
}

impl Malformed {
    /// The runs that the span speaks of, by a hop or by its origin; one may come several times.
    pub fn runs(&self) -> impl Iterator<Item = u32> + '_ {
        runs(&self.hops, &self.origin)
    }

    /// Whether only links are malformed: the span stands, and holds this too.
    pub fn is_of_links(&self) -> bool {
        let mut fields = self.defects.iter().map(|defect| defect.field);
        fields.all(|field| {
            matches!(
                field,
                Field::LinkTraceId(_) | Field::LinkSpanId(_) | Field::MoreOfLinks(_)
            )
        })
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = self
            .origin
            .service
            .as_deref()
            .unwrap_or("a service unknown");
        let Self { kind, name, .. } = self;
        write!(f, "{} span {name:?} of {service}: ", kind.as_str())?;
        for (i, defect) in self.defects.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{defect}")?;
        }
        Ok(())
    }
}

/// One id that is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Which id.
    pub field: Field,
    /// What stood there instead, its first 32 bytes at most.
    pub bytes: Box<[u8]>,
    /// How many bytes stood there.
    pub length: usize,
}

/// An id of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The trace it belongs to.
    TraceId,
    /// Its own id.
    SpanId,
    /// Its parent's id.
    ParentId,
    /// The trace of the n-th link, from 0.
    LinkTraceId(usize),
    /// The span of the n-th link, from 0.
    LinkSpanId(usize),
    /// So many more ids of links, of which no more is said.
    MoreOfLinks(usize),
}

impl Field {
    /// How long such an id must be; 0 where it is not said which they are.
    pub fn length(self) -> usize {
        match self {
            Self::TraceId | Self::LinkTraceId(_) => 16,
            Self::SpanId | Self::ParentId | Self::LinkSpanId(_) => 8,
            Self::MoreOfLinks(_) => 0,
        }
    }
}

impl Defect {
    /// Far longer than any id, and no burden if somebody sends a megabyte for one.
    const KEPT: usize = 32;

    pub(super) fn new(field: Field, bytes: &[u8]) -> Self {
        Self {
            field,
            bytes: bytes[..bytes.len().min(Self::KEPT)].into(),
            length: bytes.len(),
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Field::TraceId => write!(f, "the trace id"),
            Field::SpanId => write!(f, "the span id"),
            Field::ParentId => write!(f, "the parent id"),
            Field::LinkTraceId(n) => write!(f, "the trace id of link {n}"),
            Field::LinkSpanId(n) => write!(f, "the span id of link {n}"),
            Field::MoreOfLinks(n) => return write!(f, "{n} more of links"),
        }?;
        let (length, right) = (self.length, self.field.length());
        match length {
            0 => return f.write_str(" is absent"),
            _ if length == right => return f.write_str(" is all zero"),
            _ => write!(f, " has {length} bytes instead of {right}: ")?,
        }
        self.bytes.iter().try_for_each(|b| write!(f, "{b:02x}"))?;
        f.write_str(if length > self.bytes.len() { "…" } else { "" })
    }
}
