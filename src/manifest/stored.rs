//! Renditions of which everything has been stored: what manifests describe.

use crate::media::{AudioCodec, AudioTrack, RenditionId, VideoTrack};
use crate::package::SingleFile;
use crate::plan::{AudioOffer, TrickOffer, VideoOffer};

use super::Rendition;

/// Where the bytes of a rendition are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    /// In one file per segment.
    Files,
    /// In one file; one offset per segment.
    File(&'a SingleFile),
}

/// A rendition of which everything has been stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Media<'a> {
    /// Its name.
    pub id: &'a RenditionId,
    /// What has been stored of it.
    pub stored: &'a Rendition,
    /// Where its bytes are.
    pub place: Place<'a>,
}

/// A video rendition of which everything has been stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pictures<'a> {
    /// What has been stored.
    pub media: Media<'a>,
    /// What its header says.
    pub track: &'a VideoTrack,
    /// What it is offered as.
    pub offer: &'a VideoOffer,
}

/// The key frames of a rendition of which everything has been stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trick<'a> {
    /// What has been stored.
    pub media: Media<'a>,
    /// What its header says.
    pub track: &'a VideoTrack,
    /// What it is offered as.
    pub offer: &'a TrickOffer,
}

/// An audio rendition of which everything has been stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sound<'a> {
    /// What has been stored.
    pub media: Media<'a>,
    /// What its header says.
    pub track: &'a AudioTrack,
    /// What it is offered as.
    pub offer: &'a AudioOffer,
}

impl Sound<'_> {
    /// Its codec.
    pub(super) fn codec(&self) -> AudioCodec {
        self.offer.codec
    }
}
