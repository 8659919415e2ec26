//! Sprite sheets, their WebVTT and the poster.

use std::collections::BTreeMap;

use super::files::Files;
use super::findings::Findings;

const VTT: &str = "thumbnails/thumbnails.vtt";

/// One sprite sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its path.
    pub file: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Width and height of a tile, as the first cue says.
    pub tile: (u32, u32),
}

/// One cue of the WebVTT file.
#[derive(Debug, Clone, PartialEq)]
pub struct Cue {
    /// Seconds.
    pub start: f64,
    /// Seconds.
    pub end: f64,
    /// The sheet.
    pub file: String,
    /// x, y, width and height.
    pub region: (u32, u32, u32, u32),
}

/// Checks the thumbnails of a programme that lasts `duration` seconds.
pub fn check(files: &mut Files, duration: f64, findings: &mut Findings) -> (Vec<Sheet>, Vec<Cue>) {
    if !files.has(VTT) {
        return (Vec::new(), Vec::new());
    }
    files.belongs(VTT);
    let cues = cues(files, findings);
    let mut end = 0.0;
    for cue in &cues {
        findings.rule(
            (cue.start - end).abs() < 1e-9 && cue.end > cue.start,
            VTT,
            format!("a cue does not follow: {cue:?}"),
        );
        end = cue.end;
    }
    findings.rule((end - duration).abs() < 2e-3, VTT, format!("ends at {end} s, the media at {duration} s"));
    let mut sheets: BTreeMap<String, Sheet> = BTreeMap::new();
    for cue in &cues {
        let (x, y, w, h) = cue.region;
        let sheet = sheets.entry(cue.file.clone()).or_insert_with(|| {
            let (width, height) = decode(files, &cue.file, findings);
            Sheet { file: cue.file.clone(), width, height, tile: (w, h) }
        });
        findings.equal(VTT, format!("a tile's size in {}", cue.file), (w, h), sheet.tile);
        let inside = w > 0 && h > 0 && x + w <= sheet.width && y + h <= sheet.height;
        let kept = inside && x.is_multiple_of(w) && y.is_multiple_of(h);
        findings.rule(kept, VTT, format!("{cue:?} is no tile of {} by {}", sheet.width, sheet.height));
    }
    let sheets: Vec<Sheet> = sheets.into_values().collect();
    for (number, sheet) in sheets.iter().enumerate() {
        findings.equal(
            VTT,
            "the name of a sheet",
            &sheet.file[..],
            &format!("thumbnails/sprite_{:05}.jpg", number + 1)[..],
        );
    }
    (sheets, cues)
}

/// Checks that the poster is a picture, in the shape of `shown` (width, height).
pub fn check_poster(files: &mut Files, shown: Option<(u32, u32)>, findings: &mut Findings) {
    const POSTER: &str = "poster.jpg";
    if !files.has(POSTER) {
        return;
    }
    files.belongs(POSTER);
    let (width, height) = decode(files, POSTER, findings);
    if let Some((w, h)) = shown {
        // Even dimensions allow an error of one pixel on either side.
        let off = f64::from(width) - f64::from(height) * f64::from(w) / f64::from(h);
        findings.rule(
            off.abs() <= 1.0 + f64::from(w) / f64::from(h),
            POSTER,
            format!("{width}x{height} is not the shape of {w}x{h}"),
        );
    }
}

fn decode(files: &Files, file: &str, findings: &mut Findings) -> (u32, u32) {
    match image::load_from_memory_with_format(&files.read(file), image::ImageFormat::Jpeg) {
        Ok(picture) => (picture.width(), picture.height()),
        Err(why) => {
            findings.rule(false, file, format!("is no JPEG: {why}"));
            (1, 1)
        }
    }
}

fn cues(files: &mut Files, findings: &mut Findings) -> Vec<Cue> {
    let text = files.text(VTT, findings);
    let mut blocks = text.split("\n\n").map(str::trim).filter(|b| !b.is_empty());
    findings.equal(VTT, "the first block", blocks.next(), Some("WEBVTT"));
    let mut cues = Vec::new();
    for block in blocks {
        match cue(block) {
            Some((start, end, uri, region)) => {
                if let Some(file) = files.name(VTT, uri, findings) {
                    cues.push(Cue { start, end, file, region });
                }
            }
            None => {
                findings.rule(false, VTT, format!("{block:?} is no cue with #xywh"));
            }
        }
    }
    cues
}

type Parsed<'a> = (f64, f64, &'a str, (u32, u32, u32, u32));

fn cue(block: &str) -> Option<Parsed<'_>> {
    let (times, payload) = block.split_once('\n')?;
    let (start, end) = times.split_once(" --> ")?;
    let (uri, region) = payload.split_once("#xywh=")?;
    let numbers: Vec<u32> = region.split(',').map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let [x, y, w, h] = numbers[..] else { return None };
    Some((clock(start)?, clock(end)?, uri, (x, y, w, h)))
}

/// `HH:MM:SS.mmm` in seconds.
fn clock(text: &str) -> Option<f64> {
    let (clock, millis) = text.split_once('.')?;
    let parts: Vec<u32> = clock.split(':').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = parts[..] else { return None };
    let millis: u32 = (millis.len() == 3).then(|| millis.parse().ok())??;
    Some(f64::from(hours * 3600 + minutes * 60 + seconds) + f64::from(millis) / 1000.0)
}
