//! The contract with clients: every response has the shape of the schema (GraphQL specification, section 6.4).
//!
//! Every response that a test receives is checked. A violation fails that test. The check is separate from the code
//! that completes responses (`platform-http`), so that a fault in one does not hide a fault in the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use async_graphql::{
    Positioned,
    parser::{
        parse_query, parse_schema,
        types::{
            BaseType, Directive, DocumentOperations, ExecutableDocument, OperationType, Selection,
            SelectionSet, Type, TypeKind, TypeSystemDefinition,
        },
    },
};
use serde_json::Value as Json;

/// Asserts that a response has the shape of the schema, and that its refusals name the rule and the field.
///
/// # Panics
/// If it does not, with the place.
pub fn assert_contract(document: &str, variables: &Json, answer: &Json) {
    let mut wrong = contract().violations(document, variables, answer);
    wrong.extend(answer["errors"].as_array().into_iter().flatten().filter_map(unexplained));
    assert!(wrong.is_empty(), "the answer breaks the contract:\n{}\nasked: {document}", wrong.join("\n"));
}

/// Asserts that a refusal names the field of the input that breaks a rule, and that the rule is translated into every
/// language.
///
/// # Panics
/// If it does not.
pub fn assert_explained(error: &Json) {
    let unexplained = unexplained(error);
    assert!(unexplained.is_none(), "{unexplained:?}");
}

/// Returns what a refusal lacks for a person to correct the input: the field that breaks a rule, and the rule in
/// every language.
fn unexplained(error: &Json) -> Option<String> {
    let extensions = &error["extensions"];
    let is_of_input = extensions["code"] == "INVALID_INPUT";
    if !is_of_input && extensions["code"] != "CONFLICT" {
        return None;
    }
    // The layer below the edge has no detail yet.
    let english = extensions["detail"].as_str().or(error["message"].as_str()).unwrap_or_default();
    let rule = match extensions["field"].as_str() {
        Some(field) => english.strip_prefix(field).unwrap_or(english).trim_start_matches(':').trim_start(),
        None if is_of_input && !OF_NO_FIELD.iter().any(|of_none| english.starts_with(of_none)) => {
            return Some(format!("a refusal names no field: {error}"));
        }
        None => english,
    };
    match kernel::rule_in(rule, kernel::Language::Uk) {
        Some(_) => None,
        None => Some(format!("{rule:?} is not among the rules of kernel/src/code/rules.rs")),
    }
}

/// Faults of the request as a whole, and values that no scalar accepts: async-graphql does not name their field.
const OF_NO_FIELD: [&str; 5] =
    ["A text holds", "a text holds", "Idempotency-Key:", "Failed to parse", "Expected input type"];

fn contract() -> &'static Contract {
    static CONTRACT: OnceLock<Contract> = OnceLock::new();
    CONTRACT.get_or_init(|| Contract::of(&server::cli::sdl()))
}

struct Contract {
    types: BTreeMap<String, TypeKind>,
}

impl Contract {
    fn of(sdl: &str) -> Self {
        let document = parse_schema(sdl).expect("a schema");
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(it) => Some((it.node.name.node.to_string(), it.node.kind)),
            _ => None,
        });
        Self { types: types.collect() }
    }

    /// Returns the faults of a response.
    fn violations(&self, document: &str, variables: &Json, answer: &Json) -> Vec<String> {
        let errors = answer["errors"].as_array().is_some_and(|errors| !errors.is_empty());
        let data = &answer["data"];
        if data.is_null() {
            let unexplained = "data: null without an error".to_owned();
            return if errors { Vec::new() } else { vec![unexplained] };
        }
        let Ok(document) = parse_query(document) else {
            return vec!["data for what is no GraphQL".to_owned()];
        };
        let operation = match &document.operations {
            DocumentOperations::Single(operation) => operation,
            // No test names one of several operations.
            DocumentOperations::Multiple(_) => return Vec::new(),
        };
        let root = match operation.node.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let mut check = Check { contract: self, document: &document, variables, wrong: Vec::new() };
        check.object("data", data, root, &[&operation.node.selection_set.node]);
        check.wrong
    }

    /// Returns the objects that a value of a type may be.
    fn possible(&self, name: &str) -> BTreeSet<&str> {
        match self.types.get_key_value(name) {
            Some((_, TypeKind::Union(union))) => union.members.iter().map(|it| it.node.as_str()).collect(),
            Some((_, TypeKind::Interface(_))) => {
                let implements = |kind: &TypeKind| match kind {
                    TypeKind::Object(object) => object.implements.iter().any(|it| it.node == name),
                    _ => false,
                };
                let of = self.types.iter().filter(|(_, kind)| implements(kind));
                of.map(|(name, _)| name.as_str()).collect()
            }
            Some((name, _)) => BTreeSet::from([name.as_str()]),
            None => BTreeSet::new(),
        }
    }

    fn field(&self, of: &str, name: &str) -> Option<&Type> {
        let TypeKind::Object(object) = self.types.get(of)? else { return None };
        let field = object.fields.iter().find(|field| field.node.name.node == name)?;
        Some(&field.node.ty.node)
    }
}

