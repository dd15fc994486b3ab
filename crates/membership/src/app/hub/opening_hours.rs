//! Changes when a hub is open: the usual hours from a day on, and single days.
//!
//! Always true: days that have passed keep their hours, so a visit of such a day ends as it ended.

use jiff::civil::Date;
use kernel::{OpContext, Permission};
use platform_calendar::OpeningHours;
use serde::Serialize;

use super::change::{HubChange, Kind, Target};
use crate::{
    Membership, MembershipError,
    app::line,
    store::hub_change::Place,
    timetable::{DayHours, SpecialDay},
};

/// New usual hours.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeHours {
    /// The hours, in the OpenStreetMap syntax.
    pub opening_hours: String,
    /// The first day on which they count.
    pub from: Date,
}

/// Days that differ from the usual hours.
#[derive(Debug, Clone, Serialize)]
pub struct SpecialHours {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub through: Date,
    /// The hours of each of these days.
    pub hours: DayHours,
    /// What the public reads beside them.
    pub note: Option<String>,
}

const fn kind(operation: &'static str) -> Kind {
    Kind { operation, permission: Permission::ManageHub }
}

impl Membership {
    /// Changes the usual hours from a day on. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` for a day that has passed or for what is not opening hours, or with
    /// `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.change_opening_hours", skip_all)]
    pub async fn change_opening_hours(
        &self,
        op: &OpContext,
        target: Target,
        cmd: ChangeHours,
    ) -> Result<HubChange, MembershipError> {
        let (text, from) = (cmd.opening_hours.clone(), cmd.from);
        self.change(op, kind("changeOpeningHours"), target, &cmd, |place| {
            let hub = &place.hub;
            let zone = hub.time_zone.clone();
            OpeningHours::parse(&text, zone, &hub.address.country, hub.position)?.require_evaluated()?;
            edit(op, place, |timetable, today| {
                if hub_is_new(timetable, &text, from) {
                    return Ok(());
                }
                timetable.change(from, text, today)
            })
        })
        .await
    }

    /// Takes back usual hours that have not begun to count. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` if none begin on that day, `INVALID_INPUT` if they have begun, or with
    /// `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.withdraw_opening_hours", skip_all)]
    pub async fn withdraw_opening_hours(
        &self,
        op: &OpContext,
        target: Target,
        from: Date,
    ) -> Result<HubChange, MembershipError> {
        self.change(op, kind("withdrawOpeningHours"), target, &from, |place| {
            edit(op, place, |timetable, today| timetable.withdraw(from, today))
        })
        .await
    }

    /// Sets the hours of single days. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` for days that have passed or hours that contradict the usual ones, or with
    /// `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.set_special_hours", skip_all)]
    pub async fn set_special_hours(
        &self,
        op: &OpContext,
        operation: &'static str,
        target: Target,
        cmd: SpecialHours,
    ) -> Result<HubChange, MembershipError> {
        let note = cmd.note.as_deref().map(|note| line("note", note)).transpose()?;
        let special = SpecialDay { hours: cmd.hours.clone(), note };
        let days = (cmd.from, cmd.through);
        self.change(op, kind(operation), target, &cmd, |place| {
            edit(op, place, |timetable, today| timetable.set_days(days, &special, today))
        })
        .await
    }

    /// Takes the hours of single days back: the usual ones count again. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` if none of these days differs, `INVALID_INPUT` for days that have passed, or with
    /// `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.withdraw_special_hours", skip_all)]
    pub async fn withdraw_special_hours(
        &self,
        op: &OpContext,
        target: Target,
        days: (Date, Date),
    ) -> Result<HubChange, MembershipError> {
        self.change(op, kind("withdrawSpecialHours"), target, &days, |place| {
            edit(op, place, |timetable, today| timetable.withdraw_days(days, today))
        })
        .await
    }
}

/// A version that repeats the hours of its first day is none.
fn hub_is_new(timetable: &crate::Timetable, text: &str, from: Date) -> bool {
    !timetable.later.contains_key(&from) && timetable.text_on(from) == text
}

fn edit(
    op: &OpContext,
    place: &mut Place,
    change: impl FnOnce(&mut crate::Timetable, Date) -> Result<(), MembershipError>,
) -> Result<Vec<&'static str>, MembershipError> {
    let before = place.hub.timetable.clone();
    change(&mut place.hub.timetable, place.hub.time_zone.day_of(op.now()))?;
    place.hub.evaluate_hours()?;
    Ok(if place.hub.timetable == before { Vec::new() } else { vec!["openingHours"] })
}
