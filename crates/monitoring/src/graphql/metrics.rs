//! `Metrics` in the graph.

use async_graphql::{Enum, Error, SimpleObject};
use graph::{SafeInt, coded};

use crate::{Figures, MonitoringError, Periods};

/// What figures are added up by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "crate::MetricsPeriod")]
pub enum MetricsPeriod {
    /// Calendar days, written as `2026-11-02`.
    Day,
    /// Calendar months, written as `2026-11`.
    Month,
}

/// Figures about visits, period by period: the arrays have one entry for each period, in the same order.
#[derive(SimpleObject, Clone, Debug)]
pub struct Metrics {
    /// What the figures are added up by.
    by: MetricsPeriod,
    /// The first period.
    from: String,
    /// The first period after the last one.
    until: String,
    /// The periods, those without visits included.
    periods: Vec<String>,
    /// How many visits began.
    visits: Vec<SafeInt>,
    /// How many whole minutes those visits lasted; open ones have none yet.
    minutes: Vec<SafeInt>,
    /// How many of the visits were by members of another hub.
    roaming_visits: Vec<SafeInt>,
    /// How many of the minutes were by members of another hub.
    roaming_minutes: Vec<SafeInt>,
}

impl From<crate::Metrics> for Metrics {
    fn from(metrics: crate::Metrics) -> Self {
        let periods = metrics.periods;
        let array = |figure: fn(&Figures) -> i64| {
            metrics.figures.iter().map(|figures| figure(figures).into()).collect()
        };
        Self {
            by: periods.by().into(),
            from: periods.label(periods.from()),
            until: periods.label(periods.until()),
            periods: periods.first_days().map(|day| periods.label(day)).collect(),
            visits: array(|figures| figures.visits),
            minutes: array(|figures| figures.minutes),
            roaming_visits: array(|figures| figures.roaming_visits),
            roaming_minutes: array(|figures| figures.roaming_minutes),
        }
    }
}

/// Reads what was asked for.
pub(super) fn periods(by: MetricsPeriod, from: &str, until: &str) -> Result<Periods, Error> {
    Periods::parse(by.into(), from, until).map_err(|invalid| coded(MonitoringError::from(invalid)))
}
