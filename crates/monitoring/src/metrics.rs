//! Metrics: the figures of each of some periods. Always true: one entry for each period, in order, zero where nothing
//! was.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::{Figures, Periods};

/// A series of figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// The periods asked for.
    pub periods: Periods,
    /// The figures of each of them.
    pub figures: Vec<Figures>,
}

impl Metrics {
    /// Lines figures up with the periods, by first day.
    pub(crate) fn new(periods: Periods, by_first_day: &HashMap<Date, Figures>) -> Self {
        let figures = |day| by_first_day.get(&day).copied().unwrap_or_default();
        Self { periods, figures: periods.first_days().map(figures).collect() }
    }
}
