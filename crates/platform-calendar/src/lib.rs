#![doc = include_str!("../README.md")]

mod civil;
mod dated_hours;
mod hours;
mod icalendar;
mod recurrence;
mod rule;

pub use civil::{CivilSpan, instant_of};
pub use dated_hours::{Closure, DatedHours, DatedHoursError, DayException, NextChange};
pub use hours::{HoursError, NightCutShort, OpeningHours};
pub use icalendar::{Calendar, Event, EventStatus};
pub use recurrence::{MOST_OCCURRENCES, Moved, Occurrence, Recurrence, RecurrenceError, RecurrenceInput};
