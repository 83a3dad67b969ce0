//! The collector: every span of a run, wherever it came from, in one store.
//!
//! | where | what |
//! |---|---|
//! | [`Store`] | the spans, found by trace, by link and by run; waiters wake on arrivals |
//! | [`InProcess`] | the exporter of a reference service in this process |
//!
//! Nothing here judges, and nothing is repaired: what is malformed is kept as such, what is refused
//! is counted. Start here: [`Store`].

mod exporter;
mod index;
mod origins;
mod store;

pub use exporter::InProcess;
pub use store::{Arrivals, Counts, Ingested, Store};
