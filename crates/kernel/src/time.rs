//! Time: half-open intervals, months, and days in a hub's own zone.
//!
//! Always true: an [`Interval`] excludes its end; a day is a calendar day at the hub, 23 or 25 hours long when the
//! clocks change (R8).

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp, ToSpan,
    civil::Date,
    fmt::temporal::{Pieces, PiecesOffset},
    tz::TimeZone,
};

/// A text or number that is not a time of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The name is not in the IANA database.
    #[error("{0:?} is not a time zone of the IANA database, such as Europe/Prague")]
    UnknownZone(String),
    /// The text is not a month.
    #[error("{0:?} is not a month, such as 2026-11")]
    NotAMonth(String),
    /// The month is outside the accepted years.
    #[error("{0:?} must lie between 2000-01 and 2199-12")]
    FarMonth(String),
    /// The text is not an instant.
    #[error("{0:?} is not an instant, such as 2026-11-02T09:00:00+01:00")]
    NotAnInstant(String),
    /// The zone does not exist, or had another offset at that time.
    #[error("{0:?} names a time zone that does not exist, or that has another offset then")]
    NoSuchZone(String),
    /// The text is not a day.
    #[error("{0:?} is not a day, such as 2026-11-02")]
    NotADay(String),
    /// The end is not after the start.
    #[error("the end must be after the start")]
    EmptyInterval,
}

/// A time zone by its IANA name.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// Returns the IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Returns the zone as the calendar library represents it.
    pub fn tz(&self) -> &TimeZone {
        &self.0
    }

    /// Returns the calendar day of an instant in this zone.
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.0.to_datetime(at).date()
    }

    /// Returns the instant at which a calendar day begins here; if midnight does not exist, the first instant after it.
    /// Days at the ends of the calendar begin at the first and the last representable instant.
    pub fn start_of(&self, day: Date) -> Timestamp {
        let beyond = if day.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
        day.to_zoned(self.0.clone()).map_or(beyond, |zoned| zoned.timestamp())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
impl FromStr for Zone {
    type Err = TimeError;
    fn from_str(name: &str) -> Result<Self, TimeError> {
        TimeZone::get(name).map(Self).map_err(|_unknown| TimeError::UnknownZone(name.into()))
    }
}
impl serde::Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
impl<'de> serde::Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The largest offset from UTC in RFC 3339 is a minute less than a day.
const OFFSET_END_SECONDS: i32 = 24 * 60 * 60;

/// Parses an instant in RFC 3339, with or without the name of its zone (RFC 9557). The result is truncated to whole
/// microseconds, the precision of the databases: two instants that differ there differ here.
///
/// # Errors
/// Fails if the text is not an instant, or its zone does not exist or had another offset at that time.
pub fn read_instant(text: &str) -> Result<Timestamp, TimeError> {
    let not_an_instant = || TimeError::NotAnInstant(text.into());
    let no_such_zone = || TimeError::NoSuchZone(text.into());
    let pieces = Pieces::parse(text).map_err(|_bad| not_an_instant())?;
    let at: Timestamp = text.parse().map_err(|_bad| not_an_instant())?;
    let is_offset = |seconds: i32| (1 - OFFSET_END_SECONDS..OFFSET_END_SECONDS).contains(&seconds);
    if !pieces.to_numeric_offset().is_some_and(|offset| is_offset(offset.seconds())) {
        return Err(not_an_instant());
    }
    if let Some(annotation) = pieces.time_zone_annotation() {
        let zone = annotation.to_time_zone().map_err(|_unknown| no_such_zone())?;
        let there = zone.to_offset(at).seconds();
        let is_known_only_to_be_utc =
            pieces.offset().is_some_and(|offset| matches!(offset, PiecesOffset::Zulu));
        let fits =
            is_known_only_to_be_utc || pieces.to_numeric_offset().is_some_and(|it| it.seconds() == there);
        if !fits || !is_offset(there) {
            return Err(no_such_zone());
        }
    }
    Ok(to_the_microsecond(at))
}

/// Truncates an instant to the precision of the databases: the last whole microsecond not after it.
pub fn to_the_microsecond(at: Timestamp) -> Timestamp {
    let micros = at.as_nanosecond().div_euclid(1_000);
    let micros = i64::try_from(micros).unwrap_or(i64::MIN);
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MIN)
}

