//! Finds the place of a graph field in an onboarding file.
//!
//! The graph names `plans[1].monthlyFee`; the author wrote `monthly_fee` under the second `[[plans]]`, whose code is
//! `desk`: `plans (number 2, "desk").monthly_fee`, with its line. TOML is parsed with its positions. YAML's parser
//! keeps none, but its errors have one: the file is read again as far as the field, and refused there.

mod yaml;

use std::fmt::Write as _;

use serde_json::Value as Json;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::reading::{Format, read_as};

/// Headings that the graph does not know: fields of the hub or the network itself stand under them.
pub(super) const HEADINGS: [&str; 2] = ["hub", "network"];

/// A field as its author knows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The field as the file spells it; entries of lists are counted from one, and named.
    pub(super) field: String,
    /// The line of the field, or of the value it is missing from.
    pub(super) line: Option<usize>,
}

/// A step of a path: the name of a field, and which entry of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) key: String,
    pub(super) entry: Option<usize>,
}

pub(super) fn locate(name: &str, text: &str, field: &str) -> Place {
    let steps: Vec<Step> = field.split('.').map(step).collect();
    let line = match Format::of(name) {
        Format::Toml => line_in_toml(text, &steps),
        Format::Yaml => line_in_yaml(text, &steps),
    };
    let whole: Json = read_as(name, text).unwrap_or_default();
    Place { field: spell(&steps, &whole), line }
}

fn step(part: &str) -> Step {
    let (key, entry) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
        Some((key, entry)) => (key, entry.parse().ok()),
        None => (part, None),
    };
    Step { key: snake_case(key), entry }
}

fn snake_case(name: &str) -> String {
    let mut spelled = String::with_capacity(name.len() + 2);
    for sign in name.chars() {
        if sign.is_ascii_uppercase() {
            spelled.push('_');
        }
        spelled.push(sign.to_ascii_lowercase());
    }
    spelled
}

/// A path as the file spells it.
pub(super) fn spell(steps: &[Step], whole: &Json) -> String {
    let (mut spelled, mut at) = (String::new(), whole);
    for (place, Step { key, entry }) in steps.iter().enumerate() {
        let dot = if place == 0 { "" } else { "." };
        at = &at[key];
        let _never_fails = match entry {
            Some(entry) => {
                at = &at[entry];
                write!(spelled, "{dot}{key} (number {}{})", entry + 1, called(at))
            }
            None => write!(spelled, "{dot}{key}"),
        };
    }
    spelled
}

/// The author's name for an entry of a list: its code, or else its name.
fn called(entry: &Json) -> String {
    let word = |key: &str| entry[key].as_str().filter(|word| !word.trim().is_empty());
    word("code").or_else(|| word("name")).map_or_else(String::new, |word| format!(", {word:?}"))
}

fn line_in_yaml(text: &str, steps: &[Step]) -> Option<usize> {
    let headings = HEADINGS.map(|heading| Some(Step { key: heading.to_owned(), entry: None }));
    let below = |heading: Option<Step>| {
        // Follows the path as far as the file goes; the first step must exist.
        (1..=steps.len()).rev().find_map(|length| {
            let path: Vec<Step> = heading.iter().chain(&steps[..length]).cloned().collect();
            yaml::line_of(text, &path)
        })
    };
    std::iter::once(None).chain(headings).find_map(below)
}

fn line_in_toml(text: &str, steps: &[Step]) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let table = table.get_ref();
    let headings = HEADINGS.into_iter().filter_map(|heading| {
        table
            .iter()
            .find(|(key, _)| key.get_ref() == heading)
            .and_then(|(_, value)| value.get_ref().as_table())
    });
    let at = std::iter::once(table).chain(headings).find_map(|table| walk(table, steps))?;
    Some(text.get(..at)?.matches('\n').count() + 1)
}

/// Follows the path as far as the file goes; the first step must exist.
fn walk(table: &DeTable<'_>, steps: &[Step]) -> Option<usize> {
    let (first, rest) = steps.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| *key.get_ref() == first.key)?;
    let (at, value): (usize, &Spanned<DeValue<'_>>) = match first.entry {
        Some(entry) => {
            let value = value.get_ref().as_array()?.get(entry)?;
            (value.span().start, value)
        }
        None => (key.span().start, value),
    };
    let deeper = value.get_ref().as_table().and_then(|table| walk(table, rest));
    Some(deeper.unwrap_or(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "network = \"n\"\n[hub]\nname = \"N\"\naddress = { street = \"S\", country = \"XX\" }\n\
                        [[plans]]\ncode = \"a\"\nmonthly_fee = \"1.00\"\n\n[[plans]]\ncode = \"b\"\n\
                        monthly_fee = \"1.005\"\n[guest_tariff]\nprice_per_hour = \"1\"\n";

    fn place(field: &str) -> (String, Option<usize>) {
        let place = locate("hub.toml", FILE, field);
        (place.field, place.line)
    }

    #[test]
    fn a_field_is_found_by_its_line_and_spelled_as_in_the_file() {
        let fee = |number: usize, code: &str| format!("plans (number {number}, {code:?}).monthly_fee");
        assert_eq!(place("plans[1].monthlyFee"), (fee(2, "b"), Some(11)));
        assert_eq!(place("plans[0].monthlyFee"), (fee(1, "a"), Some(7)));
        assert_eq!(place("guestTariff.pricePerHour"), ("guest_tariff.price_per_hour".into(), Some(13)));
        assert_eq!(place("name"), ("name".into(), Some(3)));
        assert_eq!(place("address.country").1, Some(4));
    }

    #[test]
    fn a_field_that_is_missing_is_found_by_what_it_is_missing_from() {
        assert_eq!(place("plans[1].name"), ("plans (number 2, \"b\").name".into(), Some(9)));
        assert_eq!(place("openingHours"), ("opening_hours".into(), None));
    }

    const YAML: &str = "network: n\nhub:\n  name: N\n  address:\n    street: S\n    country: XX\nplans:\n  - code: a\n    \
                        monthly_fee: \"1.00\"\n\n  - { code: b,\n      monthly_fee: \"1.005\" }\nguest_tariff:\n  price_per_hour: \"1\"\n";

    #[test]
    fn yaml_has_lines_too() {
        let place = |field: &str| locate("hub.yaml", YAML, field);
        for (field, spelled, line) in [
            ("plans[1].monthlyFee", "plans (number 2, \"b\").monthly_fee", Some(12)),
            ("plans[0].monthlyFee", "plans (number 1, \"a\").monthly_fee", Some(9)),
            ("plans[1].name", "plans (number 2, \"b\").name", Some(11)),
            ("guestTariff.pricePerHour", "guest_tariff.price_per_hour", Some(14)),
            ("name", "name", Some(3)),
            ("address.country", "address.country", Some(6)),
            ("openingHours", "opening_hours", None),
        ] {
            assert_eq!(place(field), Place { field: spelled.into(), line }, "{field}");
        }
    }
}
