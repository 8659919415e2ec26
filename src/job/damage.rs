//! What is said of a source that could not be read whole.

use super::journal::Damage;
use super::scene::{Done, Scene};
use super::stretch;
use crate::event::Warning;
use crate::plan::VideoPlan;

/// Of everything that is done, whichever run did it: first of the pictures, then of the sound, each in the
/// order of the plan.
pub(super) fn warnings(scene: &Scene<'_>, done: &Done) -> Vec<Warning> {
    let pictures = scene.plan.video.iter().flat_map(|video| of_pictures(scene, video, done));
    let sound = scene.plan.audio.iter().filter_map(|rendition| {
        let damage = done.audio.get(&rendition.id)?.damage;
        of_packets(damage, &format!("sound of {}", rendition.id), "the gap is bridged")
    });
    pictures.chain(sound).collect()
}

fn of_pictures(scene: &Scene<'_>, video: &VideoPlan, done: &Done) -> Vec<Warning> {
    let found = video.shards.iter().filter_map(|shard| Some((shard, done.shards.get(&shard.index)?.damage)));
    if stretch::sought(scene, video) {
        return found
            .flat_map(|(shard, damage)| of_stretch(damage, &format!("pictures of {}", stretch::segments(*shard))))
            .collect();
    }
    of_stretch(found.fold(Damage::default(), |sum, (_, damage)| sum.plus(damage)), "pictures")
}

/// Of pictures; `what` names those that were read.
fn of_stretch(damage: Damage, what: &str) -> Vec<Warning> {
    let patched = (damage.patched > 0).then(|| {
        let pictures = counted(damage.patched, "damaged picture");
        let message = format!("{pictures} could be decoded in part only ({what}); what they lack is made up");
        Warning { code: "damaged_input", message }
    });
    let late = (damage.late > 0).then(|| {
        let message = format!("the timestamps step back ({what}); left out: {}", counted(damage.late, "picture"));
        Warning { code: "late_pictures", message }
    });
    let refused = of_packets(damage, what, "the picture before is shown longer");
    [refused, patched, late].into_iter().flatten().collect()
}

/// Of packets that could not be decoded, and what is played `instead`.
fn of_packets(damage: Damage, what: &str, instead: &str) -> Option<Warning> {
    let message = format!("{} could not be decoded ({what}); {instead}", counted(damage.refused, "packet"));
    (damage.refused > 0).then_some(Warning { code: "damaged_input", message })
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

    #[test]
    fn nothing_is_said_of_a_source_that_was_read_whole() {
        assert_eq!(of_stretch(Damage::default(), "pictures"), []);
    }
}
