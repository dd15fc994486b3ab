//! `Metrics` in the graph.

use async_graphql::{Enum, Error, SimpleObject};
use graph::{Given, SafeInt, Scalar, Shown, coded};
use kernel::TimeError;

use crate::{Figures, MonitoringError, Periods};

/// The kind of period that figures are summed over.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "crate::MetricsPeriod")]
pub enum MetricsPeriod {
    /// Calendar days, written as `2026-11-02`.
    Day,
    /// Calendar months, written as `2026-11`.
    Month,
}

/// Figures about visits by period: each array has one entry per period, in the same order.
#[derive(SimpleObject, Clone, Debug)]
pub struct Metrics {
    /// The kind of period that figures are summed over.
    by: MetricsPeriod,
    /// The first period.
    from: Shown<Period>,
    /// The first period after the last one.
    until: Shown<Period>,
    /// The periods, including those without visits.
    periods: Vec<Shown<Period>>,
    /// The number of visits that began.
    visits: Vec<SafeInt>,
    /// The number of whole minutes those visits lasted; open visits have none yet.
    minutes: Vec<SafeInt>,
    /// The number of visits by members of another hub.
    roaming_visits: Vec<SafeInt>,
    /// The number of minutes of visits by members of another hub.
    roaming_minutes: Vec<SafeInt>,
}

impl From<crate::Metrics> for Metrics {
    fn from(metrics: crate::Metrics) -> Self {
        let periods = metrics.periods;
        let shown = |first_day| Period(periods.label(first_day)).into();
        let array = |figure: fn(&Figures) -> i64| {
            metrics.figures.iter().map(|figures| figure(figures).into()).collect()
        };
        Self {
            by: periods.by().into(),
            from: shown(periods.from()),
            until: shown(periods.until()),
            periods: periods.first_days().map(shown).collect(),
            visits: array(|figures| figures.visits),
            minutes: array(|figures| figures.minutes),
            roaming_visits: array(|figures| figures.roaming_visits),
            roaming_minutes: array(|figures| figures.roaming_minutes),
        }
    }
}

/// A day or a month as text, depending on the kind of period.
#[derive(Clone, Debug)]
pub struct Period(String);

impl Scalar for Period {
    const NAME: &'static str = "Period";
    const DESCRIPTION: &'static str =
        "What figures are added up by: a day, `2026-11-02`, or a month, `2026-11`.";
    const SPECIFICATION: &'static str = "https://www.w3.org/TR/NOTE-datetime";

    fn read(text: &str) -> Result<Self, TimeError> {
        Ok(Self(text.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// Parses the requested periods.
pub(super) fn periods(
    by: MetricsPeriod,
    from: Given<Period>,
    until: Given<Period>,
) -> Result<Periods, Error> {
    let (Period(from), Period(until)) = (from.of("from")?, until.of("until")?);
    Periods::parse(by.into(), &from, &until).map_err(|invalid| coded(MonitoringError::from(invalid)))
}
