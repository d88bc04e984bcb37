//! How long things took.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use super::Exposition;

/// Upper bounds in microseconds, and as the text writes them in seconds.
const BOUNDS: [(u64, &str); 13] = [
    (100, "0.0001"),
    (250, "0.00025"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (30_000_000, "30"),
];

/// A histogram of durations. Recording takes no lock.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    /// One for every bound, and one for what is beyond the last.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    sum_micros: AtomicU64,
}

impl Histogram {
    /// Counts one duration.
    pub(crate) fn record(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let at = BOUNDS.partition_point(|(bound, _)| *bound < micros);
        self.buckets[at].fetch_add(1, Ordering::Relaxed);
        self.sum_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// True when nothing was recorded.
    pub(crate) fn is_empty(&self) -> bool {
        self.buckets.iter().all(|bucket| bucket.load(Ordering::Relaxed) == 0)
    }

    /// Writes the samples of the family `name` with one label.
    pub(crate) fn write(&self, out: &mut Exposition, name: &str, label: (&str, &str)) {
        let bucket_name = format!("{name}_bucket");
        let mut count = 0;
        for (bucket, bound) in self.buckets.iter().zip(BOUNDS.iter().map(|(_, text)| *text).chain(["+Inf"])) {
            count += bucket.load(Ordering::Relaxed);
            out.sample(&bucket_name, &[label, ("le", bound)], count);
        }
        let sum = Duration::from_micros(self.sum_micros.load(Ordering::Relaxed)).as_secs_f64();
        out.sample(&format!("{name}_sum"), &[label], sum);
        out.sample(&format!("{name}_count"), &[label], count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_bounds_belong_to_the_lower_one() {
        let histogram = Histogram::default();
        assert!(histogram.is_empty());
        for micros in [1, 100, 101, 1_000_000, 31_000_000] {
            histogram.record(Duration::from_micros(micros));
        }
        let mut out = Exposition::default();
        histogram.write(&mut out, "t", ("route", "/x"));
        let text = out.finish();
        let value = |le: &str| {
            let start = format!("t_bucket{{route=\"/x\",le=\"{le}\"}} ");
            text.lines().find_map(|line| line.strip_prefix(&start)).unwrap().to_owned()
        };
        assert_eq!(value("0.0001"), "2");
        assert_eq!(value("0.00025"), "3");
        assert_eq!(value("1"), "4");
        assert_eq!(value("30"), "4");
        assert_eq!(value("+Inf"), "5");
        assert!(text.contains("t_sum{route=\"/x\"} 32.000202\n"), "{text}");
        assert!(text.contains("t_count{route=\"/x\"} 5\n"));
    }

    #[test]
    fn bounds_agree_with_their_texts() {
        for (micros, text) in BOUNDS {
            assert_eq!(text.parse::<f64>().unwrap(), micros as f64 / 1e6);
        }
        assert!(BOUNDS.is_sorted());
    }
}
