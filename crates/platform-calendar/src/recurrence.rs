//! Recurrence: when something happens, once or again and again, by the clock of its place (RFC 5545).
//!
//! Always true: occurrences are computed in civil time and become instants one by one ([`mod@crate::civil`]), so what
//! happens on Tuesdays at 18:00 happens when the clock of the place shows 18:00, in summer and in winter. The first
//! occurrence is the one the series is given with. Occurrences are asked for in a window of instants, and there are at most
//! [`MOST_OCCURRENCES`] in an answer, so a rule without an end costs no more than one with.
//!
//! An occurrence is named by what the clock would show at its beginning if it had not been moved: that is what EXDATE
//! leaves out and RECURRENCE-ID moves.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan as _, civil::DateTime};
use kernel::{Coded, ErrorCode, Interval, Month, Zone};

use crate::{CivilSpan, rule::Rule};

/// The most occurrences in one answer.
pub const MOST_OCCURRENCES: usize = 1_000;
/// The most dates that are left out of, added to or moved within one series.
const MOST_CHANGES: usize = 1_000;
/// How many beginnings are looked at for one answer: some are left out or moved, and some lie beside the window.
const MOST_LOOKED_AT: usize = 2 * MOST_OCCURRENCES + MOST_CHANGES;
/// No occurrence begins later.
const END_OF_CALENDAR: DateTime = jiff::civil::date(Month::LAST_YEAR, 12, 31).at(23, 59, 59, 0);
/// A clock differs from UTC by less than this.
const WIDEST_OFFSET_HOURS: i64 = 36;

/// The input does not say when something happens. All of these are input errors ([`ErrorCode::InvalidInput`]).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// The end is not after the start.
    #[error("the end must be after the start")]
    EmptySpan,
    /// One occurrence lasts too long.
    #[error("must last at most {days} days")]
    TooLong {
        /// The most there are.
        days: i64,
    },
    /// There are fractions of a second.
    #[error("must be in whole seconds")]
    Fraction,
    /// A date that nobody means.
    #[error("must lie between 2000-01 and 2199-12")]
    FarYear,
    /// A part of the rule is refused.
    #[error("{part:?} cannot stand in a recurrence rule: {rule}")]
    Rule {
        /// The part.
        part: String,
        /// What to write.
        rule: &'static str,
    },
    /// The rule does not give the start as its first occurrence.
    #[error("the rule must give {0} as its first occurrence")]
    StartNotInRule(DateTime),
    /// What is to be moved is no occurrence.
    #[error("the series has no occurrence at {0}")]
    NoOccurrence(DateTime),
    /// More dates than anybody keeps by hand.
    #[error("at most {most} dates can be left out, added or moved")]
    TooManyChanges {
        /// The most there are.
        most: usize,
    },
    /// The window holds too many occurrences.
    #[error("at most {most} occurrences at once")]
    TooManyOccurrences {
        /// The most there are.
        most: usize,
    },
}

impl Coded for RecurrenceError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InvalidInput
    }

    /// The part of [`RecurrenceInput`], or of the question, that breaks the rule.
    fn field(&self) -> Option<&str> {
        Some(match self {
            Self::EmptySpan | Self::TooLong { .. } => "until",
            Self::Fraction | Self::FarYear => "from",
            Self::Rule { .. } | Self::StartNotInRule(_) => "rule",
            Self::NoOccurrence(_) => "moved",
            Self::TooManyChanges { .. } => "except",
            Self::TooManyOccurrences { .. } => "window",
        })
    }
}

/// When something happens, as it is entered.
#[derive(Debug, Clone)]
pub struct RecurrenceInput<'a> {
    /// The first occurrence.
    pub first: CivilSpan,
    /// The zone of the clock.
    pub zone: Zone,
    /// The text of an RRULE; without one, there is the first occurrence and what is added.
    pub rule: Option<&'a str>,
    /// Beginnings of occurrences that are left out (EXDATE). One that is no occurrence has no effect.
    pub except: Vec<DateTime>,
    /// Beginnings of further occurrences, as long as the first (RDATE).
    pub extra: Vec<DateTime>,
    /// Occurrences at another time (RECURRENCE-ID).
    pub moved: Vec<Moved>,
}

