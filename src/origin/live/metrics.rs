//! What happens, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;

use crate::media::RenditionId;

/// Counters of one live programme.
#[derive(Debug, Default)]
pub struct Metrics {
    packets: AtomicU64,
    bytes: AtomicU64,
    jumps: AtomicU64,
    losses: AtomicU64,
    refused: AtomicU64,
    away: AtomicBool,
    spared: AtomicU64,
    segments: AtomicU64,
    /// The end of the latest segment, in microseconds since 1970; 0 before the first one.
    edge_us: AtomicI64,
    renditions: Mutex<BTreeMap<RenditionId, OfRendition>>,
    /// Where pictures are encoded: how far that is behind the source, in microseconds, and how much faster than their time
    /// it was of late.
    encoding: Mutex<Option<(i64, f64)>>,
    waiting: AtomicU64,
    disk_tasks: AtomicU64,
    disk_bytes: AtomicU64,
    disk_given_up: AtomicBool,
    /// Answers by the first digit of their status.
    answers: [AtomicU64; 5],
}

/// Those of one rendition.
#[derive(Debug, Default)]
struct OfRendition {
    segments: u64,
    parts: u64,
    /// The end of what was offered last, in microseconds since 1970.
    edge_us: Option<i64>,
}

/// Someone waits, until this is dropped.
pub(super) struct Waiting<'m>(&'m AtomicU64);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// A packet of so many bytes came from the source.
    pub fn packet(&self, bytes: usize) {
        self.packets.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Timestamps of the source jumped.
    pub fn jump(&self) {
        self.jumps.fetch_add(1, Ordering::Relaxed);
    }

    /// The source was lost, or is back.
    pub fn connected(&self, connected: bool) {
        self.losses.fetch_add(u64::from(!connected), Ordering::Relaxed);
        self.away.store(!connected, Ordering::Relaxed);
    }

    /// So many publishers were not let in so far.
    pub fn refused(&self, times: u64) {
        self.refused.store(times, Ordering::Relaxed);
    }

    /// So many rungs are spared, because the machine does not keep up.
    pub fn spared(&self, rungs: u64) {
        self.spared.store(rungs, Ordering::Relaxed);
    }

    /// Players are offered one more segment, which ends at this instant, in microseconds since 1970.
    pub fn segment(&self, edge_us: i64) {
        self.segments.fetch_add(1, Ordering::Relaxed);
        self.edge_us.store(edge_us, Ordering::Relaxed);
    }

    /// A segment of a rendition was made.
    pub fn rendition_segment(&self, id: &RenditionId) {
        self.renditions().entry(id.clone()).or_default().segments += 1;
    }

    /// A part of a rendition was made.
    pub fn rendition_part(&self, id: &RenditionId) {
        self.renditions().entry(id.clone()).or_default().parts += 1;
    }

    /// Players are offered a rendition up to this instant, in microseconds since 1970.
    pub fn rendition_edge(&self, id: &RenditionId, edge_us: i64) {
        let mut renditions = self.renditions();
        let edge = &mut renditions.entry(id.clone()).or_default().edge_us;
        *edge = Some(edge.map_or(edge_us, |before| before.max(edge_us)));
    }

    /// The source is so many microseconds ahead of the picture that is encoded, and so many seconds of pictures were
    /// encoded in a second of late.
    pub fn encoding(&self, behind_us: i64, factor: f64) {
        *self.encoding.lock().unwrap_or_else(PoisonError::into_inner) = Some((behind_us.max(0), factor));
    }

    fn renditions(&self) -> MutexGuard<'_, BTreeMap<RenditionId, OfRendition>> {
        self.renditions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many tasks wait for the disk, which hold so many bytes.
    pub fn disk(&self, tasks: u64, bytes: u64) {
        self.disk_tasks.store(tasks, Ordering::Relaxed);
        self.disk_bytes.store(bytes, Ordering::Relaxed);
    }

    /// The disk was given up.
    pub fn disk_given_up(&self) {
        self.disk_given_up.store(true, Ordering::Relaxed);
    }

    pub(super) fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.waiting)
    }

    pub(super) fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        self.answers[class].fetch_add(1, Ordering::Relaxed);
    }

    /// How far the latest segment is behind `now`, in seconds; nothing before the first one.
    pub(super) fn edge_age(&self, now_us: i64) -> Option<f64> {
        let edge = self.edge_us.load(Ordering::Relaxed);
        (edge != 0).then(|| now_us.saturating_sub(edge) as f64 / 1e6)
    }

    /// All of it at `now` (Prometheus, exposition formats, text-based format).
    pub(super) fn text(&self, now_us: i64) -> String {
        let mut text = String::new();
        let mut add = |name: &str, kind: &str, help: &str, values: &[(&str, String)]| {
            let _ = writeln!(text, "# HELP streampack_{name} {help}\n# TYPE streampack_{name} {kind}");
            for (labels, value) in values {
                let _ = writeln!(text, "streampack_{name}{labels} {value}");
            }
        };
        let of = |value: &AtomicU64| value.load(Ordering::Relaxed).to_string();
        let one = |value: &AtomicU64| [("", of(value))];
        add("source_packets_total", "counter", "Packets read from the source.", &one(&self.packets));
        add("source_bytes_total", "counter", "Bytes of these packets.", &one(&self.bytes));
        add("source_jumps_total", "counter", "Jumps of the timestamps of the source.", &one(&self.jumps));
        add("source_losses_total", "counter", "How often the source was lost.", &one(&self.losses));
        add("refused_publishers_total", "counter", "Publishers that were not let in.", &one(&self.refused));
        let connected = u8::from(!self.away.load(Ordering::Relaxed)).to_string();
        add("source_connected", "gauge", "Whether the source is there.", &[("", connected)]);
        add("spared_rungs", "gauge", "Rungs that repeat pictures, for lack of time.", &one(&self.spared));
        add("segments_total", "counter", "Segments that players were offered.", &one(&self.segments));
        if let Some(age) = self.edge_age(now_us) {
            let help = "Time since the end of the latest segment was shown to the encoder.";
            add("edge_age_seconds", "gauge", help, &[("", format!("{age:.3}"))]);
        }
        let renditions = self.renditions();
        let labels: Vec<String> = renditions.keys().map(|id| format!("{{rendition={:?}}}", id.to_string())).collect();
        let of_each = |value: &dyn Fn(&OfRendition) -> Option<String>| -> Vec<(&str, String)> {
            let each = labels.iter().zip(renditions.values());
            each.filter_map(|(label, of)| Some((label.as_str(), value(of)?))).collect()
        };
        if !labels.is_empty() {
            let help = "Segments of a rendition that were made.";
            add("rendition_segments_total", "counter", help, &of_each(&|of| Some(of.segments.to_string())));
            let help = "Parts of a rendition that were made.";
            add("rendition_parts_total", "counter", help, &of_each(&|of| Some(of.parts.to_string())));
            let age = |edge_us: i64| format!("{:.3}", now_us.saturating_sub(edge_us) as f64 / 1e6);
            let help = "Time since the end of what is offered of a rendition was shown to the encoder.";
            add("rendition_edge_age_seconds", "gauge", help, &of_each(&|of| of.edge_us.map(age)));
        }
        if let Some((behind_us, factor)) = *self.encoding.lock().unwrap_or_else(PoisonError::into_inner) {
            let help = "Pictures that have come from the source and wait for the encoders, in seconds.";
            add("encoder_queue_seconds", "gauge", help, &[("", format!("{:.3}", behind_us as f64 / 1e6))]);
            let help = "Seconds of pictures that were encoded in a second of late; 1 keeps up.";
            add("encoder_realtime_factor", "gauge", help, &[("", format!("{factor:.3}"))]);
        }
        add(
            "disk_queue_tasks",
            "gauge",
            "What waits to be written to or removed from the disk.",
            &one(&self.disk_tasks),
        );
        add("disk_queue_bytes", "gauge", "Bytes of memory that this holds.", &one(&self.disk_bytes));
        let given_up = u8::from(self.disk_given_up.load(Ordering::Relaxed)).to_string();
        add("disk_given_up", "gauge", "Whether nothing is written to the disk any more.", &[("", given_up)]);
        let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"].map(|class| format!("{{class=\"{class}\"}}"));
        let answers: Vec<_> = classes.iter().map(String::as_str).zip(self.answers.iter().map(of)).collect();
        add("http_answers_total", "counter", "Answers by the class of their status.", &answers);
        add("http_waiting", "gauge", "Requests that wait for something that is due.", &one(&self.waiting));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::RenditionKind;

    #[test]
    fn counters_are_told_with_their_type() {
        let metrics = Metrics::default();
        metrics.packet(100);
        metrics.packet(50);
        metrics.segment(1_000_000);
        metrics.refused(3);
        metrics.answered(StatusCode::NOT_FOUND);
        let waiting = metrics.wait();
        let text = metrics.text(3_500_000);
        for line in [
            "# TYPE streampack_source_bytes_total counter",
            "streampack_source_packets_total 2",
            "streampack_source_bytes_total 150",
            "streampack_edge_age_seconds 2.500",
            "streampack_source_connected 1",
            "streampack_refused_publishers_total 3",
            "streampack_http_answers_total{class=\"4xx\"} 1",
            "streampack_http_waiting 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
        drop(waiting);
        assert!(metrics.text(0).contains("streampack_http_waiting 0\n"));
    }

    #[test]
    fn each_rendition_has_its_own_and_encoders_and_disk_have_theirs() {
        let metrics = Metrics::default();
        let text = metrics.text(0);
        assert!(!text.contains("rendition_") && !text.contains("encoder_"), "nothing is known yet: {text}");
        let [pictures, sound] = [(RenditionKind::Video, "720p_h264"), (RenditionKind::Audio, "und_aac_128k")]
            .map(|(kind, name)| RenditionId::new(kind, name));
        metrics.rendition_part(&pictures);
        metrics.rendition_part(&pictures);
        metrics.rendition_segment(&pictures);
        metrics.rendition_edge(&pictures, 2_000_000);
        metrics.rendition_edge(&pictures, 1_000_000);
        metrics.rendition_segment(&sound);
        metrics.encoding(1_500_000, 0.987_65);
        metrics.disk(7, 4096);
        metrics.disk_given_up();
        let text = metrics.text(5_000_000);
        for line in [
            "# HELP streampack_rendition_parts_total Parts of a rendition that were made.",
            "# TYPE streampack_rendition_parts_total counter",
            "streampack_rendition_parts_total{rendition=\"video/720p_h264\"} 2",
            "streampack_rendition_parts_total{rendition=\"audio/und_aac_128k\"} 0",
            "streampack_rendition_segments_total{rendition=\"video/720p_h264\"} 1",
            "# TYPE streampack_rendition_edge_age_seconds gauge",
            "streampack_rendition_edge_age_seconds{rendition=\"video/720p_h264\"} 3.000",
            "# TYPE streampack_encoder_queue_seconds gauge",
            "streampack_encoder_queue_seconds 1.500",
            "streampack_encoder_realtime_factor 0.988",
            "# TYPE streampack_disk_queue_bytes gauge",
            "streampack_disk_queue_bytes 4096",
            "streampack_disk_queue_tasks 7",
            "streampack_disk_given_up 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
        assert!(!text.contains("edge_age_seconds{rendition=\"audio"), "nothing of it is offered yet: {text}");
    }

    #[test]
    fn there_is_no_edge_before_the_first_segment() {
        assert!(!Metrics::default().text(5).contains("edge_age"));
    }
}
