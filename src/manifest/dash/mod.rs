//! DASH: one static MPD (ISO/IEC 23009-1:2022; DASH-IF Interoperability Points).

mod address;
mod audio;
mod close;
mod element;
mod events;
mod messages;
mod mpd;
mod protection;
mod text;
mod thumbnails;
mod timeline;
mod video;

pub(super) use mpd::document;
