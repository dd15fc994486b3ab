//! The final format of a service's errors. Always true: every error that leaves has a code, and a resolver's message
//! about an internal fault is logged once, here, and not shown.

use async_graphql::{ErrorExtensionValues, PathSegment, Response, ServerError, Value};

use kernel::{Language, rule_in};

use super::unfit_argument;
use crate::{ErrorCode, responses::client_error::ClientError};

/// The message that a client gets for an internal fault.
pub(crate) const INTERNAL: &str = ErrorCode::Internal.sentence(Language::En);
const UNAVAILABLE: &str = ErrorCode::Unavailable.sentence(Language::En);

/// How async-graphql begins the message for a value that does not fit its scalar.
const UNFIT_VALUE: [&str; 2] = ["Failed to parse \"", "Expected input type \""];
/// How async-graphql begins the message for an exceeded limit of the schema.
const UNFIT_SIZE: [&str; 3] =
    ["Query is too complex", "Query is nested too deep", "The recursion depth of the query"];

/// Formats the first response to an operation, which may report that the document does not fit the schema.
pub(crate) fn first(response: Response, language: Language) -> Result<Response, ClientError> {
    let invalid = response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty());
    if invalid { Err(self::invalid(response.errors)) } else { Ok(next(response, language)) }
}

/// Formats any further response.
pub(crate) fn next(mut response: Response, language: Language) -> Response {
    for error in &mut response.errors {
        finish(error);
        translate(error, language);
    }
    response
}

/// Sets the codes of a document's errors.
pub(crate) fn invalid(mut errors: Vec<ServerError>) -> ClientError {
    for error in &mut errors {
        unfit_argument::name_field(error);
        let overspent = UNFIT_SIZE.iter().any(|words| error.message.starts_with(words));
        let fallback =
            if overspent { ErrorCode::QueryTooComplex } else { ErrorCode::GraphqlValidationFailed };
        if code(error).is_none() {
            set_code(error, fallback);
        }
    }
    ClientError::invalid(errors)
}

fn finish(error: &mut ServerError) {
    match code(error) {
        None if UNFIT_VALUE.iter().any(|words| error.message.starts_with(words)) => {
            set_code(error, ErrorCode::InvalidInput);
        }
        Some("UNAVAILABLE") => hide(error, ErrorCode::Unavailable, UNAVAILABLE),
        None | Some("INTERNAL") => hide(error, ErrorCode::Internal, INTERNAL),
        Some(_) => {}
    }
}

/// Translates a formatted error into the caller's language: the field and the sentence of the broken rule, or the
/// sentence of the code if no rule has these words. The English sentence stands in `extensions.detail`, too.
pub(crate) fn translate(error: &mut ServerError, language: Language) {
    let known = code(error).and_then(ErrorCode::of);
    let is_internal = matches!(known, Some(ErrorCode::Internal | ErrorCode::Unavailable));
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    if !is_internal {
        extensions.set("detail", error.message.as_str());
    }
    if let (Some(code), false) = (known, language == Language::En) {
        let rule = if is_internal { None } else { rule_in_words(error, language) };
        error.message = rule.unwrap_or_else(|| code.sentence(language).to_owned());
    }
}

/// Translates the rule that an error names in English.
fn rule_in_words(error: &ServerError, language: Language) -> Option<String> {
    let Some(field) = extension(error, "field") else { return rule_in(&error.message, language) };
    let rule = error.message.strip_prefix(field)?;
    let rule = rule.strip_prefix(':').unwrap_or(rule).trim_start();
    Some(format!("{field}: {}", rule_in(rule, language)?))
}

/// Logs an error's message and replaces it.
fn hide(error: &mut ServerError, code: ErrorCode, shown: &str) {
    let path = path(error);
    tracing::error!(code = code.as_str(), graphql.path = path, error = error.message, "a field failed");
    shown.clone_into(&mut error.message);
    set_code(error, code);
}

fn code(error: &ServerError) -> Option<&str> {
    extension(error, "code")
}

fn extension<'e>(error: &'e ServerError, name: &str) -> Option<&'e str> {
    match error.extensions.as_ref()?.get(name)? {
        Value::String(text) => Some(text),
        Value::Enum(text) => Some(text),
        _ => None,
    }
}

fn set_code(error: &mut ServerError, code: ErrorCode) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.as_str());
}

