//! The name of every object that a plan leads to, known before any work.

use super::PackagePlan;
use crate::media::{RenditionId, SegmentNumber};
use crate::plan::{Layout, names, text};

impl PackagePlan {
    /// The keys of everything that a finished set may hold, the report included. Of sound with gaps, some of
    /// these segments are not made.
    pub fn objects(&self) -> Vec<String> {
        let pictures = self.video.iter().map(|picture| (&picture.id, picture.cuts.segments()));
        let trick = self.trick.iter().map(|trick| {
            let of = self.video.iter().find(|picture| picture.id == trick.of);
            (&trick.id, of.map_or(0, |of| of.cuts.segments()))
        });
        let sounds = self.audio.iter().map(|sound| (&sound.id, sound.timeline.segments()));
        let renditions = pictures.chain(trick).chain(sounds);
        let mut keys: Vec<String> = renditions.flat_map(|(id, segments)| self.media(id, segments)).collect();
        if let Some(stills) = &self.stills {
            let sheets = stills.thumbnails.sheets(stills.grid.frames());
            keys.extend((1..=sheets).map(names::sprite));
            keys.extend([names::THUMBNAILS, names::POSTER].map(str::to_owned));
            keys.extend(self.hls.then(|| names::IMAGES.to_owned()));
        }
        let segments = self.text_cuts().starts.len() as u64;
        keys.extend(text::objects(&self.text, segments, (self.layout, self.hls, self.dash)));
        keys.extend(self.metadata.objects(self.hls));
        if self.hls {
            let pictures = self.video.iter().map(|picture| &picture.id);
            keys.extend(pictures.clone().map(names::iframes));
            keys.extend(pictures.chain(self.audio.iter().map(|sound| &sound.id)).map(names::playlist));
            keys.push(names::MASTER.to_owned());
        }
        if self.dash {
            keys.push(names::MPD.to_owned());
        }
        keys.push(names::REPORT.to_owned());
        keys
    }

    fn media(&self, id: &RenditionId, segments: u64) -> Vec<String> {
        match self.layout {
            Layout::SegmentFiles => {
                let segments = (1..=segments).map(|number| names::segment(id, SegmentNumber(number)));
                std::iter::once(names::init(id)).chain(segments).collect()
            }
            Layout::SingleFile => vec![names::single(id)],
        }
    }
}
