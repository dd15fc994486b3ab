//! `[graphql]`: the graph.

use std::path::PathBuf;

use platform_http::DocumentsMode;
use serde::Deserialize;

/// The graph.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphqlConfig {
    /// Whether introspection is allowed.
    pub introspection: bool,
    /// A JSON file of hash and document: the trusted documents.
    pub documents: Option<PathBuf>,
    /// How other documents are treated.
    pub documents_mode: DocumentsPolicy,
}

/// How documents outside the list are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentsPolicy {
    /// There is no list.
    Off,
    /// Listed documents may be requested by id; other documents are accepted, too.
    Allow,
    /// Only listed documents are accepted.
    Require,
}

impl From<DocumentsPolicy> for DocumentsMode {
    fn from(policy: DocumentsPolicy) -> Self {
        match policy {
            DocumentsPolicy::Off => Self::Off,
            DocumentsPolicy::Allow => Self::Allow,
            DocumentsPolicy::Require => Self::Require,
        }
    }
}