/// Parses a day in the form `2026-11-02`.
///
/// # Errors
/// Fails if the text is not a day.
pub fn read_date(text: &str) -> Result<Date, TimeError> {
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    day.ok_or_else(|| TimeError::NotADay(text.into()))
}

/// A period of time `[from, until)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    from: Timestamp,
    until: Timestamp,
}

impl Interval {
    /// Makes a period; it may be empty, but not backward.
    ///
    /// # Errors
    /// Fails if `until` is before `from`.
    pub fn new(from: Timestamp, until: Timestamp) -> Result<Self, TimeError> {
        if until < from { Err(TimeError::EmptyInterval) } else { Ok(Self { from, until }) }
    }

    /// Returns the first instant.
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// Returns the first instant after the period.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Returns the length in whole seconds, rounded down.
    pub fn seconds(&self) -> i64 {
        (self.until.as_microsecond() - self.from.as_microsecond()).div_euclid(1_000_000)
    }

    /// Splits the period at every midnight of a zone: the billing days it touches, in order (R8).
    pub fn cut_by_day(&self, zone: &Zone) -> Vec<(Date, Interval)> {
        let mut pieces = Vec::new();
        let mut from = self.from;
        loop {
            let day = zone.day_of(from);
            let next = day.tomorrow().map_or(Timestamp::MAX, |tomorrow| zone.start_of(tomorrow));
            let until = next.min(self.until);
            pieces.push((day, Interval { from, until }));
            if until >= self.until || until <= from {
                return pieces;
            }
            from = until;
        }
    }
}

/// A calendar month, `2026-11`.
///
/// Parsed from input ([`FromStr`]), it lies within [`Month::FIRST_YEAR`] and [`Month::LAST_YEAR`]; read from stored
/// data ([`Month::recorded`], serde), it may be any.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Date);

impl Month {
    /// The first accepted year; no hub existed before.
    pub const FIRST_YEAR: i16 = 2000;
    /// The last accepted year; nobody plans further.
    pub const LAST_YEAR: i16 = 2199;

    /// Returns whether a day lies in a month that input may name.
    pub fn has_in_reach(day: Date) -> bool {
        (Self::FIRST_YEAR..=Self::LAST_YEAR).contains(&day.year())
    }

    /// Parses the month of a row or an event, of any year.
    ///
    /// # Errors
    /// Fails if the text is not a month.
    pub fn recorded(text: &str) -> Result<Self, TimeError> {
        let not_a_month = || TimeError::NotAMonth(text.into());
        let well_formed = text.len() == 7 && text.as_bytes().get(4) == Some(&b'-');
        if !well_formed {
            return Err(not_a_month());
        }
        let first = format!("{text}-01").parse::<Date>().map_err(|_bad| not_a_month())?;
        // The last representable month has no end.
        first.checked_add(1.month()).map(|_next| Self(first)).map_err(|_bad| not_a_month())
    }

    /// Returns the month of a day.
    pub fn of(day: Date) -> Self {
        Self(day.first_of_month())
    }

    /// Returns the first day.
    pub fn first_day(self) -> Date {
        self.0
    }

