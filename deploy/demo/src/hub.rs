//! Profiles of the five hubs: opening hours, groups of visitors, frequency and length of visits.
//!
//! Opening hours and seats repeat the onboarding files; a test compares the two.

use jiff::civil::Date;

use crate::calendar::{czech_holiday, polish_holiday, ukrainian_day_off};

/// Opening and closing, in seconds of the local day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) opens: i64,
    pub(crate) closes: i64,
}

/// Members of one category and the plan they take.
pub(crate) struct Group {
    pub(crate) category: &'static str,
    pub(crate) plan: &'static str,
    /// Weight among the groups of the hub.
    pub(crate) share: i64,
}

/// Weights of the three ways to use a hub.
pub(crate) struct Habits {
    pub(crate) whole_day: i64,
    pub(crate) half_day: i64,
    pub(crate) short: i64,
}

/// The profile of one hub.
pub(crate) struct Hub {
    pub(crate) slug: &'static str,
    pub(crate) zone: &'static str,
    pub(crate) language: &'static str,
    /// Maximum number of people at once.
    pub(crate) seats: usize,
    /// Monday first.
    pub(crate) hours: [&'static [Span]; 7],
    pub(crate) is_day_off: fn(Date) -> bool,
    /// Codes; the first is the one most people use.
    pub(crate) devices: &'static [&'static str],
    /// Mean over the window, roaming visits included.
    pub(crate) visits_per_month: i64,
    pub(crate) growth_permille_per_month: i64,
    /// How much each weekday draws, Monday first.
    pub(crate) busy: [i64; 7],
    /// Share of visits by travellers from other hubs.
    pub(crate) guests_permille: i64,
    /// Members at the end of the window.
    pub(crate) members: i64,
    pub(crate) habits: Habits,
    pub(crate) groups: &'static [Group],
}

impl Hub {
    /// Returns the opening hours of a day; empty if the hub is closed.
    pub(crate) fn hours_on(&self, day: Date) -> &'static [Span] {
        if (self.is_day_off)(day) {
            return &[];
        }
        self.hours[monday_first(day)]
    }

    /// Returns the weight of the weekday.
    pub(crate) fn busy_on(&self, day: Date) -> i64 {
        self.busy[monday_first(day)]
    }
}

fn monday_first(day: Date) -> usize {
    let offset = usize::try_from(day.weekday().to_monday_zero_offset());
    offset.expect("an offset from Monday is not negative")
}

const fn span(opens_hour: i64, closes_hour: i64) -> Span {
    Span { opens: opens_hour * 3600, closes: closes_hour * 3600 }
}

const fn group(category: &'static str, plan: &'static str, share: i64) -> Group {
    Group { category, plan, share }
}

const CLOSED: &[Span] = &[];
const EIGHT_TO_SIXTEEN: &[Span] = &[span(8, 16)];
const EIGHT_TO_EIGHTEEN: &[Span] = &[span(8, 18)];
const EIGHT_TO_TWENTY: &[Span] = &[span(8, 20)];
const NINE_TO_NINETEEN: &[Span] = &[span(9, 19)];
const SATURDAY_FROM_NINE: &[Span] = &[span(9, 13)];
const SATURDAY_FROM_TEN: &[Span] = &[span(10, 14)];
/// Piaseczno closes for lunch.
const WITH_LUNCH_BREAK: &[Span] = &[span(9, 13), span(14, 19)];

/// The hubs, in the order of `hub_files`.
pub(crate) static HUBS: [Hub; 5] = [HUMPOLEC, PIASECZNO, POKROV, NOWA_HUTA, POZNAN];

const HUMPOLEC: Hub = Hub {
    slug: "humpolec",
    zone: "Europe/Prague",
    language: "cs",
    seats: 80,
    hours: [
        EIGHT_TO_TWENTY,
        EIGHT_TO_TWENTY,
        EIGHT_TO_TWENTY,
        EIGHT_TO_TWENTY,
        EIGHT_TO_TWENTY,
        SATURDAY_FROM_NINE,
        CLOSED,
    ],
    is_day_off: |day| czech_holiday(day) || (day.month() == 12 && day.day() >= 24),
    devices: &["reception", "courtyard-door"],
    visits_per_month: 1000,
    growth_permille_per_month: 45,
    busy: [95, 110, 115, 105, 85, 30, 0],
    guests_permille: 95,
    members: 140,
    habits: Habits { whole_day: 5, half_day: 4, short: 2 },
    groups: &[
        group("resident", "resident", 4),
        group("entrepreneur", "resident", 8),
        group("start_up", "resident", 3),
        group("entrepreneur", "part-time", 4),
        group("non_profit", "part-time", 3),
        group("student", "student", 4),
        group("senior", "student", 1),
        group("displaced", "student", 1),
    ],
};

