//! W3C Trace Context and Baggage, parsed strictly and by ourselves.
//!
//! The judge reads the wire with these parsers and never with an SDK's propagator: that would ask
//! the accused for the verdict. The reference service propagates with [`Propagator`], because the
//! SDK's own accepts what the specification forbids and sends an empty `tracestate`.

mod baggage;
mod propagator;
mod traceparent;
mod tracestate;

pub use baggage::{BaggageError, Member, Property, parse_baggage};
pub use propagator::Propagator;
pub use traceparent::{TraceParent, TraceParentError};
pub use tracestate::{TraceStateError, parse_tracestate};

/// The header that names the trace, the parent span, and the flags.
pub const TRACEPARENT: &str = "traceparent";
/// The header that carries the vendors' own members.
pub const TRACESTATE: &str = "tracestate";
/// The header that carries what the application wants to be known everywhere.
pub const BAGGAGE: &str = "baggage";
