//! The decoder's buffer (VBV, ITU-T H.264 annex C) across shards that are encoded apart.

/// An encoder reckons with a filling of the buffer that is so much slower than what the plan promises, in
/// bit rates of the rung: so each shard leaves the buffer full enough for the next one (see `shard.rs`).
pub(super) const HEADROOM: f64 = 0.1;
/// Size of the decoder's buffer, in seconds of the rung's bit rate.
pub(super) const BUFFER_S: f64 = 1.5;
