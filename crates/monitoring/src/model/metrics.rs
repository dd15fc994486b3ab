//! Metrics: the figures of consecutive periods. Always true: one entry for each period, in order, zero for a period
//! without visits.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::{Figures, Periods};

/// A series of figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// The requested periods.
    pub periods: Periods,
    /// The figures of each period.
    pub figures: Vec<Figures>,
}

impl Metrics {
    /// Arranges figures by period; the keys are the periods' first days.
    pub(crate) fn new(periods: Periods, by_first_day: &HashMap<Date, Figures>) -> Self {
        let figures = |day| by_first_day.get(&day).copied().unwrap_or_default();
        Self { periods, figures: periods.first_days().map(figures).collect() }
    }
}
