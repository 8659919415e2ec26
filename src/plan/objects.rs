//! The name of every object that a plan leads to, known before any work.

use super::{Layout, Plan, ThumbnailPlan, VideoPlan, names, text};
use crate::media::{RenditionId, SegmentNumber};

impl Plan {
    /// The keys of everything that a finished set holds, the report included.
    pub fn objects(&self) -> Vec<String> {
        let media = self.renditions().into_iter().flat_map(|id| self.media(id));
        let media = media.chain(text::objects(&self.text, self.grid.segments(), (self.layout, self.hls, self.dash)));
        let mut keys: Vec<String> = media.chain(self.stills()).collect();
        keys.extend(self.progressive.iter().map(|plain| plain.file.clone()));
        let pictures = self.video.iter().flat_map(VideoPlan::all).map(|r| r.id);
        keys.extend(self.metadata.objects(self.hls));
        if self.hls {
            keys.extend(pictures.clone().map(names::iframes));
            keys.extend(pictures.chain(self.audio.iter().map(|r| &r.id)).map(names::playlist));
            let thumbnails = self.video.iter().filter_map(|video| video.thumbnails);
            keys.extend(thumbnails.map(|_| names::IMAGES.to_owned()));
            keys.push(names::MASTER.to_owned());
        }
        if self.dash {
            keys.push(names::MPD.to_owned());
        }
        keys.push(names::REPORT.to_owned());
        keys
    }

    /// The keys of thumbnails and poster, without the image playlist.
    pub fn stills(&self) -> Vec<String> {
        let of = |video: &VideoPlan| {
            let sheets = video.thumbnails.map_or(0, |thumbnails| thumbnails.sheets(self.grid.frames()));
            let text = video.thumbnails.map(|_| names::THUMBNAILS.to_owned());
            let poster = video.poster.map(|_| names::POSTER.to_owned());
            (1..=sheets).map(names::sprite).chain(text).chain(poster).collect::<Vec<_>>()
        };
        self.video.iter().flat_map(of).collect()
    }

    /// Every rendition, that of the key frames included.
    fn renditions(&self) -> Vec<&RenditionId> {
        let video = self.video.iter();
        let pictures = video.clone().flat_map(VideoPlan::all).map(|r| r.id);
        let tricks = video.filter_map(|video| video.trick.as_ref()).map(|trick| &trick.id);
        pictures.chain(tricks).chain(self.audio.iter().map(|r| &r.id)).collect()
    }

    fn media(&self, id: &RenditionId) -> Vec<String> {
        match self.layout {
            Layout::SegmentFiles => {
                let segments = (1..=self.grid.segments()).map(|number| names::segment(id, SegmentNumber(number)));
                std::iter::once(names::init(id)).chain(segments).collect()
            }
            Layout::SingleFile => vec![names::single(id)],
        }
    }
}

impl ThumbnailPlan {
    /// Tiles of a programme of `frames` frames.
    pub fn tiles(&self, frames: u64) -> u64 {
        frames.div_ceil(self.interval_frames.max(1))
    }

    /// Sheets that these tiles fill.
    pub fn sheets(&self, frames: u64) -> u64 {
        self.tiles(frames).div_ceil((u64::from(self.columns) * u64::from(self.rows)).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Resolution, Span, Timescale};

    #[test]
    fn every_started_interval_has_a_tile_and_every_started_sheet_a_file() {
        let interval = Span::new(125, Timescale::new(25));
        let tile = Resolution::new(32, 18);
        let plan = ThumbnailPlan { interval_frames: 125, interval, tile, columns: 2, rows: 1 };
        assert_eq!([0, 1, 125, 126, 250].map(|frames| plan.tiles(frames)), [0, 1, 1, 2, 2]);
        assert_eq!([0, 1, 250, 251].map(|frames| plan.sheets(frames)), [0, 1, 1, 2]);
    }
}
