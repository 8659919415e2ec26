//! HLS: media, I-frame and image playlists, and the multivariant playlist that names them
//! (RFC 8216bis, and Apple's HLS Authoring Specification for Apple Devices).

mod captions;
mod dates;
mod group;
mod iframe;
mod images;
mod key;
pub mod low_latency;
mod media;
mod multivariant;
mod playlist;
mod subtitles;
mod tag;

use super::Document;
use super::complete::Complete;
use super::stored::Media;

/// Every playlist of a presentation, the multivariant one last.
pub(super) fn documents(complete: &Complete<'_>) -> Vec<Document> {
    let target = target_duration(complete);
    let live = complete.offer.live.as_ref();
    let mut documents = Vec::new();
    for pictures in &complete.video {
        documents.push(media::document(&pictures.media, target, complete.offer.independent, complete.offer));
        if live.is_none_or(|live| live.ended) && pictures.media.has_key_frames() {
            documents.push(iframe::document(&pictures.media, target, complete.offer.marks.start));
        }
    }
    documents.extend(sounds(complete).map(|sound| media::document(sound, target, true, complete.offer)));
    documents.extend(complete.text.iter().map(|words| subtitles::document(words, target)));
    documents.extend(complete.sheets.map(|sheets| images::document(sheets, complete.offer.duration)));
    documents.push(multivariant::document(complete, target));
    documents
}

fn sounds<'c>(complete: &'c Complete<'_>) -> impl Iterator<Item = &'c Media<'c>> {
    complete.audio.iter().flat_map(|choice| &choice.sounds).map(|sound| &sound.media)
}

/// The longest segment over all audio, video and text, in whole seconds: one value for every playlist, because
/// Apple's rule 8.2 wants audio and video to agree and RFC 8216bis § 6.2.4 all variants. It never changes while a
/// programme is live (§ 6.2.2), so there it is what the longest can be.
fn target_duration(complete: &Complete<'_>) -> u64 {
    if let Some(live) = &complete.offer.live {
        return playlist::target_duration([playlist::length(live.window.longest)].into_iter());
    }
    let all = complete.video.iter().map(|pictures| &pictures.media).chain(sounds(complete));
    let segments = all.flat_map(|media| media.stored.segments.values()).map(|s| (s.start, s.duration));
    let pages = complete.text.iter().flat_map(|words| &words.pages).map(|page| (page.start, page.duration));
    playlist::target_duration(segments.chain(pages).map(|(start, duration)| playlist::extinf(start, duration)))
}
