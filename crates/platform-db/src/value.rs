//! Newtypes that carry jiff's time types through sea-orm, which knows only chrono's.
//!
//! Always true: an instant is stored in UTC with microseconds, the finest unit that PostgreSQL keeps.

use chrono::{DateTime, NaiveDate, Utc};
use jiff::{Timestamp, civil::Date};
use sea_orm::{
    ActiveValue, ColIdx, ColumnType, IntoActiveValue, QueryResult, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, Nullable, ValueType, ValueTypeErr},
};

const BEGINNING_OF_YEAR_1_MICROS: i64 = -62_135_596_800_000_000;

/// An instant as a column value (`timestamptz`; ISO text on SQLite).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ts(pub Timestamp);

/// A calendar day as a column value (`date`; ISO text on SQLite).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub Date);

impl From<Ts> for DateTime<Utc> {
    fn from(ts: Ts) -> Self {
        // Both databases hold the years 1 to 9999; no value outside them is meaningful.
        let micros = ts.0.as_microsecond().max(BEGINNING_OF_YEAR_1_MICROS);
        Self::from_timestamp_micros(micros).unwrap_or(Self::MAX_UTC)
    }
}
impl From<DateTime<Utc>> for Ts {
    fn from(at: DateTime<Utc>) -> Self {
        Self(Timestamp::from_microsecond(at.timestamp_micros()).unwrap_or(Timestamp::MAX))
    }
}
impl From<Day> for NaiveDate {
    fn from(day: Day) -> Self {
        let (month, on) = (day.0.month().unsigned_abs(), day.0.day().unsigned_abs());
        Self::from_ymd_opt(day.0.year().into(), month.into(), on.into()).unwrap_or(Self::MAX)
    }
}
impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(date.to_string().parse().unwrap_or(Date::MAX))
    }
}

macro_rules! column_value {
    ($($name:ident as $stored:ty, $column:expr, $array:expr;)*) => {$(
        impl From<$name> for Value {
            fn from(value: $name) -> Self { <$stored>::from(value).into() }
        }
        impl TryGetable for $name {
            fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
                <$stored>::try_get_by(row, index).map(Into::into)
            }
        }
        impl ValueType for $name {
            fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
                <$stored as ValueType>::try_from(value).map(Into::into)
            }
            fn type_name() -> String { stringify!($name).into() }
            fn array_type() -> ArrayType { $array }
            fn column_type() -> ColumnType { $column }
        }
        impl Nullable for $name {
            fn null() -> Value { <$stored as Nullable>::null() }
        }
        impl IntoActiveValue<$name> for $name {
            fn into_active_value(self) -> ActiveValue<$name> { ActiveValue::Set(self) }
        }
    )*};
}

column_value! {
    Ts as DateTime<Utc>, ColumnType::TimestampWithTimeZone, ArrayType::ChronoDateTimeUtc;
    Day as NaiveDate, ColumnType::Date, ArrayType::ChronoDate;
}

impl From<Timestamp> for Ts {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}
impl From<Date> for Day {
    fn from(on: Date) -> Self {
        Self(on)
    }
}
