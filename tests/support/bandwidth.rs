//! Bit rates, computed again from sizes and lengths, straight from the definitions.

/// The size in bytes and the length in seconds of consecutive pieces of media.
pub type Load = Vec<(u64, f64)>;

fn total(load: &[(u64, f64)]) -> (f64, f64) {
    load.iter().fold((0.0, 0.0), |(bits, seconds), (b, s)| (bits + 8.0 * *b as f64, seconds + s))
}

/// Bits over seconds of everything.
fn average(load: &[(u64, f64)]) -> f64 {
    let (bits, seconds) = total(load);
    bits / seconds
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
