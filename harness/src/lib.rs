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
