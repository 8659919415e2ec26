//! What happens, in the text format of Prometheus.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use axum::http::StatusCode;

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
    waiting: AtomicU64,
    disk_tasks: AtomicU64,
    disk_bytes: AtomicU64,
    disk_given_up: AtomicBool,
    /// Answers by the first digit of their status.
    answers: [AtomicU64; 5],
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
    fn there_is_no_edge_before_the_first_segment() {
        assert!(!Metrics::default().text(5).contains("edge_age"));
    }
}
