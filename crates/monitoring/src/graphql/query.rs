//! Monitoring's part of `Query`.

use async_graphql::{Error, Object};
use graph::coded;
use kernel::InvalidInput;

use super::IndicatorCard;
use crate::{Language, MonitoringError, UnknownLanguage};

/// Monitoring's part of the query root.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query;

#[Object(name = "MonitoringQuery")]
impl Query {
    /// The cards of the indicators that are computed from visits. Public.
    async fn indicator_cards(
        &self,
        #[graphql(desc = "The language of the texts: en, cs, pl or uk.", default = "en")] language: String,
    ) -> Result<Option<Vec<IndicatorCard>>, Error> {
        let invalid = |unknown: UnknownLanguage| InvalidInput::new("language", unknown.to_string());
        let language: Language =
            language.parse().map_err(|unknown| coded(MonitoringError::from(invalid(unknown))))?;
        let card = |card| IndicatorCard::in_language(card, language);
        Ok(Some(crate::IndicatorCard::BUILT_IN.iter().map(card).collect()))
    }
}
