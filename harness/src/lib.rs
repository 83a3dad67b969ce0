//! Unbroken: a propagation conformance test harness.

pub mod cli;
pub mod collector;
pub mod evidence;
pub mod report;
pub mod role;
pub mod route;
pub mod rules;
pub mod run;
pub mod span;
pub mod stage;
pub mod steps;
pub mod story;
pub mod token;
pub mod verdict;

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
/// `cargo test -- --tags @kafka` and the other options of `unbroken run` are understood.
pub fn main(features: impl Into<PathBuf>) -> ExitCode {
    cli::test(features.into())
}
