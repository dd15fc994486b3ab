//! The period that the logs cover: six full months and the running one, `[from, until)`. It always starts on the
//! first day of a month.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, time};
use jiff::tz::TimeZone;

/// Days with logs, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First day with logs, the first of its month.
    pub from: Date,
    /// First day without logs, usually today.
    pub until: Date,
}

impl Window {
    /// Returns the window that ends before `until`.
    pub fn before(until: Date) -> Self {
        Self { from: until.first_of_month().saturating_sub(6.months()), until }
    }

    /// Returns when the network is founded: the morning before the first day. Nothing in the demo is earlier.
    pub fn founded_at(&self) -> Timestamp {
        let eve = self.from.saturating_sub(1.day());
        TimeZone::UTC
            .to_timestamp(eve.to_datetime(time(6, 0, 0, 0)))
            .expect("civil dates of a demo are within the range of instants")
    }

    /// Every day, in order.
    pub(crate) fn days(self) -> impl Iterator<Item = Date> {
        self.from.series(1.day()).take_while(move |day| *day < self.until)
    }

    /// Returns the number of full months between the start and `day`: 0 in the first month.
    pub(crate) fn month_of(self, day: Date) -> i64 {
        let years = i64::from(day.year()) - i64::from(self.from.year());
        years * 12 + i64::from(day.month()) - i64::from(self.from.month())
    }

    /// Length in days.
    pub(crate) fn length_days(self) -> i64 {
        i64::from((self.until - self.from).get_days())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn window_is_six_full_months_and_the_running_one() {
        let window = Window::before(date(2026, 3, 15));
        assert_eq!(window.from, date(2025, 9, 1));
        assert_eq!(window.month_of(date(2026, 3, 1)), 6);
    }

    #[test]
    fn window_that_ends_on_a_first_has_exactly_six_months() {
        let window = Window::before(date(2026, 3, 1));
        assert_eq!((window.from, window.length_days()), (date(2025, 9, 1), 181));
        assert_eq!(window.days().last(), Some(date(2026, 2, 28)));
    }

    #[test]
    fn network_is_founded_on_the_eve() {
        let window = Window::before(date(2026, 3, 1));
        assert_eq!(window.founded_at().to_string(), "2025-08-31T06:00:00Z");
    }
}
