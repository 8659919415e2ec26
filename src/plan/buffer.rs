//! The decoder's buffer (VBV, ITU-T H.264 annex C) across shards that are encoded apart. Its fullness is
//! counted in seconds of the rung's bit rate.
//!
//! An encoder is told of a smaller buffer that fills more slowly than the promised one does. As long as the
//! promised buffer stands at least as high above empty as the encoder's when a shard begins, it keeps doing
//! so, and gains on it: by [`HEADROOM`] for each second in which neither is full, more when only the
//! encoder's is. Only where the promised one is full does it gain nothing, and then it stands higher by the
//! difference of their sizes at least. So however the shard before spent its bits, to its last picture,
//! [`after`] is left.

/// An encoder reckons with a filling of the buffer that is so much slower than what the plan promises, in
/// bit rates of the rung.
pub(super) const HEADROOM: f64 = 0.1;
/// Size of the decoder's buffer, which the plan promises to suffice.
pub(super) const BUFFER_S: f64 = 1.5;
/// Size of the buffer that encoders are told of.
pub(super) const ENCODER_BUFFER_S: f64 = 1.0;
/// How full the encoder's buffer is when a programme begins: x264's own default.
pub(super) const FIRST: f64 = 0.9;

/// How full the encoder's buffer may be taken to be when a shard begins behind one of so many seconds, as a
/// part of its size.
pub(super) fn after(seconds: f64) -> f64 {
    (HEADROOM * seconds).min(BUFFER_S - ENCODER_BUFFER_S) / ENCODER_BUFFER_S
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two leaky buckets side by side: what a shard finds is there, whatever the shards before it did.
    #[test]
    fn the_promised_buffer_never_stands_below_the_encoders() {
        const STEP_S: f64 = 0.04;
        let shards = [12.0, 5.0, 5.0, 24.0, 12.0];
        // Nothing is spent until so long before a shard's end; then all that the encoder's buffer has.
        for calm in [0.0, 0.5, 1.0, 1.5, 3.0, 30.0] {
            let (mut promised, mut before) = (FIRST * BUFFER_S, None);
            for seconds in shards {
                let mut encoder = before.map_or(FIRST, after) * ENCODER_BUFFER_S;
                assert!(promised >= encoder - 1e-9, "{promised} < {encoder} with {calm}");
                for step in 0..(seconds / STEP_S) as u32 {
                    let left = seconds - f64::from(step) * STEP_S;
                    let spent = if left <= calm { encoder } else { 0.0 };
                    encoder = (encoder - spent + STEP_S).min(ENCODER_BUFFER_S);
                    promised -= spent;
                    assert!(promised >= -1e-9, "{promised} with {calm}");
                    promised = (promised + STEP_S * (1.0 + HEADROOM)).min(BUFFER_S);
                }
                before = Some(seconds);
            }
        }
    }
}
