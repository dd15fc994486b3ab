//! A field of the input that breaks a rule.
//!
//! Always true: the field is named as the client wrote it (`plans[1].monthlyFee`), and the rule is a sentence without the
//! field, which is the key of its translations (`code/rules.rs`).

use std::borrow::Cow;

use crate::{Coded, ErrorCode, PageError};

/// A field of the input breaks a rule. The graph shows the field as `extensions.field`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct InvalidInput {
    /// The field, as the client wrote it.
    pub field: Cow<'static, str>,
    /// The rule that its value must satisfy.
    pub rule: String,
}

impl InvalidInput {
    /// Makes the error of a field and a rule.
    pub fn new(field: impl Into<Cow<'static, str>>, rule: impl ToString) -> Self {
        Self { field: field.into(), rule: rule.to_string() }
    }

    /// Makes the error of a field whose type refuses the value.
    pub fn of<E: ToString>(field: &'static str) -> impl Fn(E) -> Self {
        move |rule| Self::new(field, rule)
    }
}

impl From<PageError> for InvalidInput {
    fn from(error: PageError) -> Self {
        Self::new(error.field(), error)
    }
}

impl Coded for InvalidInput {
    fn code(&self) -> ErrorCode {
        ErrorCode::InvalidInput
    }

    fn field(&self) -> Option<&str> {
        Some(&self.field)
    }
}
