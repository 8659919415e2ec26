//! Encrypted sets: what another decryptor makes of them, what players are told, and that no key is anywhere.

mod bench;
mod keys;
mod live;
mod media;
mod players;
mod refused;
mod rotation;
mod servers;
mod signalling;
mod whole;

#[path = "../support/mod.rs"]
mod support;