struct Check<'a> {
    contract: &'a Contract,
    document: &'a ExecutableDocument,
    variables: &'a Json,
    wrong: Vec<String>,
}

/// The selections under one key.
struct Selected<'a> {
    name: &'a str,
    inside: Vec<&'a SelectionSet>,
}

impl<'a> Check<'a> {
    fn object(&mut self, path: &str, value: &Json, of: &str, sets: &[&'a SelectionSet]) {
        let Some(fields) = value.as_object() else {
            self.wrong.push(format!("{path} is {value}, not a {of}"));
            return;
        };
        let mut selected = BTreeMap::new();
        for set in sets {
            self.collect(of, set, &mut selected);
        }
        for key in fields.keys().filter(|key| !selected.contains_key(key.as_str())) {
            self.wrong.push(format!("{path}.{key} was not asked for"));
        }
        for (key, selected) in selected {
            let path = format!("{path}.{key}");
            let Some(value) = fields.get(key) else {
                self.wrong.push(format!("{path} is left out"));
                continue;
            };
            if selected.name == "__typename" {
                if value.as_str() != Some(of) {
                    self.wrong.push(format!("{path} is {value}, not {of}"));
                }
            } else if let Some(ty) = self.contract.field(of, selected.name) {
                self.value(&path, value, ty, &selected.inside);
            }
        }
    }

    fn value(&mut self, path: &str, value: &Json, ty: &Type, inside: &[&'a SelectionSet]) {
        if value.is_null() {
            if !ty.nullable {
                self.wrong.push(format!("{path} is null, and its type is {ty}"));
            }
            return;
        }
        let name = match (&ty.base, value.as_array()) {
            (BaseType::List(inner), Some(items)) => {
                let each = items.iter().enumerate();
                return each.for_each(|(i, item)| self.value(&format!("{path}[{i}]"), item, inner, inside));
            }
            (BaseType::Named(name), None) => name.as_str(),
            _ => return self.wrong.push(format!("{path} is {value}, and its type is {ty}")),
        };
        match self.contract.types.get(name) {
            Some(TypeKind::Object(_)) => self.object(path, value, name, inside),
            Some(TypeKind::Union(_) | TypeKind::Interface(_)) => self.one_of(path, value, name, inside),
            Some(TypeKind::Enum(values)) => {
                let is_one =
                    values.values.iter().any(|it| value.as_str() == Some(it.node.value.node.as_str()));
                if !is_one {
                    self.wrong.push(format!("{path} is {value}, which is not among {name}"));
                }
            }
            _ if fits(name, value) => {}
            _ => self.wrong.push(format!("{path} is {value}, and its type is {ty}")),
        }
    }

    /// Checks a value of a union or an interface: it has the shape of the type it names, or of one possible type.
    fn one_of(&mut self, path: &str, value: &Json, name: &str, inside: &[&'a SelectionSet]) {
        let mut closest: Option<Vec<String>> = None;
        for of in self.contract.possible(name) {
            let mut check = Check { wrong: Vec::new(), ..*self };
            check.object(path, value, of, inside);
            if closest.as_ref().is_none_or(|closest| check.wrong.len() < closest.len()) {
                closest = Some(check.wrong);
            }
        }
        self.wrong.extend(closest.unwrap_or_default());
    }

    fn collect(&self, of: &str, set: &'a SelectionSet, into: &mut BTreeMap<&'a str, Selected<'a>>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if self.is_included(&field.node.directives) => {
                    let name = field.node.name.node.as_str();
                    let selected = into.entry(field.node.response_key().node.as_str());
                    let selected = selected.or_insert(Selected { name, inside: Vec::new() });
                    selected.inside.push(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) if self.is_included(&fragment.node.directives) => {
                    let on = fragment.node.type_condition.as_ref().map(|it| it.node.on.node.as_str());
                    if on.is_none_or(|on| self.contract.possible(on).contains(of)) {
                        self.collect(of, &fragment.node.selection_set.node, into);
                    }
                }
                Selection::FragmentSpread(spread) if self.is_included(&spread.node.directives) => {
                    let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                    let Some(fragment) = fragment else { continue };
                    let on = fragment.node.type_condition.node.on.node.as_str();
                    if self.contract.possible(on).contains(of) {
                        self.collect(of, &fragment.node.selection_set.node, into);
                    }
                }
                _ => {}
            }
        }
    }

    fn is_included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let condition = directive.node.get_argument("if").map(|it| it.node.to_string());
            let is_true = match condition.as_deref() {
                Some(variable) if variable.starts_with('$') => self.variables[&variable[1..]] == true,
                condition => condition == Some("true"),
            };
            match directive.node.name.node.as_str() {
                "skip" => !is_true,
                "include" => is_true,
                _ => true,
            }
        })
    }
}

