//! Bit rates, computed again from sizes and lengths, straight from the definitions.

/// The size in bytes and the length in seconds of consecutive pieces of media.
pub type Load = Vec<(u64, f64)>;

fn total(load: &[(u64, f64)]) -> (f64, f64) {
    load.iter().fold((0.0, 0.0), |(bits, seconds), (b, s)| (bits + 8.0 * *b as f64, seconds + s))
}

/// Bits over seconds of everything: AVERAGE-BANDWIDTH (RFC 8216bis § 4.4.6.2).
pub fn average(load: &[(u64, f64)]) -> f64 {
    let (bits, seconds) = total(load);
    bits / seconds
}

/// The peak segment bit rate (RFC 8216bis § 4.1): the largest rate of any contiguous run that lasts
/// between 0.5 and 1.5 times the target duration; the average when there is no such run.
pub fn peak(load: &[(u64, f64)], target: u64) -> f64 {
    let target = target as f64;
    let mut peak: Option<f64> = None;
    for from in 0..load.len() {
        for to in from + 1..=load.len() {
            let (bits, seconds) = total(&load[from..to]);
            // A tick of rounding on either side of the window.
            if seconds >= 0.5 * target - 1e-6 && seconds <= 1.5 * target + 1e-6 {
                peak = Some(peak.map_or(bits / seconds, |p| p.max(bits / seconds)));
            }
        }
    }
    peak.unwrap_or_else(|| average(load))
}

/// The lowest rate at which a client that starts at any piece and plays after `buffer` seconds never
/// waits (Representation@bandwidth, ISO/IEC 23009-1 § 5.3.5.2), and at least the average.
pub fn sustained(load: &[(u64, f64)], buffer: f64) -> f64 {
    let mut rate = average(load);
    for from in 0..load.len() {
        let (mut bits, mut played) = (0.0, 0.0);
        for (bytes, seconds) in &load[from..] {
            bits += 8.0 * *bytes as f64;
            rate = rate.max(bits / (buffer + played));
            played += seconds;
        }
    }
    rate
}

/// Whether a declared rate is the measured one, up to rounding.
pub fn agrees(declared: u64, measured: f64) -> bool {
    (declared as f64 - measured).abs() <= 2.0 + measured * 1e-3
}
