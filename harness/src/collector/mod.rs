//! The collector: every span of a run, wherever it came from, in one store.
//!
//! | where | what |
//! |---|---|
//! | [`Store`] | the spans, found by trace, by link and by run; waiters wake on arrivals |
//! | [`InProcess`] | the exporter of a reference service in this process |
//! | [`Receiver`] | one port that takes OTLP from an SDK in any language |
//! | [`Store::receive`] | OTLP in bytes, from the receiver or from a file |
//!
//! Nothing here judges, and nothing is repaired: what is malformed is kept as such, what is refused
//! is counted. Start here: [`Store`].

#[cfg(test)]
mod bounds;
mod budget;
mod counts;
mod exporter;
#[cfg(test)]
mod fuzz;
mod index;
mod json;
mod origins;
mod payload;
mod protobuf;
mod receiver;
mod store;

pub use budget::TooMany;
pub use counts::{Counts, Ingested};
pub use exporter::InProcess;
pub use payload::{Encoding, PayloadError};
pub use receiver::{Receiver, ReceiverError};
pub use store::{Arrivals, Store};
