//! Unbroken: a propagation conformance test harness.
