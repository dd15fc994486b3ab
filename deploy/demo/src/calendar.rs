//! Public holidays on which a hub stays closed, and how quiet a season is.

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Czech public holidays.
pub(crate) fn czech_holiday(day: Date) -> bool {
    const FIXED: [(i8, i8); 11] =
        [(1, 1), (5, 1), (5, 8), (7, 5), (7, 6), (9, 28), (10, 28), (11, 17), (12, 24), (12, 25), (12, 26)];
    FIXED.contains(&(day.month(), day.day())) || is_easter_plus(day, &[-2, 1])
}

/// Polish public holidays.
pub(crate) fn polish_holiday(day: Date) -> bool {
    const FIXED: [(i8, i8); 10] =
        [(1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 24), (12, 25), (12, 26)];
    FIXED.contains(&(day.month(), day.day())) || is_easter_plus(day, &[0, 1, 49, 60])
}

/// Ukrainian days off at the library; most public holidays are working days under martial law.
pub(crate) fn ukrainian_day_off(day: Date) -> bool {
    [(1, 1), (12, 25)].contains(&(day.month(), day.day()))
}

/// How many visitors a day draws, compared with a thousand on an ordinary one.
pub(crate) fn season_permille(day: Date) -> i64 {
    match (day.month(), day.day()) {
        (12, 20..) | (1, ..=6) => 550,
        (7 | 8, _) => 780,
        _ => 1000,
    }
}

fn is_easter_plus(day: Date, offsets_days: &[i32]) -> bool {
    let easter = easter_sunday(day.year());
    offsets_days.iter().any(|offset| easter.checked_add(offset.days()).is_ok_and(|it| it == day))
}

/// Western Easter, by the anonymous Gregorian computus.
fn easter_sunday(year: i16) -> Date {
    let whole_year = i32::from(year);
    let (golden, century, rest) = (whole_year % 19, whole_year / 100, whole_year % 100);
    let moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7;
    let shift = (golden + 11 * moon + 22 * weekday) / 451;
    let days_after_march_21 = moon + weekday - 7 * shift + 1;
    date(year, 3, 21).saturating_add(days_after_march_21.days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_where_the_church_put_it() {
        assert_eq!(easter_sunday(2025), date(2025, 4, 20));
        assert_eq!(easter_sunday(2026), date(2026, 4, 5));
        assert_eq!(easter_sunday(2027), date(2027, 3, 28));
    }

    #[test]
    fn corpus_christi_is_a_holiday_in_poland_only() {
        assert!(polish_holiday(date(2026, 6, 4)));
        assert!(!czech_holiday(date(2026, 6, 4)));
    }

    #[test]
    fn good_friday_is_a_holiday_in_the_czech_republic_only() {
        assert!(czech_holiday(date(2026, 4, 3)));
        assert!(!polish_holiday(date(2026, 4, 3)));
    }
}