fn path(error: &ServerError) -> String {
    let segments: Vec<String> = error
        .path
        .iter()
        .map(|segment| match segment {
            PathSegment::Field(name) => name.clone(),
            PathSegment::Index(index) => index.to_string(),
        })
        .collect();
    segments.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed_field(message: &str, code: Option<&str>) -> ServerError {
        let mut error = ServerError::new(message, None).with_path(vec![PathSegment::Field("hub".to_owned())]);
        if let Some(code) = code {
            error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
        }
        error
    }

    fn shown(error: ServerError) -> (String, String) {
        let mut response = next(Response::from_errors(vec![error]), Language::En);
        let error = response.errors.remove(0);
        let code = code(&error).expect("every error has a code").to_owned();
        (code, error.message)
    }

    #[test]
    fn internal_errors_are_not_disclosed() {
        for code in [None, Some("INTERNAL")] {
            let (code, message) = shown(failed_field("connection to 10.0.0.7 refused", code));
            assert_eq!((code.as_str(), message.as_str()), ("INTERNAL", INTERNAL));
        }
        let (code, message) = shown(failed_field("redis: timed out", Some("UNAVAILABLE")));
        assert_eq!((code.as_str(), message.as_str()), ("UNAVAILABLE", UNAVAILABLE));
    }

    #[test]
    fn a_refusal_is_in_the_callers_language_and_keeps_its_detail() {
        let mut response = Response::from_errors(vec![
            failed_field("the moon is full", Some("INVALID_INPUT")),
            failed_field("disk full", Some("INTERNAL")),
        ]);
        response = next(response, Language::Cs);
        let shown = serde_json::to_value(&response.errors).expect("JSON");
        assert_eq!(shown[0]["message"], "Něco v požadavku není správně.");
        assert_eq!(shown[0]["extensions"]["detail"], "the moon is full");
        assert_eq!(shown[1]["message"], "Na naší straně se něco pokazilo.");
        assert_eq!(shown[1]["extensions"], serde_json::json!({"code": "INTERNAL"}));
    }

    #[test]
    fn a_rule_that_was_broken_is_named_in_the_callers_language_with_its_field() {
        let field = |name: &str, mut error: ServerError| {
            error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("field", name);
            error
        };
        let error = |message: &str| failed_field(message, Some("INVALID_INPUT"));
        let mut response = Response::from_errors(vec![
            field("capacity", error("capacity must be between 1 and 500")),
            field("plans[1].monthlyFee", error("plans[1].monthlyFee: not negative")),
            failed_field("the event is over", Some("CONFLICT")),
        ]);
        response = next(response, Language::Pl);
        let shown: Vec<&str> = response.errors.iter().map(|error| error.message.as_str()).collect();
        let wanted = [
            "capacity: musi być między 1 a 500",
            "plans[1].monthlyFee: nie może być ujemne",
            "wydarzenie już się skończyło",
        ];
        assert_eq!(shown, wanted);
        assert_eq!(extension(&response.errors[0], "detail"), Some("capacity must be between 1 and 500"));
    }

    #[test]
    fn a_refusal_of_the_service_passes_untouched() {
        let (code, message) = shown(failed_field("no such hub", Some("NOT_FOUND")));
        assert_eq!((code.as_str(), message.as_str()), ("NOT_FOUND", "no such hub"));
    }

    #[test]
    fn a_value_that_does_not_fit_is_the_callers_fault() {
        let (code, message) = shown(failed_field("Failed to parse \"Int\": too big", None));
        assert_eq!((code.as_str(), message.as_str()), ("INVALID_INPUT", "Failed to parse \"Int\": too big"));
    }

    #[test]
    fn a_document_that_does_not_fit_the_schema_is_refused_as_a_whole() {
        let unfit = Response::from_errors(vec![ServerError::new("Unknown field \"x\"", None)]);
        let refused = first(unfit, Language::En).expect_err("refused");
        assert_eq!(code(&refused.errors_in(Language::En)[0]), Some("GRAPHQL_VALIDATION_FAILED"));
        let too_deep = Response::from_errors(vec![ServerError::new("Query is nested too deep.", None)]);
        assert_eq!(
            code(&first(too_deep, Language::En).expect_err("refused").errors_in(Language::En)[0]),
            Some("QUERY_TOO_COMPLEX")
        );
    }
}
