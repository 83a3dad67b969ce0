//! Unbroken proves that a trace stays one connected tree across HTTP, gRPC, Kafka, AMQP and SQS,
//! and names the hop, and the side of the hop, that lost it if it does not.
//!
//! # The way of a request
//!
//! ```text
//! .feature ──► route ──► stage ──► the request crosses the hops ──► collector + taps ──► story ──► rules ──► verdict ──► report
//!              expectation                                          what happened         judgement
//! ```
//!
//! It goes one way. Nothing to the right knows anything of what stands to its left, except
//! through the route.
//!
//! | room | what it does |
//! |---|---|
//! | [`steps`] | reads what a scenario says: the vocabulary, in one place |
//! | [`run`] | takes feature files, mounts them over the boundaries, and counts verdicts |
//! | [`route`] | the tree of hops that a request is to take: both the request and the expectation |
//! | [`request`] | what travels with it beside its ids, and where that may go |
//! | [`stage`] | starts brokers, services and taps, sends the request, and waits for what comes; [`role`]: the other parts that this executable plays for it |
//! | [`collector`] | keeps the spans: from services in this process, and over OTLP from any other |
//! | [`span`] [`token`] | one span, decoded once; the name of a hop, wherever it stands in one |
//! | [`story`] | ties spans together by parents and links, and repairs nothing |
//! | [`evidence`] | lays the story and the carriers on the wire beside the route |
//! | [`rules`] | the catalogue: pure functions of the evidence; [`rules::blame`] says who lost it |
//! | [`verdict`] | what the outcomes mean for what the scenario asked |
//! | [`report`] | words and colours |
//! | [`check`] | black box: what a service makes of a context, by what it sends on |
//! | [`recording`] | a run, written down and judged again |
//! | [`cli`] | the command |
//!
//! What crosses a boundary, and how, is the crate [`unbroken_adapters`].
//!
//! **Start here:** [`rules::catalogue`] for what is checked, [`stage::Stage::perform`] for how
//! it comes to be seen, [`main`] to use it.

pub mod check;
pub mod cli;
pub mod collector;
pub mod evidence;
pub mod recording;
pub mod report;
pub mod request;
pub mod route;
pub mod rules;
pub mod run;
pub mod span;
pub mod stage;
pub mod steps;
pub mod story;
#[cfg(test)]
mod testing;
pub mod token;
pub mod verdict;

pub use stage::role;

use std::path::PathBuf;
use std::process::ExitCode;

/// The whole of a `tests/propagation.rs`: runs every scenario of a folder, or of a file, with the
/// steps of Unbroken and those that the program itself defines.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     unbroken::main("features")
/// }
/// ```
///
/// `cargo test --test propagation -- --tags @kafka` and the other options of `unbroken run` are understood.
pub fn main(features: impl Into<PathBuf>) -> ExitCode {
    cli::test(features.into())
}
