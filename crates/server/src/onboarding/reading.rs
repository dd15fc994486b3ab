//! Reads an onboarding file into the structures it describes.
//!
//! Always true: YAML takes what TOML takes, as both are read into the same structures; a date needs no quotes in
//! either. A mistake is named by its line and, if the parser knows it, by the field as the file spells it.

use std::{borrow::Cow, fmt::Display, path::Path};

use serde::{Deserializer, de::DeserializeOwned};
use serde_json::Value as Json;
use serde_path_to_error::Segment;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    OnboardingError,
    spelling::{HEADINGS, Step, spell},
};

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Toml,
    Yaml,
}

impl Format {
    /// Determines the format from the file's name.
    pub(super) fn of(name: &str) -> Self {
        let ending = Path::new(name).extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        let is_yaml = ["yaml", "yml"].iter().any(|yaml| ending.eq_ignore_ascii_case(yaml));
        if is_yaml { Self::Yaml } else { Self::Toml }
    }
}

/// Why a text cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// The field, as the file spells it; `None` if the text is not even in its format.
    pub(super) field: Option<String>,
    /// The line.
    pub(super) line: usize,
    /// What is wrong.
    pub(super) problem: String,
}

impl Mistake {
    /// The error of a file with this mistake.
    pub(super) fn of_file(self, name: &str) -> OnboardingError {
        let field = self.field.map_or_else(String::new, |field| format!("{field}: "));
        OnboardingError::Malformed(format!("{name}:{}", self.line), field + &self.problem)
    }
}

/// Reads a text in the format given by the file's name.
pub(super) fn read_as<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Mistake> {
    match Format::of(name) {
        Format::Yaml => read_yaml(text),
        Format::Toml => read_toml(text),
    }
}

fn read_toml<T: DeserializeOwned>(text: &str) -> Result<T, Mistake> {
    let line = |error: &toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        text.get(..start).unwrap_or_default().matches('\n').count() + 1
    };
    let problem = |error: &toml::de::Error| error.message().to_owned();
    let mut table = DeTable::parse(text).map_err(|error| Mistake {
        field: None,
        line: line(&error),
        problem: problem(&error),
    })?;
    write_dates_out(table.get_mut());
    let whole = || toml::from_str(text).unwrap_or_default();
    read(toml::Deserializer::from(table), whole, line, |error, _path| problem(error))
}

/// Converts the dates of a table to texts, the form in which they are read everywhere else.
fn write_dates_out(table: &mut DeTable<'_>) {
    table.iter_mut().for_each(|(_, value)| write_date_out(value));
}

fn write_date_out(value: &mut Spanned<DeValue<'_>>) {
    match value.get_mut() {
        DeValue::Datetime(date) => {
            let text = date.to_string();
            *value.get_mut() = DeValue::String(Cow::Owned(text));
        }
        DeValue::Array(list) => list.iter_mut().for_each(write_date_out),
        DeValue::Table(table) => write_dates_out(table),
        _ => {}
    }
}

fn read_yaml<T: DeserializeOwned>(text: &str) -> Result<T, Mistake> {
    let whole = || serde_yaml_ng::from_str(text).unwrap_or_default();
    let line = |error: &serde_yaml_ng::Error| error.location().map_or(1, |place| place.line());
    // The parser's message also contains the path, or its parent's, and the place.
    let problem = |error: &serde_yaml_ng::Error, path: &str| {
        let message = error.to_string();
        let place = error.location();
        let place = place.map(|it| format!(" at line {} column {}", it.line(), it.column()));
        let message = place.and_then(|place| message.strip_suffix(&place)).unwrap_or(&message);
        match message.split_once(": ") {
            Some((around, problem)) if path.starts_with(around) => problem.to_owned(),
            _ => message.to_owned(),
        }
    };
    read(serde_yaml_ng::Deserializer::from_str(text), whole, line, problem)
}

/// Reads with any parser; a mistake is named by the path to it.
fn read<'t, T: DeserializeOwned, D: Deserializer<'t>>(
    reader: D,
    whole: impl FnOnce() -> Json,
    line: impl FnOnce(&D::Error) -> usize,
    problem: impl FnOnce(&D::Error, &str) -> String,
) -> Result<T, Mistake>
where
    D::Error: Display,
{
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let steps = steps(error.path());
        let field = (!steps.is_empty()).then(|| spell(&steps, &whole()));
        let path = error.path().to_string();
        let error = error.into_inner();
        Mistake { field, line: line(&error), problem: problem(&error, &path) }
    })
}

/// The path to a field, without the heading of the hub's or the network's own fields.
fn steps(path: &serde_path_to_error::Path) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for segment in path {
        match (segment, steps.last_mut()) {
            (Segment::Map { key }, _) => steps.push(Step { key: key.clone(), entry: None }),
            (Segment::Seq { index }, Some(list)) => list.entry = Some(*index),
            _ => {}
        }
    }
    if steps.len() > 1 && HEADINGS.contains(&steps[0].key.as_str()) {
        steps.remove(0);
    }
    steps
}
