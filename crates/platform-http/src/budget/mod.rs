//! The query budget: the limits of a GraphQL document, checked before anything walks it.
//!
//! Always true: [`QueryBudget::check_text`] reads every byte once and builds nothing, so its cost is linear in the
//! length. [`QueryBudget::check_document`] counts the document as if every fragment were expanded where it is spread,
//! without expanding it.

mod expansion;
mod lexer;
mod text;

use async_graphql::{Variables, parser::types::ExecutableDocument};

/// The limits of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryBudget {
    /// Length of the document in bytes.
    pub document_bytes: usize,
    /// Words, numbers, strings and signs.
    pub tokens: usize,
    /// Braces, brackets and parentheses open at once.
    pub nesting: usize,
    /// Spreads (`...`), named and inline.
    pub spreads: usize,
    /// Renamed fields.
    pub aliases: usize,
    /// Directives (`@include` and the like).
    pub directives: usize,
    /// Selected fields with every fragment expanded.
    pub selections: usize,
    /// Nesting of fields with every fragment expanded.
    pub depth: usize,
    /// Fields, and objects times the lengths of the pages around them.
    pub complexity: usize,
    /// Whether introspection is allowed. Such queries are limited by the counts above, not by depth and complexity.
    pub introspection: bool,
}

impl Default for QueryBudget {
    fn default() -> Self {
        Self {
            document_bytes: 16 * 1024,
            tokens: 500,
            nesting: 15,
            spreads: 20,
            aliases: 30,
            directives: 5,
            selections: 2_000,
            depth: 8,
            complexity: 1_000,
            introspection: true,
        }
    }
}

impl QueryBudget {
    /// The budget for queries that a federation router writes.
    pub fn behind_router() -> Self {
        Self {
            document_bytes: 256 * 1024,
            tokens: 20_000,
            nesting: 40,
            spreads: 1_000,
            aliases: 1_000,
            directives: 200,
            selections: 20_000,
            depth: 40,
            complexity: 100_000,
            introspection: true,
        }
    }

    /// Counts what is visible without parsing.
    pub fn check_text(&self, document: &str) -> Result<(), Overspent> {
        text::check(self, document)
    }

    /// Counts what fragments and pages multiply. Call it after [`Self::check_text`], which bounds its recursion.
    pub fn check_document(
        &self,
        document: &ExecutableDocument,
        variables: &Variables,
    ) -> Result<(), Overspent> {
        expansion::check(self, document, variables)
    }

    fn within(limit: usize, spent: usize, of: &'static str) -> Result<(), Overspent> {
        if spent > limit { Err(Overspent::TooMany { of, limit }) } else { Ok(()) }
    }
}

/// Why a document was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Overspent {
    /// More of one thing than allowed.
    #[error("The query has more than {limit} {of}.")]
    TooMany {
        /// The counted thing.
        of: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Introspection is switched off.
    #[error("This server does not describe its schema; read the published schema.graphql.")]
    SchemaAsked,
    /// A fragment spreads itself, directly or through others.
    #[error("A fragment of the query spreads itself.")]
    EndlessFragment,
    /// A string has no end, so the rest cannot be counted.
    #[error("A string in the query has no end.")]
    EndlessString,
}