    /// Returns the next month.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.checked_add(1.month()).unwrap_or(Date::MAX).first_of_month())
    }

    /// Returns the month as a period in a zone.
    pub fn interval(self, zone: &Zone) -> Interval {
        Interval { from: zone.start_of(self.0), until: zone.start_of(self.next().0) }
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}
impl FromStr for Month {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let month = Self::recorded(text)?;
        if Self::has_in_reach(month.0) { Ok(month) } else { Err(TimeError::FarMonth(text.into())) }
    }
}
impl serde::Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::recorded(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prague() -> Zone {
        "Europe/Prague".parse().expect("a zone")
    }

    #[test]
    fn an_instant_is_read_with_any_offset_and_with_the_zone_that_has_it_then() {
        let nine = "2026-11-02T08:00:00Z".parse::<Timestamp>();
        for text in [
            "2026-11-02T08:00:00Z",
            "2026-11-02T09:00:00+01:00",
            "2026-11-02T09:00:00+01:00[Europe/Prague]",
            "2026-11-02T08:00:00Z[Europe/Prague]",
            "2026-11-02T08:00:00.0000009Z",
        ] {
            assert_eq!(read_instant(text).ok(), nine.as_ref().ok().copied(), "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_or_names_a_zone_that_is_not_there_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-11-02",
            "2026-11-02T08:00:00",
            "2026-11-02T08:00:00+25:00",
            "2026-11-02T08:00:00-24:00",
            "2026-02-30T08:00:00Z",
            "2026-11-02T08:00:00+01:00[Europe/Prague",
        ] {
            assert_eq!(read_instant(text), Err(TimeError::NotAnInstant(text.into())));
        }
        for text in [
            "2026-11-02T08:00:00Z[America/Nowhere]",
            "2026-11-02T09:00:00+01:00[Nowhere]",
            "2026-11-02T09:00:00+02:00[Europe/Prague]",
            "2026-11-02T08:00:00Z[+25:00]",
        ] {
            assert!(read_instant(text).is_err(), "{text}");
        }
    }

    proptest! {
        /// A parsed instant has the precision of the databases: whole microseconds, never later than the text.
        #[test]
        fn an_instant_is_cut_to_the_microsecond(seconds in -62_000_000_000_i64..250_000_000_000, nanos in 0_i32..1_000_000_000) {
            let written = Timestamp::new(seconds, nanos).expect("an instant");
            let read = read_instant(&written.to_string()).expect("an instant");
            prop_assert_eq!(read.as_nanosecond().rem_euclid(1_000), 0);
            let cut = written.as_nanosecond() - read.as_nanosecond();
            prop_assert!((0..1_000).contains(&cut), "{} was cut by {}", written, cut);
            prop_assert_eq!(read_instant(&read.to_string()), Ok(read));
        }

        /// Every text is parsed or refused, and a parsed instant with a zone is valid there.
        #[test]
        fn an_annotated_instant_is_one_of_its_zone(hours in -40_i8..40, zone in "(Europe/Prague|Asia/Kolkata|Europe/Pragu|UTC|Z)") {
            let text = format!("2026-11-02T09:00:00{}{:02}:00[{zone}]", if hours < 0 { '-' } else { '+' }, hours.abs());
            if let Ok(read) = read_instant(&text) {
                let there: Zone = zone.parse().expect("a zone");
                let offset = there.tz().to_offset(read);
                prop_assert_eq!(offset.seconds(), i32::from(hours) * 3_600);
            }
        }
    }

    #[test]
    fn the_day_the_clocks_go_back_has_twenty_five_hours() {
        let day: Date = "2026-10-25".parse().expect("a date");
        let zone = prague();
        let whole = Interval::new(zone.start_of(day), zone.start_of(day.tomorrow().expect("a date")))
            .expect("forward");
        assert_eq!(whole.seconds(), 25 * 3600);
        assert_eq!(whole.cut_by_day(&zone).len(), 1);
    }

    #[test]
    fn a_month_is_read_strictly() {
        assert_eq!("2026-02".parse::<Month>().map(|month| month.next().to_string()), Ok("2026-03".into()));
        for bad in ["2026-13", "2026-1", "26-01", "2026/01", "", "2026-01-01", "abcd-ef"] {
            assert!(bad.parse::<Month>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_month_nobody_means_does_not_come_in_but_can_be_read_where_it_was_written() {
        for far in ["0000-01", "0001-01", "1900-01", "1999-12", "2200-01", "9999-11"] {
            assert_eq!(far.parse::<Month>(), Err(TimeError::FarMonth(far.into())));
            assert_eq!(Month::recorded(far).map(|month| month.to_string()), Ok(far.into()));
        }
        for near in ["2000-01", "2199-12"] {
            assert!(near.parse::<Month>().is_ok(), "{near}");
        }
    }

    proptest! {
        #[test]
        fn the_days_of_a_stretch_add_up_to_it(start in 1_700_000_000_i64..1_900_000_000, seconds in 0_i64..1_000_000) {
            let from = Timestamp::from_second(start).expect("in range");
            let whole = Interval::new(from, Timestamp::from_second(start + seconds).expect("in range")).expect("forward");
            let pieces = whole.cut_by_day(&prague());
            prop_assert_eq!(pieces.iter().map(|(_, piece)| piece.seconds()).sum::<i64>(), seconds);
            prop_assert!(pieces.windows(2).all(|pair| pair[0].1.until() == pair[1].1.from() && pair[0].0 < pair[1].0));
        }
    }
}
