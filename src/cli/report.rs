//! The closing table: what was made, for people.

use std::time::Duration;

use super::color::Paint;
use super::tally::clock_time;

/// One rendition that was made.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its name: `video/1080p_h264`.
    pub(crate) rendition: String,
    /// `1920x1080`; nothing for sound.
    pub(crate) resolution: Option<String>,
    /// The codec string: `avc1.640028`.
    pub(crate) codec: String,
    /// Average bit rate in kb/s.
    pub(crate) average_kbps: u64,
    /// Peak bit rate in kb/s.
    pub(crate) peak_kbps: u64,
    /// Number of segments.
    pub(crate) segments: u64,
    /// Bytes of all its media.
    pub(crate) bytes: u64,
}

/// The renditions as a table that a terminal of 80 columns can show, and below it the size of everything and the time it took.
pub(crate) fn table(rows: &[Row], total_bytes: u64, elapsed: Duration, paint: Paint) -> String {
    let heads = ["rendition", "size", "codec", "kb/s", "peak", "segments", "bytes"].map(str::to_owned);
    let cells = |row: &Row| {
        [
            row.rendition.clone(),
            row.resolution.clone().unwrap_or_else(|| "-".to_owned()),
            row.codec.clone(),
            row.average_kbps.to_string(),
            row.peak_kbps.to_string(),
            row.segments.to_string(),
            bytes(row.bytes),
        ]
    };
    let lines: Vec<[String; 7]> = std::iter::once(heads).chain(rows.iter().map(cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let cells = line.iter().enumerate().map(|(column, cell)| match column {
            0..=2 => format!("{cell:<0$}", width(column)),
            _ => format!("{cell:>0$}", width(column)),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        text += &if index == 0 { paint.bold(line.trim_end()) } else { line };
        text.push('\n');
    }
    text + &format!("{} in {}\n", bytes(total_bytes), clock_time(elapsed))
}

/// `3.4 MB`, in powers of ten as disks are sold.
pub(crate) fn bytes(count: u64) -> String {
    let mut value = count as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 999.5 {
            return if unit == "B" { format!("{count} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_under_their_heads() {
        let rows = [
            Row {
                rendition: "video/360p_h264".into(),
                resolution: Some("640x360".into()),
                codec: "avc1.64001E".into(),
                average_kbps: 712,
                peak_kbps: 1011,
                segments: 10,
                bytes: 5_340_123,
            },
            Row {
                rendition: "video/360p_h264_trick".into(),
                resolution: Some("640x360".into()),
                codec: "avc1.64001E".into(),
                average_kbps: 94,
                peak_kbps: 140,
                segments: 10,
                bytes: 705_123,
            },
            Row {
                rendition: "audio/en_aac_128k".into(),
                resolution: None,
                codec: "mp4a.40.2".into(),
                average_kbps: 129,
                peak_kbps: 131,
                segments: 10,
                bytes: 967_500,
            },
        ];
        let expected = "\
rendition              size     codec        kb/s  peak  segments     bytes
video/360p_h264        640x360  avc1.64001E   712  1011        10    5.3 MB
video/360p_h264_trick  640x360  avc1.64001E    94   140        10  705.1 kB
audio/en_aac_128k      -        mp4a.40.2     129   131        10  967.5 kB
6.3 MB in 1:05
";
        assert_eq!(table(&rows, 6_307_623, Duration::from_secs(65), Paint::plain()), expected);
    }

    #[test]
    fn sizes_change_unit_before_they_round_to_a_thousand() {
        assert_eq!([0, 999, 999_499, 999_500].map(bytes), ["0 B", "999 B", "999.5 kB", "1.0 MB"]);
    }
}
