//! The `cargo test` entries of Unbroken stand beside this crate, in `tests/`.
