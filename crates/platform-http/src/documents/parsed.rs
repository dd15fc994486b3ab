//! A cache of parsed documents: apps send the same few again and again, and parsing is the edge's largest cost.
//!
//! Always true: an entry depends on the text alone and has passed the budget's first count; it never contains
//! variables. Entries expire some time after their last use, and their total size is bounded.

use std::{sync::Arc, time::Duration};

use async_graphql::parser::{parse_query, types::ExecutableDocument};
use moka::sync::Cache;

use crate::{budget::QueryBudget, responses::client_error::ClientError};

/// Length of all texts together; their parsed form is some tens of times larger.
const MOST_BYTES: u64 = 256 * 1024;
const KEPT_UNUSED: Duration = Duration::from_mins(5);

/// Documents by their texts, for one budget.
pub(crate) struct Parsed {
    budget: QueryBudget,
    kept: Cache<String, Arc<ExecutableDocument>>,
}

impl Parsed {
    pub(crate) fn within(budget: QueryBudget) -> Self {
        let weigher =
            |text: &String, _: &Arc<ExecutableDocument>| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let kept =
            Cache::builder().weigher(weigher).max_capacity(MOST_BYTES).time_to_idle(KEPT_UNUSED).build();
        Self { budget, kept }
    }

    pub(crate) fn budget(&self) -> &QueryBudget {
        &self.budget
    }

    /// Returns the document if the budget allows its text.
    pub(crate) fn parse(&self, text: &str) -> Result<Arc<ExecutableDocument>, ClientError> {
        if let Some(document) = self.kept.get(text) {
            return Ok(document);
        }
        self.budget.check_text(text)?;
        let document = Arc::new(parse_query(text).map_err(|error| ClientError::unparsed(error.into()))?);
        self.kept.insert(text.to_owned(), Arc::clone(&document));
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed() -> Parsed {
        Parsed::within(QueryBudget::default())
    }

    #[test]
    fn a_document_is_parsed_once() {
        let parsed = parsed();
        let document = || parsed.parse("{ a }").ok();
        assert!(Arc::ptr_eq(&document().expect("GraphQL"), &document().expect("GraphQL")));
    }

    #[test]
    fn what_is_refused_is_not_kept() {
        let parsed = parsed();
        for refused in ["{ a", &"{ a ".repeat(100)] {
            assert!(parsed.parse(refused).is_err());
            assert!(parsed.parse(refused).is_err());
        }
        assert_eq!(parsed.kept.iter().count(), 0);
    }

    #[test]
    fn many_documents_stay_within_bounds() {
        let parsed = parsed();
        let (longest, many) = (4_000, 500);
        for number in 0..many {
            drop(parsed.parse(&format!("{{ {} a{number} }}", " ".repeat(longest))));
        }
        parsed.kept.run_pending_tasks();
        assert!(parsed.kept.weighted_size() <= MOST_BYTES);
        assert!(parsed.kept.iter().count() > 0);
    }
}