/// An occurrence at another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// What the clock would have shown at its beginning.
    pub original: DateTime,
    /// When it is instead.
    pub to: CivilSpan,
}

/// When something happens, once or again and again, by the clock of its place.
#[derive(Debug, Clone)]
pub struct Recurrence {
    first: CivilSpan,
    zone: Zone,
    rule: Option<Rule>,
    except: BTreeSet<DateTime>,
    extra: BTreeSet<DateTime>,
    moved: BTreeMap<DateTime, CivilSpan>,
}

/// One time at which it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// What names it: what the clock would show at its beginning if it had not been moved.
    pub original: DateTime,
    /// When it is by the clock.
    pub span: CivilSpan,
    /// The instants it lies between.
    pub interval: Interval,
}

impl Recurrence {
    /// Reads when something happens.
    ///
    /// # Errors
    /// See [`RecurrenceError`].
    pub fn read(input: RecurrenceInput<'_>) -> Result<Self, RecurrenceError> {
        let RecurrenceInput { first, zone, rule, except, extra, moved } = input;
        let starts = except.iter().chain(&extra).copied();
        let targets = moved.iter().flat_map(|it| [it.original, it.to.from(), it.to.until()]);
        for shown in starts.chain(targets).chain([first.from(), first.until()]) {
            if !Month::has_in_reach(shown.date()) {
                return Err(RecurrenceError::FarYear);
            }
            if shown.subsec_nanosecond() != 0 {
                return Err(RecurrenceError::Fraction);
            }
        }
        if except.len() + extra.len() + moved.len() > MOST_CHANGES {
            return Err(RecurrenceError::TooManyChanges { most: MOST_CHANGES });
        }
        let rule = rule.map(|text| Rule::parse(text, first.from(), &zone)).transpose()?;
        if let Some(rule) = &rule
            && !rule.begins_with(first.from(), &zone)
        {
            return Err(RecurrenceError::StartNotInRule(first.from()));
        }
        let series = Self {
            first,
            zone,
            rule,
            except: except.into_iter().collect(),
            extra: extra.into_iter().collect(),
            moved: BTreeMap::new(),
        };
        series.with_moved(moved)
    }

    /// Something that happens once.
    ///
    /// # Errors
    /// See [`RecurrenceError`].
    pub fn once(span: CivilSpan, zone: Zone) -> Result<Self, RecurrenceError> {
        let (except, extra, moved) = (Vec::new(), Vec::new(), Vec::new());
        Self::read(RecurrenceInput { first: span, zone, rule: None, except, extra, moved })
    }

    fn with_moved(mut self, moved: Vec<Moved>) -> Result<Self, RecurrenceError> {
        if let Some(last) = moved.iter().map(|it| it.original).max() {
            let starts = self.starts_until(last);
            if let Some(none) = moved.iter().find(|it| !starts.contains(&it.original)) {
                return Err(RecurrenceError::NoOccurrence(none.original));
            }
        }
        self.moved = moved.into_iter().map(|it| (it.original, it.to)).collect();
        Ok(self)
    }

    /// The first occurrence, as it was given.
    pub fn first(&self) -> CivilSpan {
        self.first
    }

    /// The zone of the clock.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The text of the RRULE, if there is one.
    pub fn rule_text(&self) -> Option<String> {
        Some(self.rule.as_ref()?.text(self.first.is_all_day(), &self.zone))
    }

