//! Period: the month a charge is settled in.
//!
//! Always true (R14): a closed month never changes; late charges go to the first open month after it.

use std::collections::BTreeSet;

use kernel::Month;

/// The settled months of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClosedMonths(BTreeSet<Month>);

impl ClosedMonths {
    /// Returns the month itself if it is open, else the first open one after it.
    pub fn first_open(&self, month: Month) -> Month {
        let mut open = month;
        while self.0.contains(&open) {
            open = open.next();
        }
        open
    }

    /// Marks a month as settled.
    pub fn close(&mut self, month: Month) {
        self.0.insert(month);
    }
}

impl FromIterator<Month> for ClosedMonths {
    fn from_iter<I: IntoIterator<Item = Month>>(months: I) -> Self {
        Self(months.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_visit_goes_to_the_first_open_month() {
        let month = |text: &str| text.parse::<Month>().expect("a month");
        let closed: ClosedMonths = ["2026-09", "2026-10", "2026-12"].map(month).into_iter().collect();
        assert_eq!(closed.first_open(month("2026-09")), month("2026-11"));
        assert_eq!(closed.first_open(month("2026-11")), month("2026-11"));
        assert_eq!(closed.first_open(month("2026-12")), month("2027-01"));
    }
}
