//! One operation that has passed the budget and the parser, and is known to be a query, a mutation or a subscription.

use async_graphql::{
    Request, ServerError, Value, Variables,
    parser::types::{
        DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};

use crate::{
    documents::nul_characters, documents::parsed::Parsed, responses::client_error::ClientError,
    responses::error_format,
};

/// A request ready for the authenticator.
pub(crate) struct Operation {
    pub(crate) kind: OperationType,
    pub(crate) request: Request,
    /// The names of its outermost fields; `None` if fragments hide them.
    fields: Option<Vec<String>>,
    /// The number of its outermost fields with every fragment expanded: each queries the database on its own.
    root_fields: u32,
}

impl Operation {
    /// Counts, parses and checks a request. All checks are cheap and need no caller.
    pub(crate) fn check(mut request: Request, parsed: &Parsed) -> Result<Self, ClientError> {
        nul_characters::refuse(&request)?;
        let document = parsed.parse(&request.query)?;
        parsed.budget().check_document(&document, &request.variables)?;
        let definition = chosen(&document, request.operation_name.as_deref())?;
        require_variables(definition, &request.variables)?;
        let kind = definition.ty;
        let fields = root_fields(definition);
        let root_fields = count_root_fields(&document, &definition.selection_set.node);
        // Spares the service a second parse.
        request.set_parsed_query(document.as_ref().clone());
        Ok(Self { kind, request, fields, root_fields })
    }

    pub(crate) fn root_fields(&self) -> u32 {
        self.root_fields
    }

    /// Whether all its fields are among these mutations.
    pub(crate) fn is_only(&self, mutations: &[&str]) -> bool {
        let fields = self.fields.as_deref().unwrap_or_default();
        self.kind == OperationType::Mutation
            && !fields.is_empty()
            && fields.iter().all(|field| mutations.contains(&field.as_str()))
    }

    pub(crate) fn is_subscription(&self) -> bool {
        self.kind == OperationType::Subscription
    }
}

/// Returns the requested operation.
fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, ClientError> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next()
        }
        (DocumentOperations::Single(_), Some(_)) | (DocumentOperations::Multiple(_), None) => None,
    };
    found.map(|operation| &operation.node).ok_or_else(|| {
        let message = match name {
            Some(name) => format!("The document has no operation named {name:?}."),
            None => "The document has several operations: say which by operationName.".to_owned(),
        };
        error_format::invalid(vec![ServerError::new(message, None)])
    })
}

fn root_fields(operation: &OperationDefinition) -> Option<Vec<String>> {
    let names = operation.selection_set.node.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => Some(field.node.name.node.to_string()),
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => None,
    });
    names.collect()
}

/// Counts the outermost fields of a document that has passed the budget, which bounds the nesting of fragments.
fn count_root_fields(document: &ExecutableDocument, selections: &SelectionSet) -> u32 {
    let counts = selections.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => u32::from(field.node.name.node != "__typename"),
        Selection::InlineFragment(inline) => count_root_fields(document, &inline.node.selection_set.node),
        Selection::FragmentSpread(spread) => document
            .fragments
            .get(&spread.node.fragment_name.node)
            .map_or(0, |fragment| count_root_fields(document, &fragment.node.selection_set.node)),
    });
    counts.fold(0, u32::saturating_add)
}

/// Refuses a request without a variable that its operation requires.
fn require_variables(operation: &OperationDefinition, variables: &Variables) -> Result<(), ClientError> {
    let missing: Vec<ServerError> = operation
        .variable_definitions
        .iter()
        .filter(|definition| {
            let given = variables.get(&definition.node.name.node);
            !definition.node.var_type.node.nullable
                && given.or(definition.node.default_value()).is_none_or(|value| *value == Value::Null)
        })
        .map(|definition| {
            let message = format!("The variable ${} is required.", definition.node.name.node);
            ServerError::new(message, Some(definition.pos))
        })
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(error_format::invalid(missing)) }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;
    use crate::budget::QueryBudget;

    fn check(request: Request) -> Result<OperationType, &'static str> {
        Operation::check(request, &Parsed::within(QueryBudget::default()))
            .map(|operation| operation.kind)
            .map_err(|refused| refused.code())
    }

    #[test]
    fn the_named_operation_is_the_one_that_counts() {
        let document = "query Look { a } mutation Do { b }";
        assert_eq!(check(Request::new(document).operation_name("Do")), Ok(OperationType::Mutation));
        assert_eq!(check(Request::new(document).operation_name("Look")), Ok(OperationType::Query));
        assert_eq!(check(Request::new(document)), Err("GRAPHQL_VALIDATION_FAILED"));
        assert_eq!(check(Request::new(document).operation_name("No")), Err("GRAPHQL_VALIDATION_FAILED"));
    }

    #[test]
    fn a_document_that_is_no_graphql_is_refused() {
        assert_eq!(check(Request::new("{ a")), Err("GRAPHQL_PARSE_FAILED"));
        assert_eq!(check(Request::new("{ a(x: \"open) }")), Err("GRAPHQL_PARSE_FAILED"));
    }

    #[test]
    fn aliases_and_fragments_hide_no_field() {
        let count = |document| {
            let parsed = Parsed::within(QueryBudget::default());
            Operation::check(Request::new(document), &parsed).ok().map(|operation| operation.root_fields())
        };
        assert_eq!(count("{ a }"), Some(1));
        assert_eq!(count("{ x: a y: a z: b __typename }"), Some(3));
        assert_eq!(count("{ ...F ... { b ...F } } fragment F on Query { x: a y: a }"), Some(5));
    }

    #[test]
    fn a_required_variable_must_be_there() {
        let request = |given| {
            Request::new("query ($id: ID!, $n: Int! = 1, $o: Int) { a(id: $id, n: $n, o: $o) }")
                .variables(Variables::from_value(given))
        };
        assert_eq!(check(request(value!({"id": "1"}))), Ok(OperationType::Query));
        assert_eq!(check(request(value!({}))), Err("GRAPHQL_VALIDATION_FAILED"));
        assert_eq!(check(request(value!({"id": null}))), Err("GRAPHQL_VALIDATION_FAILED"));
    }
}