    /// Beginnings of occurrences that are left out.
    pub fn except(&self) -> impl Iterator<Item = DateTime> + '_ {
        self.except.iter().copied()
    }

    /// Beginnings of further occurrences.
    pub fn extra(&self) -> impl Iterator<Item = DateTime> + '_ {
        self.extra.iter().copied()
    }

    /// Occurrences at another time.
    pub fn moved(&self) -> impl Iterator<Item = Moved> + '_ {
        self.moved.iter().map(|(original, to)| Moved { original: *original, to: *to })
    }

    /// The occurrences that lie at least in part within `[from, until)`, in the order in which they begin.
    ///
    /// # Errors
    /// There are more than [`MOST_OCCURRENCES`].
    pub fn occurrences(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Occurrence>, RecurrenceError> {
        let latest = self.zone.tz().to_datetime(until).saturating_add(WIDEST_OFFSET_HOURS.hours());
        let earliest = self.zone.tz().to_datetime(from).saturating_sub(WIDEST_OFFSET_HOURS.hours());
        let earliest = earliest.saturating_sub(self.first.length());
        // Enough for one occurrence too many to be noticed, whatever is left out or moved elsewhere.
        let starts = self.starts_between(earliest, latest.min(END_OF_CALENDAR), MOST_LOOKED_AT);
        let in_place = starts.range(earliest..).filter(|start| !self.moved.contains_key(*start));
        let in_place = in_place.map(|start| (*start, self.first.starting_at(*start)));
        let moved = self.moved.iter().map(|(original, to)| (*original, *to));
        let mut found: Vec<Occurrence> = in_place
            .chain(moved)
            .map(|(original, span)| Occurrence { original, span, interval: span.interval(&self.zone) })
            .filter(|it| it.interval.from() < until && it.interval.until() > from)
            .take(MOST_OCCURRENCES + 1)
            .collect();
        if found.len() > MOST_OCCURRENCES {
            return Err(RecurrenceError::TooManyOccurrences { most: MOST_OCCURRENCES });
        }
        found.sort_by_key(|it| (it.interval.from(), it.original));
        Ok(found)
    }

    /// Until when it happens at most, if it ends.
    pub(crate) fn ends(&self) -> Option<Timestamp> {
        let by_rule = match &self.rule {
            None => None,
            Some(rule) if !rule.is_bounded() => return None,
            Some(rule) => rule.last().or_else(|| self.last_counted(rule)),
        };
        let of = |span: CivilSpan| span.interval(&self.zone).until();
        let after_last = by_rule.map(|last| of(self.first.starting_at(self.zone.tz().to_datetime(last))));
        let extra = self.extra.iter().map(|start| of(self.first.starting_at(*start)));
        let moved = self.moved.values().map(|to| of(*to));
        extra.chain(moved).chain(after_last).chain([of(self.first)]).max()
    }

    /// Whether anything of it is at a time of day rather than on whole days.
    pub(crate) fn names_a_clock(&self) -> bool {
        !self.first.is_all_day() || self.moved.values().any(|to| !to.is_all_day())
    }

    /// When it begins for the first time, also where what is added or moved is before the first occurrence.
    pub(crate) fn begins(&self) -> Timestamp {
        let extra = self.extra.iter().map(|start| self.first.starting_at(*start));
        let all = extra.chain(self.moved.values().copied()).chain([self.first]);
        let earliest = all.map(|span| span.interval(&self.zone).from()).min();
        earliest.unwrap_or(Timestamp::MIN)
    }

    fn last_counted(&self, rule: &Rule) -> Option<Timestamp> {
        let last = rule.starts_until(DateTime::MAX, &self.zone).pop()?;
        Some(crate::civil::instant_of(last, &self.zone))
    }

    /// The beginnings of all occurrences up to `until`, each once, as if none were moved.
    fn starts_until(&self, until: DateTime) -> BTreeSet<DateTime> {
        self.starts_between(DateTime::MIN, until, usize::MAX)
    }

    /// The beginnings of occurrences from `from` up to `until`, at most so many by the rule, and all that are added.
    fn starts_between(&self, from: DateTime, until: DateTime, most: usize) -> BTreeSet<DateTime> {
        let mut starts: BTreeSet<DateTime> = match &self.rule {
            Some(rule) => rule.starts_between(from, until, &self.zone, most).into_iter().collect(),
            None => [self.first.from()].into(),
        };
        starts.extend(&self.extra);
        starts.retain(|start| !self.except.contains(start));
        starts
    }
}

#[cfg(test)]
mod tests;
