//! Unbroken: a propagation conformance test harness.

pub mod collector;
pub mod span;
pub mod token;
