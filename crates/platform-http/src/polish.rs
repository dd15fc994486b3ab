//! The last look at what the service answers. Always true: every error that leaves has a code, and what a resolver says
//! about our own faults is logged once, here, and not told; a field that failed is there, as `null`.

use async_graphql::{ErrorExtensionValues, Name, PathSegment, Response, ServerError, Value};

use crate::{EdgeCode, refused::Refused};

/// What a client hears of our faults.
pub(crate) const INTERNAL: &str = "Something went wrong on our side.";
const UNAVAILABLE: &str = "A part of the service is away. Try again in a moment.";

/// How async-graphql begins the message when a value does not fit its scalar.
const UNFIT_VALUE: [&str; 2] = ["Failed to parse \"", "Expected input type \""];
/// How it says that the limits of the schema are passed.
const UNFIT_SIZE: [&str; 3] =
    ["Query is too complex", "Query is nested too deep", "The recursion depth of the query"];

/// Polishes the first response to an operation, which may say that the document does not fit the schema.
pub(crate) fn first(response: Response) -> Result<Response, Refused> {
    let invalid = response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty());
    if invalid { Err(self::invalid(response.errors)) } else { Ok(next(response)) }
}

/// Polishes any further response.
pub(crate) fn next(mut response: Response) -> Response {
    for error in &mut response.errors {
        finish(error);
        show_absence(&mut response.data, &error.path);
    }
    response
}

/// Puts `null` where a failed field should be: async-graphql 7.2 leaves the field out, and clients stumble.
fn show_absence(data: &mut Value, path: &[PathSegment]) {
    match (data, path) {
        (Value::Object(fields), [PathSegment::Field(name)]) => {
            fields.entry(Name::new(name)).or_insert(Value::Null);
        }
        (Value::Object(fields), [PathSegment::Field(name), rest @ ..]) => {
            if let Some(field) = fields.get_mut(name.as_str()) {
                show_absence(field, rest);
            }
        }
        (Value::List(items), [PathSegment::Index(index), rest @ ..]) => {
            if let Some(item) = items.get_mut(*index) {
                show_absence(item, rest);
            }
        }
        _ => {}
    }
}

/// Gives the errors of a document their codes.
pub(crate) fn invalid(mut errors: Vec<ServerError>) -> Refused {
    for error in &mut errors {
        let overspent = UNFIT_SIZE.iter().any(|words| error.message.starts_with(words));
        let fallback = if overspent { EdgeCode::QueryTooComplex } else { EdgeCode::GraphqlValidationFailed };
        if code(error).is_none() {
            set_code(error, fallback);
        }
    }
    Refused::invalid(errors)
}

fn finish(error: &mut ServerError) {
    match code(error) {
        None if UNFIT_VALUE.iter().any(|words| error.message.starts_with(words)) => {
            set_code(error, EdgeCode::InvalidInput);
        }
        Some("UNAVAILABLE") => hide(error, EdgeCode::Unavailable, UNAVAILABLE),
        None | Some("INTERNAL") => hide(error, EdgeCode::Internal, INTERNAL),
        Some(_) => {}
    }
}

/// Keeps an error's words for the log.
fn hide(error: &mut ServerError, code: EdgeCode, told: &str) {
    let path = path(error);
    tracing::error!(code = code.as_str(), graphql.path = path, error = error.message, "a field failed");
    told.clone_into(&mut error.message);
    set_code(error, code);
}

fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        Value::Enum(code) => Some(code),
        _ => None,
    }
}

fn set_code(error: &mut ServerError, code: EdgeCode) {
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
    use async_graphql::value;

    use super::*;

    fn failed_field(message: &str, code: Option<&str>) -> ServerError {
        let mut error = ServerError::new(message, None).with_path(vec![PathSegment::Field("hub".to_owned())]);
        if let Some(code) = code {
            error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
        }
        error
    }

    fn told(error: ServerError) -> (String, String) {
        let mut response = next(Response::from_errors(vec![error]));
        let error = response.errors.remove(0);
        let code = code(&error).expect("every error has a code").to_owned();
        (code, error.message)
    }

    #[test]
    fn what_went_wrong_inside_is_not_told() {
        for code in [None, Some("INTERNAL")] {
            let (code, message) = told(failed_field("connection to 10.0.0.7 refused", code));
            assert_eq!((code.as_str(), message.as_str()), ("INTERNAL", INTERNAL));
        }
        let (code, message) = told(failed_field("redis: timed out", Some("UNAVAILABLE")));
        assert_eq!((code.as_str(), message.as_str()), ("UNAVAILABLE", UNAVAILABLE));
    }

    #[test]
    fn a_field_that_failed_is_null_in_its_place() {
        let path = ["hubs", "0", "occupancy"].map(|segment| {
            segment.parse().map_or_else(|_| PathSegment::Field(segment.to_owned()), PathSegment::Index)
        });
        let mut response = Response::new(value!({"hubs": [{"id": 1}, {"id": 2}]}));
        response.errors = vec![ServerError::new("away", None).with_path(path.to_vec())];
        assert_eq!(next(response).data, value!({"hubs": [{"id": 1, "occupancy": null}, {"id": 2}]}));
    }

    #[test]
    fn a_refusal_of_the_service_passes_untouched() {
        let (code, message) = told(failed_field("no such hub", Some("NOT_FOUND")));
        assert_eq!((code.as_str(), message.as_str()), ("NOT_FOUND", "no such hub"));
    }

    #[test]
    fn a_value_that_does_not_fit_is_the_callers_fault() {
        let (code, message) = told(failed_field("Failed to parse \"Int\": too big", None));
        assert_eq!((code.as_str(), message.as_str()), ("INVALID_INPUT", "Failed to parse \"Int\": too big"));
    }

    #[test]
    fn a_document_that_does_not_fit_the_schema_is_refused_as_a_whole() {
        let unfit = Response::from_errors(vec![ServerError::new("Unknown field \"x\"", None)]);
        let refused = first(unfit).expect_err("refused");
        assert_eq!(code(&refused.errors()[0]), Some("GRAPHQL_VALIDATION_FAILED"));
        let too_deep = Response::from_errors(vec![ServerError::new("Query is nested too deep.", None)]);
        assert_eq!(code(&first(too_deep).expect_err("refused").errors()[0]), Some("QUERY_TOO_COMPLEX"));
    }
}
