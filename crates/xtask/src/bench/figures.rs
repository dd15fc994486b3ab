//! The figures: the measurement of each round beside its baseline, and the table of medians.
#![expect(clippy::float_arithmetic, reason = "figures are measurements, not money")]

use std::fmt;
use std::time::Duration;

/// The identity of a figure. Equal values are rounds of one figure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figure {
    /// The measured quantity, with the shape.
    pub(super) what: &'static str,
    /// Its unit.
    pub(super) unit: &'static str,
    /// Its baseline.
    pub(super) against: &'static str,
    /// Its target.
    pub(super) goal: &'static str,
}

/// All figures of a run, in the order they were first recorded.
#[derive(Debug, Default)]
pub(super) struct Figures(Vec<(Figure, Vec<Round>)>);

#[derive(Debug, Clone, Copy)]
struct Round {
    measured: f64,
    baseline: Option<f64>,
}

impl Figures {
    /// Records one round of a figure.
    pub(super) fn record(&mut self, figure: Figure, measured: f64, baseline: impl Into<Option<f64>>) {
        let round = Round { measured, baseline: baseline.into() };
        match self.0.iter_mut().find(|(known, _)| known.what == figure.what) {
            Some((_, rounds)) => rounds.push(round),
            None => self.0.push((figure, vec![round])),
        }
    }
}

/// Returns a rate from a count and a duration.
pub(super) fn per_second(count: u32, elapsed: Duration) -> f64 {
    f64::from(count) / elapsed.as_secs_f64()
}

/// Returns the time of each of a number of operations, in microseconds.
pub(super) fn micros_each(total: Duration, count: u32) -> f64 {
    micros(total) / f64::from(count)
}

/// A time in microseconds.
pub(super) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A time in milliseconds.
pub(super) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Memory in megabytes.
pub(super) fn megabytes(kib: u32) -> f64 {
    f64::from(kib) * 1024.0 / 1e6
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| figure | here | baseline | ratio | goal |")?;
        write!(f, "| --- | ---: | ---: | ---: | --- |")?;
        for (figure, rounds) in &self.0 {
            let Figure { what, unit, against, goal } = figure;
            let here = number(median(rounds.iter().map(|round| round.measured)));
            let baselines: Vec<f64> = rounds.iter().filter_map(|round| round.baseline).collect();
            let (baseline, ratio) = if baselines.is_empty() {
                (String::new(), String::new())
            } else {
                (format!("{against} {}", number(median(baselines))), ratios(rounds))
            };
            write!(f, "\n| {what} | {here} {unit} | {baseline} | {ratio} | {goal} |")?;
        }
        Ok(())
    }
}

fn ratios(rounds: &[Round]) -> String {
    let ratio = |round: &Round| round.baseline.map(|baseline| round.measured / baseline);
    let mut ratios: Vec<f64> = rounds.iter().filter_map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    match (ratios.first(), ratios.last()) {
        (Some(lowest), Some(highest)) => {
            format!("{:.2}x ({lowest:.2}–{highest:.2})", median(ratios.iter().copied()))
        }
        _ => String::new(),
    }
}

/// Returns the middle value; for an even number of values the lower one of the middle two.
fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

/// Formats three digits: more would exceed the machine's noise.
fn number(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_taken_in_each_round_and_the_median_printed() {
        let figure = Figure { what: "check-ins", unit: "/s", against: "rows", goal: "more" };
        let mut figures = Figures::default();
        for (measured, baseline) in [(50.0, 100.0), (10.0, 100.0), (120.0, 200.0)] {
            figures.record(figure, measured, baseline);
        }
        let table = figures.to_string();
        assert!(table.ends_with("| check-ins | 50.0 /s | rows 100 | 0.50x (0.10–0.60) | more |"), "{table}");
    }

    #[test]
    fn a_figure_without_a_baseline_stands_alone() {
        let figure = Figure { what: "memory", unit: "MB", against: "", goal: "little" };
        let mut figures = Figures::default();
        figures.record(figure, 42.0, None);
        assert!(figures.to_string().ends_with("| memory | 42.0 MB |  |  | little |"));
    }
}
