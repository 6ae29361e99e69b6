//! The `#[profile]` attribute.
