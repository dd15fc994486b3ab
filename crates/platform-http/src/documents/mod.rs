//! Trusted documents: queries that an installation knows beforehand, requested by the SHA-256 of their text.
//!
//! Always true: an id names exactly the text it is the hash of. In the mode `require` only a known document reaches the
//! parser.

pub(crate) mod nul_characters;
pub(crate) mod operation;
pub(crate) mod parsed;

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::{ErrorCode, responses::client_error::ClientError};

const PREFIX: &str = "sha256:";

/// How documents outside the list are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentsMode {
    /// No ids; every document is accepted.
    #[default]
    Off,
    /// Known documents may be requested by id; every other document is accepted, too.
    Allow,
    /// Only known documents are accepted, by id or in full.
    Require,
}

/// The documents that an installation knows.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    mode: DocumentsMode,
    by_hash: HashMap<String, String>,
}

/// Why a list of documents was refused.
#[derive(Debug, thiserror::Error)]
pub enum DocumentsError {
    /// The list is not a JSON object of texts.
    #[error("not a JSON object of hash and document: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A hash is not that of its document.
    #[error("{hash} is not the SHA-256 of its document, which is {actual}")]
    Mismatch {
        /// The hash in the list.
        hash: String,
        /// The correct hash.
        actual: String,
    },
}

impl Documents {
    /// Parses a list: a JSON object of hash (with or without `sha256:`) and document.
    ///
    /// # Errors
    /// See [`DocumentsError`].
    pub fn read(mode: DocumentsMode, list: &str) -> Result<Self, DocumentsError> {
        let listed: HashMap<String, String> = serde_json::from_str(list)?;
        let mut by_hash = HashMap::with_capacity(listed.len());
        for (hash, document) in listed {
            let actual = sha256(&document);
            if bare(&hash) != actual {
                return Err(DocumentsError::Mismatch { hash, actual });
            }
            by_hash.insert(actual, document);
        }
        Ok(Self { mode, by_hash })
    }

    /// The id of a document.
    pub fn id(document: &str) -> String {
        format!("{PREFIX}{}", sha256(document))
    }

    /// Returns the requested document.
    pub(crate) fn resolve(&self, document: Option<&str>, id: Option<&str>) -> Result<String, ClientError> {
        let document = document.filter(|text| !text.is_empty());
        match (self.mode, document, id) {
            (DocumentsMode::Off, None, _) | (_, None, None) => {
                Err(ClientError::new(ErrorCode::BadRequest, "The query is missing."))
            }
            (_, None, Some(id)) => self.known(&bare(id)).ok_or_else(|| {
                ClientError::new(ErrorCode::DocumentUnknown, "No document of this id is known here.")
            }),
            (DocumentsMode::Off | DocumentsMode::Allow, Some(document), _) => Ok(document.to_owned()),
            (DocumentsMode::Require, Some(document), _) => self.known(&sha256(document)).ok_or_else(|| {
                ClientError::new(
                    ErrorCode::DocumentRequired,
                    "Only documents on this server's list are answered.",
                )
            }),
        }
    }

    fn known(&self, hash: &str) -> Option<String> {
        self.by_hash.get(hash).cloned()
    }
}

fn bare(id: &str) -> String {
    id.strip_prefix(PREFIX).unwrap_or(id).to_ascii_lowercase()
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &str = "{ me }";

    fn documents(mode: DocumentsMode) -> Documents {
        let list = serde_json::json!({ format!("sha256:{}", sha256(QUERY)): QUERY });
        Documents::read(mode, &list.to_string()).expect("a list")
    }

    fn resolve(
        mode: DocumentsMode,
        document: Option<&str>,
        id: Option<&str>,
    ) -> Result<String, &'static str> {
        documents(mode).resolve(document, id).map_err(|refused| refused.code())
    }

    #[test]
    fn an_id_stands_for_its_document_with_or_without_the_prefix() {
        let hash = sha256(QUERY);
        for mode in [DocumentsMode::Allow, DocumentsMode::Require] {
            assert_eq!(resolve(mode, None, Some(&hash)), Ok(QUERY.to_owned()));
            assert_eq!(resolve(mode, None, Some(&format!("sha256:{hash}"))), Ok(QUERY.to_owned()));
            assert_eq!(resolve(mode, None, Some("sha256:00")), Err("DOCUMENT_UNKNOWN"));
        }
        assert_eq!(resolve(DocumentsMode::Off, None, Some(&hash)), Err("BAD_REQUEST"));
    }

    #[test]
    fn other_documents_pass_unless_the_list_is_required() {
        assert_eq!(resolve(DocumentsMode::Allow, Some("{ hub }"), None), Ok("{ hub }".to_owned()));
        assert_eq!(resolve(DocumentsMode::Require, Some("{ hub }"), None), Err("DOCUMENT_REQUIRED"));
        assert_eq!(resolve(DocumentsMode::Require, Some(QUERY), None), Ok(QUERY.to_owned()));
    }

    #[test]
    fn a_known_id_does_not_smuggle_another_document_in() {
        let hash = sha256(QUERY);
        assert_eq!(resolve(DocumentsMode::Require, Some("{ hub }"), Some(&hash)), Err("DOCUMENT_REQUIRED"));
    }

    #[test]
    fn a_list_that_lies_is_refused() {
        assert!(matches!(
            Documents::read(DocumentsMode::Allow, r#"{"00": "{ me }"}"#),
            Err(DocumentsError::Mismatch { .. })
        ));
        assert!(Documents::read(DocumentsMode::Allow, "[]").is_err());
    }
}
