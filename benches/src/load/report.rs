//! What came of a load.

use std::time::Duration;

/// How long answers took.
#[derive(Clone, Debug, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Notes one.
    pub fn push(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The latency that `share` of all answers (0.99 for the 99th percentile) did not exceed; zero when there are none.
    #[must_use]
    pub fn percentile(&self, share: f64) -> Duration {
        let mut sorted = self.0.clone();
        let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
        if sorted.is_empty() { Duration::ZERO } else { *sorted.select_nth_unstable(at).1 }
    }

    /// Adds those of another connection.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// What came of a load: the latencies of the right answers by kind, and how many answers were wrong.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Latencies, by the kind of the request.
    pub kinds: Vec<Latencies>,
    /// Wrong answers, and connections that broke.
    pub failed: usize,
    /// From the first request to the last answer.
    pub took: Duration,
}

impl Report {
    /// How many answers were right.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.kinds.iter().map(Latencies::len).sum()
    }

    /// Right answers a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.answered() as f64 / self.took.as_secs_f64()
    }

    /// The latencies of all kinds that `wanted` names.
    #[must_use]
    pub fn of(&self, wanted: impl Fn(usize) -> bool) -> Latencies {
        let mut all = Latencies::default();
        self.kinds.iter().enumerate().filter(|(kind, _)| wanted(*kind)).for_each(|(_, some)| all.merge(some.clone()));
        all
    }

    pub(super) fn note(&mut self, kind: usize, took: Duration) {
        if self.kinds.len() <= kind {
            self.kinds.resize_with(kind + 1, Latencies::default);
        }
        self.kinds[kind].push(took);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.failed += other.failed;
        self.took = self.took.max(other.took);
        self.kinds.resize_with(self.kinds.len().max(other.kinds.len()), Latencies::default);
        self.kinds.iter_mut().zip(other.kinds).for_each(|(mine, theirs)| mine.merge(theirs));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_noted() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.percentile(0.5), Duration::ZERO);
        (1..=100).rev().for_each(|millis| latencies.push(Duration::from_millis(millis)));
        assert_eq!(latencies.percentile(0.5), Duration::from_millis(50));
        assert_eq!(latencies.percentile(0.99), Duration::from_millis(99));
        assert_eq!(latencies.percentile(1.0), Duration::from_millis(100));
    }

    #[test]
    fn reports_of_connections_add_up() {
        let mut all = Report::default();
        for kind in [0, 2, 2] {
            let mut one = Report { failed: 1, took: Duration::from_secs(2), ..Report::default() };
            one.note(kind, Duration::from_millis(1));
            all.merge(one);
        }
        assert_eq!((all.answered(), all.failed, all.rate()), (3, 3, 1.5));
        assert_eq!(all.of(|kind| kind == 2).len(), 2);
    }
}