const PIASECZNO: Hub = Hub {
    slug: "piaseczno",
    zone: "Europe/Warsaw",
    language: "pl",
    seats: 50,
    hours: [
        WITH_LUNCH_BREAK,
        WITH_LUNCH_BREAK,
        WITH_LUNCH_BREAK,
        WITH_LUNCH_BREAK,
        WITH_LUNCH_BREAK,
        SATURDAY_FROM_TEN,
        CLOSED,
    ],
    is_day_off: polish_holiday,
    devices: &["reception"],
    visits_per_month: 950,
    growth_permille_per_month: 55,
    busy: [90, 105, 110, 110, 95, 45, 0],
    guests_permille: 90,
    members: 150,
    habits: Habits { whole_day: 3, half_day: 4, short: 4 },
    groups: &[
        group("resident", "resident", 8),
        group("student", "resident", 3),
        group("senior", "resident", 3),
        group("unemployed", "resident", 1),
        group("displaced", "resident", 1),
        group("non_profit", "non-profit", 5),
        group("entrepreneur", "business", 4),
        group("start_up", "business", 2),
    ],
};

/// The library has four seats, so its number of visits grows slowly.
const POKROV: Hub = Hub {
    slug: "pokrov",
    zone: "Europe/Kyiv",
    language: "uk",
    seats: 4,
    hours: [
        CLOSED,
        NINE_TO_NINETEEN,
        NINE_TO_NINETEEN,
        NINE_TO_NINETEEN,
        NINE_TO_NINETEEN,
        NINE_TO_NINETEEN,
        CLOSED,
    ],
    is_day_off: ukrainian_day_off,
    devices: &["lending-desk"],
    visits_per_month: 150,
    growth_permille_per_month: 15,
    busy: [0, 90, 100, 100, 105, 110, 0],
    guests_permille: 50,
    members: 45,
    habits: Habits { whole_day: 0, half_day: 1, short: 9 },
    groups: &[
        group("resident", "reader", 5),
        group("student", "reader", 4),
        group("senior", "reader", 4),
        group("displaced", "reader", 2),
        group("unemployed", "reader", 1),
    ],
};

const NOWA_HUTA: Hub = Hub {
    slug: "nowa-huta",
    zone: "Europe/Warsaw",
    language: "pl",
    seats: 84,
    hours: [
        EIGHT_TO_SIXTEEN,
        EIGHT_TO_EIGHTEEN,
        EIGHT_TO_SIXTEEN,
        EIGHT_TO_EIGHTEEN,
        EIGHT_TO_SIXTEEN,
        CLOSED,
        CLOSED,
    ],
    is_day_off: polish_day_off_with_year_end,
    devices: &["gate"],
    visits_per_month: 850,
    growth_permille_per_month: 40,
    busy: [100, 115, 100, 115, 80, 0, 0],
    guests_permille: 75,
    members: 130,
    habits: Habits { whole_day: 6, half_day: 4, short: 1 },
    groups: &[
        group("unemployed", "participant", 6),
        group("displaced", "participant", 3),
        group("resident", "participant", 3),
        group("senior", "participant", 2),
        group("partner_staff", "host", 3),
        group("non_profit", "host", 2),
        group("start_up", "venture", 3),
    ],
};

const POZNAN: Hub = Hub {
    slug: "poznan",
    zone: "Europe/Warsaw",
    language: "pl",
    seats: 40,
    hours: [
        EIGHT_TO_EIGHTEEN,
        EIGHT_TO_EIGHTEEN,
        EIGHT_TO_EIGHTEEN,
        EIGHT_TO_EIGHTEEN,
        EIGHT_TO_SIXTEEN,
        CLOSED,
        CLOSED,
    ],
    is_day_off: polish_day_off_with_year_end,
    devices: &["reception"],
    visits_per_month: 620,
    growth_permille_per_month: 45,
    busy: [95, 110, 115, 105, 70, 0, 0],
    guests_permille: 110,
    members: 100,
    habits: Habits { whole_day: 4, half_day: 4, short: 3 },
    groups: &[
        group("non_profit", "social-enterprise", 6),
        group("partner_staff", "social-enterprise", 4),
        group("start_up", "social-enterprise", 3),
        group("entrepreneur", "company", 4),
        group("resident", "open", 2),
        group("student", "open", 2),
    ],
};

/// Nowa Huta and Poznań also rest from Christmas to the second of January.
fn polish_day_off_with_year_end(day: Date) -> bool {
    polish_holiday(day) || matches!((day.month(), day.day()), (12, 24..) | (1, ..=2))
}