/// Returns whether a value is valid for a scalar.
fn fits(scalar: &str, value: &Json) -> bool {
    let text_is = |is_one: fn(&str) -> bool| value.as_str().is_some_and(is_one);
    match scalar {
        "Int" => value.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
        "SafeInt" => value.as_i64().is_some_and(|it| it.abs() <= kernel::Money::MOST_MINOR),
        "Float" => value.is_number(),
        "Boolean" => value.is_boolean(),
        "ID" | "String" => value.is_string(),
        "DateTime" => text_is(|text| text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()),
        "Date" => text_is(|text| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()),
        "Month" => text_is(is_month),
        "Period" => fits("Date", value) || text_is(is_month),
        other => panic!("nobody knows what a {other} looks like: say it in testkit's contract.rs"),
    }
}

fn is_month(text: &str) -> bool {
    text.len() == 7 && format!("{text}-01").parse::<jiff::civil::Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn violations(document: &str, answer: Json) -> Vec<String> {
        contract().violations(document, &json!({ "no": false }), &answer)
    }

    #[test]
    fn an_answer_of_the_right_shape_passes() {
        let ask = "query ($no: Boolean!) { hub(slug: \"x\") { __typename id name n: openNow address { city } \
            visits { nodes { minutes source startedAt } } ...part slug @include(if: $no) } } \
            fragment part on Hub { kind }";
        let visit = json!({ "minutes": 3, "source": "CHIP", "startedAt": "2026-11-02T12:00:00Z" });
        let hub = json!({
            "__typename": "Hub", "id": "hub_1", "name": "X", "n": true, "address": { "city": "Y" },
            "visits": { "nodes": [visit] }, "kind": "LIBRARY",
        });
        assert_eq!(violations(ask, json!({ "data": { "hub": hub } })), Vec::<String>::new());
        assert_eq!(violations(ask, json!({ "data": { "hub": null } })), Vec::<String>::new());
        let ask =
            "mutation { checkIn(input: {}) { ... on CheckedIn { visit { id } } ... on Denied { reason } } }";
        assert_eq!(
            violations(ask, json!({ "data": { "checkIn": { "reason": "HUB_FULL" } } })),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_the_schema_does_not_allow_is_found() {
        let hub = |hub: Json| json!({ "data": { "hub": hub }, "errors": [{}] });
        let wrong = [
            (hub(json!({ "id": null, "kind": "LIBRARY" })), "data.hub.id is null, and its type is ID!"),
            (hub(json!({ "id": "1" })), "data.hub.kind is left out"),
            (
                hub(json!({ "id": "1", "kind": "CASTLE" })),
                "data.hub.kind is \"CASTLE\", which is not among HubKind",
            ),
            (hub(json!({ "id": 7, "kind": "LIBRARY" })), "data.hub.id is 7, and its type is ID!"),
            (hub(json!([])), "data.hub is [], and its type is Hub"),
            (hub(json!({ "id": "1", "kind": "LIBRARY", "x": 1 })), "data.hub.x was not asked for"),
            (json!({ "data": null }), "data: null without an error"),
        ];
        for (answer, complaint) in wrong {
            assert_eq!(violations("{ hub(slug: \"x\") { id kind } }", answer), [complaint]);
        }
    }
}
