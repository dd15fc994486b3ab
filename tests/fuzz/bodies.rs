//! The fuzzed parsers of external input. Each body accepts any bytes, panics if an invariant is broken, and must end
//! at once.

use std::sync::LazyLock;

use async_graphql::{InputType, Value, Variables, parser::parse_query};
use identity::{KeyRing, Tokens};
use jiff::Timestamp;
use kernel::{Currency, Interval, Language, Money, Month, Zone, basis_points};
use membership::{
    ChipNumber,
    graphql::{LogLineInput, TouchInput},
};
use platform_calendar::{CivilSpan, OpeningHours, Recurrence, RecurrenceInput};
use platform_http::budget::QueryBudget;
use rust_decimal::Decimal;
use server::DeviceLog;

/// Only tokens of our own are accepted, whatever the input.
pub(crate) fn token(bytes: &[u8]) {
    static TOKENS: LazyLock<Tokens> =
        LazyLock::new(|| Tokens::new(KeyRing::ephemeral().expect("a key can be made")));
    let Ok(token) = std::str::from_utf8(bytes) else { return };
    assert!(TOKENS.read(token, Timestamp::UNIX_EPOCH).is_err(), "somebody got in with {token:?}");
    let _understood = Language::negotiate(token);
}

/// A query within the budget parses and is counted without a failure; its text is counted before it is parsed.
pub(crate) fn query_budget(bytes: &[u8]) {
    let Ok(document) = std::str::from_utf8(bytes) else { return };
    let budget = QueryBudget::default();
    if budget.check_text(document).is_err() {
        return;
    }
    if let Ok(document) = parse_query(document) {
        let _counted = budget.check_document(&document, &Variables::default());
    }
}

/// A device message is read or refused; a log is read line by line, and no line is lost or invented.
pub(crate) fn device_message(bytes: &[u8]) {
    if let Ok(json) = serde_json::from_slice::<serde_json::Value>(bytes)
        && let Ok(value) = Value::from_json(json)
    {
        let _touch = TouchInput::parse(Some(value.clone()));
        let _line = LogLineInput::parse(Some(value));
    }
    let text = String::from_utf8_lossy(bytes);
    let log = DeviceLog::parse(&text);
    let most = text.split(['\n', '\r']).count();
    assert!(log.len() + log.malformed.len() <= most, "lines were invented");
    let _number = text.parse::<ChipNumber>();
}

/// Amounts parse, add, negate and round-trip, or are refused; nothing wraps.
pub(crate) fn money(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (amount, currency) = text.split_at_checked(text.len().saturating_sub(3)).unwrap_or((text, "EUR"));
    let currency = currency.parse().unwrap_or(Currency::EUR);
    let Ok(amount) = kernel::parse_decimal(amount) else { return };
    if let Ok(exact) = Money::from_major(amount, currency) {
        assert_eq!(exact.major(), amount, "an amount came back changed");
    }
    let Ok(rounded) = Money::from_major_rounded(amount, currency) else { return };
    if let Ok(negated) = rounded.negated() {
        assert_eq!(rounded.plus(negated).map(Money::major), Ok(Decimal::ZERO));
        assert_eq!(negated.negated(), Ok(rounded));
    }
    let _doubled = rounded.plus(rounded);
    let _share = basis_points(rounded, 500);
}

/// A rule that parses is written as a rule that parses to the same occurrences; the first is the one it was given.
fn recurrence_rule(text: &str, zone: Zone) {
    let start = jiff::civil::date(2026, 1, 6).at(18, 0, 0, 0);
    let first =
        CivilSpan::timed(start, start.saturating_add(jiff::Span::new().hours(2))).expect("an evening");
    let series = |rule| {
        let (except, extra, moved) = (Vec::new(), Vec::new(), Vec::new());
        Recurrence::read(RecurrenceInput {
            first,
            zone: zone.clone(),
            rule: Some(rule),
            except,
            extra,
            moved,
        })
    };
    let Ok(read) = series(text) else { return };
    let again = series(&read.rule_text().expect("a rule")).expect("the same rule");
    let (from, until) = (zone.start_of(start.date()), zone.start_of(jiff::civil::date(2027, 1, 1)));
    let found = read.occurrences(from, until).expect("a year of days");
    assert_eq!(found.first().map(|it| it.original), Some(start), "{text}");
    assert_eq!(again.occurrences(from, until).as_ref(), Ok(&found), "{text}");
}

/// Instants, zones, months, opening hours and recurrence rules parse or are refused; a day contains its beginning, and
/// days are contiguous.
pub(crate) fn time(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let prague: Zone = "Europe/Prague".parse().expect("a zone");
    let position = membership::Position { latitude: 49.into(), longitude: 15.into() };
    if let Ok(hours) = OpeningHours::parse(text, prague.clone(), "CZ", position) {
        let noon = Timestamp::from_second(1_793_620_800).expect("an instant");
        assert!(hours.closes_after(noon) >= noon, "hours that close before they are looked at");
    }
    recurrence_rule(text, prague.clone());
    if let Ok(month) = text.parse::<Month>() {
        assert_eq!(month.to_string().parse(), Ok(month));
        assert!(month.interval(&prague).seconds() > 0);
    }
    let (at, zone) = text.split_once(' ').unwrap_or((text, "Europe/Warsaw"));
    let (Ok(at), Ok(zone)) = (at.parse::<Timestamp>(), zone.parse::<Zone>()) else { return };
    let day = zone.day_of(at);
    assert!(zone.start_of(day) <= at, "the day of {at} begins after it");
    let Ok(until) = at.checked_add(jiff::SignedDuration::from_hours(48)) else { return };
    let Ok(stretch) = Interval::new(at, until) else { return };
    let mut end = stretch.from();
    for (_, piece) in stretch.cut_by_day(&zone) {
        assert_eq!(piece.from(), end, "a day's piece begins where the one before ended");
        end = piece.until();
    }
    assert_eq!(end, stretch.until());
}
