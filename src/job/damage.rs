//! What is said of a source that could not be read whole.

use crate::event::Warning;
use crate::source::feed::PictureFeed;

/// Of pictures; `what` names those that were read.
pub(super) fn of_pictures(feed: &PictureFeed, what: &str) -> Vec<Warning> {
    let mut warnings = of_packets(feed.refused(), what, "the picture before is shown longer");
    if feed.patched() > 0 {
        let pictures = counted(feed.patched(), "damaged picture");
        let message = format!("{pictures} could be decoded in part only ({what}); what they lack is made up");
        warnings.push(Warning { code: "damaged_input", message });
    }
    if feed.late() > 0 {
        let message = format!("the timestamps step back ({what}); left out: {}", counted(feed.late(), "picture"));
        warnings.push(Warning { code: "late_pictures", message });
    }
    warnings
}

/// Of packets that could not be decoded, and what is played `instead`.
pub(super) fn of_packets(refused: u64, what: &str, instead: &str) -> Vec<Warning> {
    if refused == 0 {
        return Vec::new();
    }
    let message = format!("{} could not be decoded ({what}); {instead}", counted(refused, "packet"));
    vec![Warning { code: "damaged_input", message }]
}

/// `1 packet`, `2 packets`.
fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_packet_is_not_one_packets() {
        assert_eq!([counted(1, "packet"), counted(2, "packet")], ["1 packet", "2 packets"]);
    }
}
