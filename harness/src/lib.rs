//! Unbroken: a propagation conformance test harness.

pub mod collector;
pub mod evidence;
pub mod route;
pub mod rules;
pub mod span;
pub mod story;
#[cfg(test)]
mod testing;
pub mod token;
