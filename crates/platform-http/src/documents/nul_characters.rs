//! The character NUL. Always true: no text that reaches a service contains one, because PostgreSQL cannot store it and
//! C libraries end a text there.

use async_graphql::{Request, Value};

use crate::{ErrorCode, responses::client_error::ClientError};

/// Refuses a request with a NUL anywhere in its variables or in a text of its document.
pub(crate) fn refuse(request: &Request) -> Result<(), ClientError> {
    let written = request.query.contains('\0') || request.query.contains("\\u0000");
    let named = request.operation_name.as_ref().is_some_and(|name| name.contains('\0'));
    if written || named || request.variables.values().any(holds) {
        return Err(ClientError::new(ErrorCode::InvalidInput, "A text holds the character NUL."));
    }
    Ok(())
}

fn holds(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::List(items) => items.iter().any(holds),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds(value)),
        Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Enum(_) | Value::Binary(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Variables, value};

    use super::*;

    fn is_refused(query: &str, variables: Value) -> bool {
        refuse(&Request::new(query).variables(Variables::from_value(variables))).is_err()
    }

    #[test]
    fn nul_is_found_wherever_it_stands() {
        assert!(!is_refused("{ hub(slug: \"a\") { id } }", value!({"a": ["b", {"c": 1}]})));
        assert!(is_refused("{ hub(slug: \"a\\u0000\") { id } }", value!({})));
        assert!(is_refused("{ hub(slug: \"a\0\") { id } }", value!({})));
        assert!(is_refused("{ a }", value!({"a": ["b", {"c": "\0"}]})));
    }
}
