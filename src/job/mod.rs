//! The wiring: an input and its settings in, a finished output set out.

pub mod journal;
pub mod key;
pub mod lock;
