//! Periods: the days or months of a query, `[from, until)`.
//!
//! Always true: at least one and at most [`Periods::MOST`] periods, so that the result is bounded; a period begins on
//! its first day.

use jiff::{ToSpan, civil::Date};
use kernel::{InvalidInput, Month};

/// The kind of period that figures are summed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetricsPeriod {
    /// Calendar days.
    Day,
    /// Calendar months.
    Month,
}

/// Consecutive days or months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Periods {
    by: MetricsPeriod,
    from: Date,
    until: Date,
}

impl Periods {
    /// The maximum number of periods in one query.
    pub const MOST: usize = 400;

    /// Parses periods as clients write them: days as `2026-11-02`, months as `2026-11`.
    ///
    /// # Errors
    /// Fails if a bound is not such a period, `until` is not after `from`, or there are too many periods.
    pub fn parse(by: MetricsPeriod, from: &str, until: &str) -> Result<Self, InvalidInput> {
        let periods = Self { by, from: first_day("from", by, from)?, until: first_day("until", by, until)? };
        if periods.until <= periods.from {
            return Err(InvalidInput::new("until", "must be after from"));
        }
        if periods.first_days().nth(Self::MOST).is_some() {
            return Err(InvalidInput::new(
                "until",
                format!("must be at most {} periods after from", Self::MOST),
            ));
        }
        Ok(periods)
    }

    /// Returns the kind of period.
    pub fn by(&self) -> MetricsPeriod {
        self.by
    }

    /// Returns the first day of the first period.
    pub fn from(&self) -> Date {
        self.from
    }

    /// Returns the first day after the last period.
    pub fn until(&self) -> Date {
        self.until
    }

    /// Returns the first day of each period, in order.
    pub fn first_days(&self) -> impl Iterator<Item = Date> + use<> {
        let Self { by, from, until } = *self;
        let next = move |day: &Date| match by {
            MetricsPeriod::Day => day.tomorrow().ok(),
            MetricsPeriod::Month => day.checked_add(1.month()).ok(),
        };
        std::iter::successors(Some(from), next).take_while(move |day| *day < until)
    }

    /// Returns a period as clients write it.
    pub fn label(&self, first_day: Date) -> String {
        match self.by {
            MetricsPeriod::Day => first_day.to_string(),
            MetricsPeriod::Month => Month::of(first_day).to_string(),
        }
    }
}

fn first_day(field: &'static str, by: MetricsPeriod, text: &str) -> Result<Date, InvalidInput> {
    match by {
        MetricsPeriod::Day => text
            .parse::<Date>()
            .ok()
            .filter(|day| day.to_string() == text && Month::has_in_reach(*day))
            .ok_or_else(|| InvalidInput::new(field, "must be a day, such as 2026-11-02")),
        MetricsPeriod::Month => text
            .parse::<Month>()
            .map(Month::first_day)
            .map_err(|_not_a_month| InvalidInput::new(field, "must be a month, such as 2026-11")),
    }
}

#[cfg(test)]
mod tests {
    use super::{MetricsPeriod::*, *};

    fn labels(by: MetricsPeriod, from: &str, until: &str) -> Result<Vec<String>, String> {
        let periods = Periods::parse(by, from, until).map_err(|refused| refused.field.into_owned())?;
        Ok(periods.first_days().map(|day| periods.label(day)).collect())
    }

    #[test]
    fn periods_exclude_their_end() {
        let months = ["2026-11", "2026-12", "2027-01"].map(String::from).to_vec();
        assert_eq!(labels(Month, "2026-11", "2027-02"), Ok(months));
        assert_eq!(
            labels(Day, "2026-02-28", "2026-03-02"),
            Ok(vec!["2026-02-28".into(), "2026-03-01".into()])
        );
    }

    #[test]
    fn a_bound_that_is_no_period_is_refused_by_name() {
        assert_eq!(labels(Day, "2026-11", "2026-12-01"), Err("from".into()));
        assert_eq!(labels(Day, "2026-11-01T00:00", "2026-12-01"), Err("from".into()));
        assert_eq!(labels(Month, "2026-11", "2026-12-01"), Err("until".into()));
        assert_eq!(labels(Month, "2026-11", "2026-11"), Err("until".into()));
        assert_eq!(labels(Month, "2026-11", "2026-10"), Err("until".into()));
    }

    #[test]
    fn a_period_nobody_means_is_refused_by_name() {
        for far in ["0000-01", "1900-01", "9999-11"] {
            assert_eq!(labels(Month, far, "2026-11"), Err("from".into()), "{far}");
            assert_eq!(labels(Month, "2026-11", far), Err("until".into()), "{far}");
        }
        assert_eq!(labels(Day, "1900-01-01", "1900-01-02"), Err("from".into()));
        assert_eq!(labels(Day, "2026-11-01", "9999-12-31"), Err("until".into()));
    }

    #[test]
    fn four_hundred_periods_are_the_most() {
        assert_eq!(labels(Day, "2026-01-01", "2027-02-05").map(|days| days.len()), Ok(400));
        assert_eq!(labels(Day, "2026-01-01", "2027-02-06"), Err("until".into()));
        assert_eq!(labels(Month, "2000-01", "2199-12"), Err("until".into()));
    }
}
