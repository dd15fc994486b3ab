//! Measurements, printed as lines of a word and a number.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// Operations of a period, with the duration of each.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// From the first request to the last response.
    pub(crate) elapsed: Duration,
    latencies: Vec<Duration>,
}

impl Measured {
    /// Runs an operation and counts it with its duration.
    pub(crate) async fn count<T>(&mut self, operation: impl Future<Output = T>) -> T {
        let started = Instant::now();
        let outcome = operation.await;
        self.latencies.push(started.elapsed());
        outcome
    }

    /// Counts an operation of a given duration.
    pub(crate) fn add(&mut self, latency: Duration) {
        self.latencies.push(latency);
    }

    /// Adds the counts of another worker of the same period.
    pub(crate) fn join(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        writeln!(f, "operations {}", sorted.len())?;
        writeln!(f, "elapsed_us {}", self.elapsed.as_micros())?;
        writeln!(f, "p50_us {}", percentile(&sorted, 50).as_micros())?;
        write!(f, "p99_us {}", percentile(&sorted, 99).as_micros())
    }
}

/// The nearest rank: the smallest value that is not exceeded by the given percentage of the values.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let hundred: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&hundred, 50), Duration::from_millis(50));
        assert_eq!(percentile(&hundred, 99), Duration::from_millis(99));
        assert_eq!(percentile(&hundred[..1], 99), Duration::from_millis(1));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }
}
