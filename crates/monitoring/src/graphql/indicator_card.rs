//! `IndicatorCard` in the graph.

use async_graphql::SimpleObject;

use crate::Language;

/// What an indicator is: its name, what it counts, and in what unit.
#[derive(SimpleObject, Clone, Debug)]
pub struct IndicatorCard {
    /// The stable code.
    code: &'static str,
    /// What it is called, in the language asked for.
    name: &'static str,
    /// What one of it is, in the language asked for.
    unit: &'static str,
    /// What is counted and what is not, in the language asked for.
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
