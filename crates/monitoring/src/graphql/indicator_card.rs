//! `IndicatorCard` in the graph.

use async_graphql::SimpleObject;

use crate::Language;

/// An indicator: its name, unit and definition.
#[derive(SimpleObject, Clone, Debug)]
pub struct IndicatorCard {
    /// The stable code.
    code: &'static str,
    /// The name, in the requested language.
    name: &'static str,
    /// The unit, in the requested language.
    unit: &'static str,
    /// What is counted and what is not, in the requested language.
    definition: &'static str,
}

impl IndicatorCard {
    pub(super) fn in_language(card: &crate::IndicatorCard, language: Language) -> Self {
        Self {
            code: card.code,
            name: card.name.in_language(language),
            unit: card.unit.in_language(language),
            definition: card.definition.in_language(language),
        }
    }
}
