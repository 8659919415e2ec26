//! Encrypted sets: what another decryptor makes of them, what players are told, and that no key is anywhere.

mod bench;
mod keys;
mod media;
mod refused;
mod rotation;
mod signalling;

#[path = "../support/mod.rs"]
mod support;
