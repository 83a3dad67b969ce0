//! Unbroken: a propagation conformance test harness.

pub mod collector;
pub mod evidence;
pub mod role;
pub mod route;
pub mod rules;
pub mod span;
pub mod stage;
pub mod story;
pub mod token;
