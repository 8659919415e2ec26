//! Bit rates from sizes and lengths, straight from the definitions.

/// The size in bytes and the length in seconds of consecutive pieces of media.
pub(super) type Load = Vec<(u64, f64)>;

/// The most pieces of one window of the peak: far more than fit into 1.5 target durations.
const MOST_PIECES: usize = 4096;

fn bits(bytes: u64) -> f64 {
    8.0 * bytes as f64
}

/// Bits over seconds of everything: AVERAGE-BANDWIDTH (RFC 8216bis § 4.4.6.2).
pub(super) fn average(load: &[(u64, f64)]) -> f64 {
    let (sum, seconds) = load.iter().fold((0.0, 0.0), |(sum, seconds), (b, s)| (sum + bits(*b), seconds + s));
    if seconds > 0.0 { sum / seconds } else { 0.0 }
}

/// The peak segment bit rate (RFC 8216bis § 4.1): the largest rate of any contiguous run that lasts between 0.5 and 1.5
/// times the target duration; the average when there is no such run.
pub(super) fn peak(load: &[(u64, f64)], target: u64) -> f64 {
    // A tick of rounding on either side of the window.
    let (least, most) = (0.5 * target as f64 - 1e-6, 1.5 * target as f64 + 1e-6);
    let mut peak: Option<f64> = None;
    for from in 0..load.len() {
        let (mut sum, mut seconds) = (0.0, 0.0);
        for (bytes, length) in load[from..].iter().take(MOST_PIECES) {
            sum += bits(*bytes);
            seconds += length;
            if seconds > most {
                break;
            }
            if seconds >= least && seconds > 0.0 {
                peak = Some(peak.map_or(sum / seconds, |peak| peak.max(sum / seconds)));
            }
        }
    }
    peak.unwrap_or_else(|| average(load))
}

/// The lowest rate at which a client that starts at any piece and plays after `buffer` seconds never waits
/// (Representation@bandwidth, ISO/IEC 23009-1 § 5.3.5.2), and at least the average.
pub(super) fn sustained(load: &[(u64, f64)], buffer: f64) -> f64 {
    // Delivered bits must stay ahead of played ones: the worst run is found in one pass for a given rate.
    let suffices = |rate: f64| {
        let mut behind = 0.0f64;
        load.iter().all(|(bytes, seconds)| {
            let kept = behind + bits(*bytes) <= rate * buffer;
            behind = (behind + bits(*bytes) - rate * seconds).max(0.0);
            kept
        })
    };
    let mut low = average(load);
    let mut high = load.iter().map(|(bytes, _)| bits(*bytes)).sum::<f64>() / buffer.max(1e-3);
    if suffices(low) || high <= low {
        return low;
    }
    // Halving a range of rates this often leaves less than a bit.
    for _ in 0..64 {
        let middle = 0.5 * (low + high);
        if suffices(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// The rate that brings any run of pieces which lasts no longer than `buffer` seconds within them: as much as a client
/// needs that begins when it has so much of the media itself.
pub(super) fn ahead(load: &[(u64, f64)], buffer: f64) -> f64 {
    let (mut first, mut sum, mut seconds, mut heaviest) = (0, 0.0f64, 0.0f64, 0.0f64);
    for (bytes, length) in load {
        sum += bits(*bytes);
        seconds += length;
        // Times are sums of what is rounded.
        while first < load.len() && seconds > buffer + 1e-6 {
            sum -= bits(load[first].0);
            seconds -= load[first].1;
            first += 1;
        }
        heaviest = heaviest.max(sum);
    }
    heaviest / buffer.max(1e-3)
}

/// How far a declared rate is from the measured one, up to rounding: below 0 when it says too little.
pub(super) fn excess(declared: u64, measured: f64) -> f64 {
    let off = declared as f64 - measured;
    if off.abs() <= 2.0 + measured * 1e-3 { 0.0 } else { off / measured.max(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_of_runs_near_the_target() {
        let load = [(1000, 1.0), (3000, 1.0), (1000, 1.0), (500, 0.2)];
        assert!((peak(&load, 1) - 24_000.0).abs() < 1e-9);
        assert!((peak(&load, 4) - 8.0 * 4500.0 / 2.2).abs() < 1e-9);
        assert!((peak(&load[..1], 10) - 8000.0).abs() < 1e-9, "the average when no run is long enough");
        assert!(average(&[]).abs() < 1e-9 && peak(&[(1, 0.0)], 0).abs() < 1e-9);
    }

    /// The definition, piece by piece.
    fn slow(load: &[(u64, f64)], buffer: f64) -> f64 {
        let mut rate = average(load);
        for from in 0..load.len() {
            let (mut sum, mut played) = (0.0, 0.0);
            for (bytes, seconds) in &load[from..] {
                sum += bits(*bytes);
                rate = rate.max(sum / (buffer + played));
                played += seconds;
            }
        }
        rate
    }

    #[test]
    fn the_sustained_rate_is_the_definition() {
        let load: Vec<(u64, f64)> = (0..40u64).map(|n| (1000 + n * 7919 % 6007, 0.5 + (n % 3) as f64)).collect();
        for buffer in [0.5, 2.0, 6.0, 100.0] {
            assert!((sustained(&load, buffer) - slow(&load, buffer)).abs() < 1e-3, "{buffer}");
        }
    }
}
