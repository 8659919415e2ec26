//! One coded packet.

use ffmpeg_next::{Packet as AvPacket, Rational};

use super::raw;
use crate::media::TrackIndex;

/// One coded packet and where it belongs.
pub struct Packet {
    pub(super) inner: AvPacket,
    pub(super) time_base: Rational,
    /// How long it is, whatever was read of it.
    pub(super) bytes: usize,
    /// What was read of it, where FFmpeg did not read it.
    pub(super) front: Option<Vec<u8>>,
}

impl std::fmt::Debug for Packet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packet").field("track", &self.track()).field("at_us", &self.at_us()).finish()
    }
}

/// Times that a damaged file makes up end here (36 000 years), so that sums of them stay numbers.
const END_OF_TIME_US: i128 = 1 << 60;

pub(super) fn to_us(ticks: i64, time_base: Rational) -> i64 {
    let (num, den) = (i64::from(time_base.numerator()), i64::from(time_base.denominator()));
    if den == 0 {
        return 0;
    }
    // Dividing 128 bits takes long, and sane times do not need them.
    if let Some(scaled) = ticks.checked_mul(num * 1_000_000).filter(|scaled| scaled.unsigned_abs() < 1 << 60) {
        return if scaled >= 0 { (scaled + den / 2) / den } else { (scaled - den / 2) / den };
    }
    let (num, den) = (i128::from(num), i128::from(den));
    let scaled = i128::from(ticks) * num * 1_000_000;
    let half = den / 2;
    let rounded = if scaled >= 0 { (scaled + half) / den } else { (scaled - half) / den };
    rounded.clamp(-END_OF_TIME_US, END_OF_TIME_US) as i64
}

impl Packet {
    /// The stream it belongs to.
    pub fn track(&self) -> TrackIndex {
        TrackIndex(self.inner.stream())
    }

    /// Presentation time in microseconds.
    pub fn at_us(&self) -> Option<i64> {
        self.inner.pts().map(|t| to_us(t, self.time_base))
    }

    /// Decode time in microseconds.
    pub fn decode_us(&self) -> Option<i64> {
        self.inner.dts().map(|t| to_us(t, self.time_base))
    }

    /// Length in microseconds; 0 when nothing tells.
    pub fn duration_us(&self) -> i64 {
        to_us(self.inner.duration().max(0), self.time_base)
    }

    /// Where its bytes lie in the file, where the container keeps them whole; nothing when nothing tells.
    pub fn offset(&self) -> Option<u64> {
        u64::try_from(self.inner.position()).ok()
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Its bytes; none of a packet that only says something. Once its demuxer skims, not all of them.
    pub fn data(&self) -> &[u8] {
        self.front.as_deref().or_else(|| self.inner.data()).unwrap_or_default()
    }

    /// The cue settings of a packet of WebVTT.
    pub fn cue_settings(&self) -> String {
        use ffmpeg_next::codec::packet::side_data::Type;
        let settings = self.inner.side_data().find(|data| data.kind() == Type::WebVTTSettings);
        settings.map_or_else(String::new, |data| String::from_utf8_lossy(data.data()).into_owned())
    }

    /// Encrypted, with nothing here that could decrypt it.
    pub fn is_encrypted(&self) -> bool {
        use ffmpeg_next::codec::packet::side_data::Type;
        self.inner.side_data().any(|data| data.kind() == Type::EncryptionInfo)
    }

    /// What a decoder must know from this packet on, where the container says it anew.
    pub fn new_config(&self) -> Option<Vec<u8>> {
        use ffmpeg_next::codec::packet::side_data::Type;
        let said = self.inner.side_data().find(|data| data.kind() == Type::NewExtraData);
        said.map(|data| data.data().to_vec())
    }

    /// A decoder can start here.
    pub fn is_key(&self) -> bool {
        self.inner.is_key()
    }

    /// Decoded but not shown (outside the edit list).
    pub fn is_discarded(&self) -> bool {
        raw::is_discarded(&self.inner)
    }

    /// PCM samples at the start of this packet that are not presented (priming).
    pub fn skipped_samples(&self) -> u32 {
        let skip =
            self.inner.side_data().find(|d| d.kind() == ffmpeg_next::codec::packet::side_data::Type::SkipSamples);
        skip.and_then(|d| d.data().get(..4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))).unwrap_or(0)
    }

    /// Another packet of the same bytes.
    pub fn share(&self) -> Self {
        Self { inner: self.inner.clone(), front: self.front.clone(), ..*self }
    }

    /// Moves the packet by `us` microseconds.
    pub fn shift(&mut self, us: i64) {
        let (num, den) = (i128::from(self.time_base.numerator()), i128::from(self.time_base.denominator()));
        let ticks = if num == 0 { 0 } else { (i128::from(us) * den / (num * 1_000_000)) as i64 };
        self.inner.set_pts(self.inner.pts().map(|t| t.saturating_add(ticks)));
        self.inner.set_dts(self.inner.dts().map(|t| t.saturating_add(ticks)));
    }
}
