//! Where a field of the graph stands in an onboarding file.
//!
//! The graph says `plans[1].monthlyFee`; the author wrote `monthly_fee` under the second `[[plans]]`. TOML is parsed with
//! its places, so the line is known; YAML's parser keeps none, so there the field is only spelled.

use std::{fmt::Write as _, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A field as its author knows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// As the file spells it; entries of lists are counted from one.
    pub(super) field: String,
    /// The line it stands in, or the line of what it is missing from.
    pub(super) line: Option<usize>,
}

/// A step of a path: the name of a field, and which entry of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    key: String,
    entry: Option<usize>,
}

pub(super) fn locate(name: &str, text: &str, field: &str) -> Place {
    let steps: Vec<Step> = field.split('.').map(step).collect();
    let is_toml = Path::new(name).extension().is_some_and(|extension| extension == "toml");
    let line = if is_toml { line_of(text, &steps) } else { None };
    Place { field: spell(&steps), line }
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

fn spell(steps: &[Step]) -> String {
    let mut spelled = String::new();
    for (place, Step { key, entry }) in steps.iter().enumerate() {
        let dot = if place == 0 { "" } else { "." };
        let _never_fails = match entry {
            Some(entry) => write!(spelled, "{dot}{key} (number {})", entry + 1),
            None => write!(spelled, "{dot}{key}"),
        };
    }
    spelled
}

/// Fields of the hub or the network itself stand under a heading that the graph does not know.
fn line_of(text: &str, steps: &[Step]) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let table = table.get_ref();
    let headings = ["hub", "network"].into_iter().filter_map(|heading| {
        table
            .iter()
            .find(|(key, _)| key.get_ref() == heading)
            .and_then(|(_, value)| value.get_ref().as_table())
    });
    let at = std::iter::once(table).chain(headings).find_map(|table| walk(table, steps))?;
    Some(text.get(..at)?.matches('\n').count() + 1)
}

/// Follows the path as far as the file goes; the first step has to be there.
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
        assert_eq!(place("plans[1].monthlyFee"), ("plans (number 2).monthly_fee".into(), Some(11)));
        assert_eq!(place("plans[0].monthlyFee"), ("plans (number 1).monthly_fee".into(), Some(7)));
        assert_eq!(place("guestTariff.pricePerHour"), ("guest_tariff.price_per_hour".into(), Some(13)));
        assert_eq!(place("name"), ("name".into(), Some(3)));
        assert_eq!(place("address.country").1, Some(4));
    }

    #[test]
    fn a_field_that_is_missing_is_found_by_what_it_is_missing_from() {
        assert_eq!(place("plans[1].name"), ("plans (number 2).name".into(), Some(9)));
        assert_eq!(place("openingHours"), ("opening_hours".into(), None));
    }

    #[test]
    fn yaml_is_spelled_without_a_line() {
        let place = locate("hub.yaml", "hub:\n  name: N\n", "openingHours");
        assert_eq!(place, Place { field: "opening_hours".into(), line: None });
    }
}
