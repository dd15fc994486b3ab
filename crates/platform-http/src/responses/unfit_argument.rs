//! Arguments that do not fit the schema: the library reports them in a sentence, clients need the field.
//!
//! Always true: the field is spelled as in every other error, by its path in the input (`plans[1].monthlyFee`), and
//! the rule is one of [`kernel::rule_in`], so it is shown in the caller's language.

use async_graphql::{ErrorExtensionValues, ServerError};

/// How async-graphql begins the message about an argument that does not fit its type.
const UNFIT_ARGUMENT: &str = "Invalid value for argument \"";
/// The argument that holds a mutation's input; field paths begin below it.
const INPUT: &str = "input";

/// Adds the field to an error about an argument, and states the rule in our own words. Leaves other errors alone.
pub(crate) fn name_field(error: &mut ServerError) {
    let Some((path, problem)) =
        error.message.strip_prefix(UNFIT_ARGUMENT).and_then(|rest| rest.split_once("\", "))
    else {
        return;
    };
    let (below, rule) = rule(problem);
    let field = field(path.split('.').chain(below));
    error.message = format!("{field}: {rule}");
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("field", field);
}

/// Returns the rule that the library's sentence is about, and the member of the named object that breaks it, if any.
fn rule(problem: &str) -> (Option<&str>, String) {
    if let Some(wanted) = quoted(problem, "expected type ") {
        return (None, format!("must be a value of the type {wanted}"));
    }
    if let Some(member) = quoted(problem, "unknown field ") {
        return (Some(member), "is not a field of this input".to_owned());
    }
    if let (Some(member), true) =
        (quoted(problem, "field "), problem.ends_with("is required but not provided"))
    {
        return (Some(member), "must be given".to_owned());
    }
    match problem.rsplit_once(" does not contain the value ") {
        Some((_, value)) => (None, format!("{value} is not one of the values of its type")),
        None => (None, problem.to_owned()),
    }
}

/// Returns the text in quotation marks after the given words.
fn quoted<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    text.strip_prefix(words)?.strip_prefix('"')?.split('"').next()
}

/// Spells a path: without the argument that holds a mutation's input, positions in brackets.
fn field<'p>(segments: impl Iterator<Item = &'p str>) -> String {
    let segments: Vec<&str> = segments.collect();
    let below_input = match segments.split_first() {
        Some((&INPUT, below)) if !below.is_empty() => below,
        _ => &segments[..],
    };
    let mut path = String::new();
    for segment in below_input {
        if segment.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push('[');
            path.push_str(segment);
            path.push(']');
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(segment);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use kernel::{Language, rule_in};

    use super::*;

    #[test]
    fn an_argument_that_does_not_fit_is_named_as_in_every_other_error() {
        for (message, wanted) in [
            ("\"first\", expected type \"Int\"", "first: must be a value of the type Int"),
            (
                "\"input\", field \"name\" of type \"String!\" is required but not provided",
                "name: must be given",
            ),
            (
                "\"input.plans.1\", unknown field \"fee\" of type \"PlanInput\"",
                "plans[1].fee: is not a field of this input",
            ),
            (
                "\"input.kind\", enumeration type \"HubKind\" does not contain the value \"PUB\"",
                "kind: \"PUB\" is not one of the values of its type",
            ),
        ] {
            let mut error = ServerError::new(format!("Invalid value for argument {message}"), None);
            name_field(&mut error);
            assert_eq!(error.message, wanted);
            let (_, rule) = wanted.split_once(": ").expect("a field and a rule");
            assert!(rule_in(rule, Language::Uk).is_some(), "{rule:?} is in no other language");
        }
    }
}
