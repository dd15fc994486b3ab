//! An operation on one field, with the ids of one place or of several at once.
//!
//! Always true: each part of the response is named after the place whose ids it used, so the outcomes of the places
//! are distinct.

use serde_json::Map;
use testkit::Json;

use super::{
    fixture::Target,
    schema::{Schema, Selected, holds},
    table::{Line, Whose},
};

/// The ids that a way needs.
const WAYS: [&str; 4] = ["hub", "network", "event", "job"];

/// The outcome of an operation, or of a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Data,
    Denied,
    Missing,
}

/// An operation.
#[derive(Debug, Default)]
pub(super) struct Question {
    parts: Vec<String>,
    declared: Vec<String>,
    fragment: String,
    pub(super) variables: Map<String, Json>,
}

impl Question {
    /// Builds the operation of a field by its way, with the ids of each place.
    pub(super) fn about(schema: &Schema, line: &Line, places: &[(Whose, &Target)], number: usize) -> Self {
        let mut question = Self::default();
        for (whose, target) in places {
            let alias = whose.alias();
            let suffix = if line.of == "Mutation" { String::new() } else { format!("_{alias}") };
            let selected = schema.select((&line.of, &line.field), target, number, &suffix);
            question.add(&line.way, alias, target, selected);
        }
        question
    }

    /// Builds an operation with fields of a type in one fragment, spread at each place; they are named `field_0`,
    /// `field_1` ….
    pub(super) fn of_a_fragment(
        schema: &Schema,
        lines: &[&Line],
        places: &[(Whose, &Target)],
        number: usize,
    ) -> Self {
        let mut question = Self::default();
        let Some(first) = lines.first() else { return question };
        let mut fields = Vec::new();
        for (place, line) in lines.iter().enumerate() {
            let suffix = format!("_{place}");
            let selected = schema.select((&line.of, &line.field), places[0].1, number, &suffix);
            fields.push(format!("field_{place}: {}", selected.selection));
            question.declared.extend(selected.declared);
            question.variables.extend(selected.variables);
        }
        for (whose, target) in places {
            let spread = Selected { selection: "...Part".to_owned(), ..Selected::default() };
            question.add(&first.way, whose.alias(), target, spread);
        }
        question.fragment = format!(" fragment Part on {} {{ {} }}", first.of, fields.join(" "));
        question
    }

    fn add(&mut self, way: &str, alias: &str, target: &Target, selected: Selected) {
        let mut part = way.to_owned();
        for name in WAYS.into_iter().filter(|name| way.contains(&format!("${name}"))) {
            part = part.replace(&format!("${name}"), &format!("${name}_{alias}"));
            self.declared.push(format!("${name}_{alias}: ID!"));
            let id = target.id(&format!("{name}.id")).expect("an id");
            self.variables.insert(format!("{name}_{alias}"), id.into());
        }
        self.parts.push(format!("{alias}: {}", part.replace('@', &selected.selection)));
        self.declared.extend(selected.declared);
        self.variables.extend(selected.variables);
    }

    /// Returns the document of a kind of operation.
    pub(super) fn document(&self, kind: &str) -> String {
        let declared = self.declared.join(", ");
        let declared = if declared.is_empty() { declared } else { format!("({declared})") };
        format!("{kind}{declared} {{ {} }}{}", self.parts.join(" "), self.fragment)
    }
}

/// Returns the error codes of a response: of one part, or of all.
pub(super) fn codes<'a>(answer: &'a Json, alias: Option<&'a str>) -> impl Iterator<Item = &'a str> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    let is_of = move |error: &&Json| {
        let part = error["path"][0].as_str();
        alias.is_none() || part.is_none() || part == alias
    };
    errors.filter(is_of).map(|error| error["extensions"]["code"].as_str().unwrap_or("NO CODE"))
}

/// Returns the outcome of a part. Visible data counts as visible, even if other fields beside it are refused.
pub(super) fn outcome(answer: &Json, whose: Whose) -> Outcome {
    if holds(&answer["data"][whose.alias()]) {
        return Outcome::Data;
    }
    match codes(answer, Some(whose.alias())).next() {
        Some("UNAUTHENTICATED" | "FORBIDDEN") => Outcome::Denied,
        // They may do it, but not with this input.
        Some("CONFLICT" | "INVALID_INPUT") => Outcome::Data,
        _ => Outcome::Missing,
    }
}
