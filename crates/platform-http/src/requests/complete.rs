//! Completes a response in which fields failed, as the GraphQL specification demands (6.4.4).
//!
//! Always true: a failed field is present as `null`. `null` never stands where the schema requires a value: the nearest
//! nullable field around it is null instead. async-graphql 7.2 omits a failed field, and makes an object null if all
//! its fields failed, so every response with errors is completed here.
//!
//! Only the paths to failed fields are walked: a response without errors costs nothing.

use std::collections::HashMap;

use async_graphql::{
    Name, PathSegment, Response, ServerError, Value,
    indexmap::IndexMap,
    parser::{
        parse_query, parse_schema,
        types::{
            BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
            SelectionSet, Type, TypeKind, TypeSystemDefinition,
        },
    },
};

/// The types of the fields of a schema.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    fields: HashMap<String, HashMap<String, Type>>,
}

/// Selections and their types; those of one field may stand in several places.
type Selected<'a> = Vec<(&'a str, &'a SelectionSet)>;

/// The paths of the failed fields, as a tree.
#[derive(Debug, Default)]
struct Failed {
    fields: HashMap<String, Failed>,
    items: HashMap<usize, Failed>,
}

/// A required value is missing.
struct Missing;

impl Shape {
    /// Parses a schema definition. An unreadable one is completed as if everything were nullable.
    pub(crate) fn of(sdl: &str) -> Self {
        let Ok(document) = parse_schema(sdl) else { return Self::default() };
        let mut fields: HashMap<String, HashMap<String, Type>> = HashMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let its = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let its = its.into_iter().map(|field| (field.node.name.node.to_string(), field.node.ty.node));
            fields.entry(definition.node.name.node.to_string()).or_default().extend(its);
        }
        Self { fields }
    }

    /// Completes the response to an operation of a document.
    pub(crate) fn complete(&self, document: &str, operation_name: Option<&str>, response: &mut Response) {
        let failed = Failed::by(&response.errors);
        let Ok(document) = parse_query(document) else { return };
        let Some(operation) = chosen(&document, operation_name) else { return };
        if failed.is_empty() {
            return;
        }
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let selected = vec![(root, &operation.selection_set.node)];
        let walk = Walk { shape: self, document: &document };
        let data = std::mem::take(&mut response.data);
        response.data = walk.object(data, &selected, &failed).unwrap_or(Value::Null);
    }
}

impl Failed {
    fn by(errors: &[ServerError]) -> Self {
        let mut all = Self::default();
        for error in errors {
            let mut at = &mut all;
            for segment in &error.path {
                at = match segment {
                    PathSegment::Field(name) => at.fields.entry(name.clone()).or_default(),
                    PathSegment::Index(index) => at.items.entry(*index).or_default(),
                };
            }
        }
        all
    }

    fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.items.is_empty()
    }
}

struct Walk<'a> {
    shape: &'a Shape,
    document: &'a ExecutableDocument,
}

impl<'a> Walk<'a> {
    /// Completes a value of a type: null if something beneath it is missing and the type permits null.
    fn value(
        &self,
        value: Value,
        ty: &Type,
        selected: &Selected<'a>,
        failed: &Failed,
    ) -> Result<Value, Missing> {
        let completed = match (value, &ty.base) {
            (Value::List(items), BaseType::List(inner)) => self.list(items, inner, selected, failed),
            (value @ (Value::Object(_) | Value::Null), BaseType::Named(_)) if !failed.fields.is_empty() => {
                self.object(value, selected, failed)
            }
            (Value::Null, _) => Err(Missing),
            (value, _) => Ok(value),
        };
        if ty.nullable { Ok(completed.unwrap_or(Value::Null)) } else { completed }
    }

    fn list(
        &self,
        mut items: Vec<Value>,
        inner: &Type,
        selected: &Selected<'a>,
        failed: &Failed,
    ) -> Result<Value, Missing> {
        for (index, failed) in &failed.items {
            if let Some(item) = items.get_mut(*index) {
                *item = self.value(std::mem::take(item), inner, selected, failed)?;
            }
        }
        Ok(Value::List(items))
    }

    fn object(&self, value: Value, selected: &Selected<'a>, failed: &Failed) -> Result<Value, Missing> {
        let mut fields = match value {
            Value::Object(fields) => fields,
            _ => IndexMap::new(),
        };
        for (key, failed) in &failed.fields {
            let (ty, inside) = self.field(key, selected);
            let entry = fields.entry(Name::new(key)).or_insert(Value::Null);
            if let Some(ty) = ty {
                *entry = self.value(std::mem::take(entry), ty, &inside, failed)?;
            }
        }
        Ok(Value::Object(fields))
    }

    /// The type of the value under a key, and what is selected of it.
    fn field(&self, key: &str, selected: &Selected<'a>) -> (Option<&'a Type>, Selected<'a>) {
        let (mut ty, mut inside) = (None, Vec::new());
        let mut open = selected.clone();
        while let Some((of, set)) = open.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) if field.node.response_key().node == key => {
                        let name = field.node.name.node.as_str();
                        let Some(found) = self.shape.fields.get(of).and_then(|its| its.get(name)) else {
                            continue;
                        };
                        ty = ty.or(Some(found));
                        inside.push((named(found), &field.node.selection_set.node));
                    }
                    Selection::Field(_) => {}
                    Selection::InlineFragment(fragment) => {
                        let condition = fragment.node.type_condition.as_ref();
                        let of = condition.map_or(of, |it| it.node.on.node.as_str());
                        open.push((of, &fragment.node.selection_set.node));
                    }
                    Selection::FragmentSpread(spread) => {
                        if let Some(it) = self.document.fragments.get(&spread.node.fragment_name.node) {
                            open.push((
                                it.node.type_condition.node.on.node.as_str(),
                                &it.node.selection_set.node,
                            ));
                        }
                    }
                }
            }
        }
        (ty, inside)
    }
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => named(inner),
    }
}

fn chosen<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) => operations.values().next(),
    };
    found.map(|operation| &operation.node)
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    const SDL: &str = "
        type Query { hub: Hub hubs: [Hub!] must: Hub! either: Either }
        type Hub { id: ID! name: String! members: Members visits: Members! spaces: [Space] }
        type Members { nodes: [Space!]! }
        type Space { id: ID! code: String }
        union Either = Hub | Space
    ";

    fn completed(document: &str, data: Value, paths: &[&str]) -> Value {
        let path = |path: &&str| {
            let segment =
                |it: &str| it.parse().map_or_else(|_| PathSegment::Field(it.to_owned()), PathSegment::Index);
            ServerError::new("refused", None).with_path(path.split('.').map(segment).collect())
        };
        let mut response = Response::new(data);
        response.errors = paths.iter().map(path).collect();
        Shape::of(SDL).complete(document, None, &mut response);
        response.data
    }

    #[test]
    fn a_nullable_field_that_failed_is_null_beside_its_siblings() {
        let data = completed(
            "{ hub { id members { nodes { id } } } }",
            value!({"hub": {"id": "1"}}),
            &["hub.members"],
        );
        assert_eq!(data, value!({"hub": {"id": "1", "members": null}}));
    }

    #[test]
    fn a_field_that_must_be_there_takes_what_is_around_it_along_up_to_the_nearest_nullable() {
        let ask = "{ hub { id visits { nodes { id } } } }";
        assert_eq!(completed(ask, value!({"hub": {"id": "1"}}), &["hub.visits"]), value!({"hub": null}));
        let ask = "{ hubs { id name } }";
        let data = value!({"hubs": [{"id": "1", "name": "a"}, {"id": "2"}]});
        assert_eq!(completed(ask, data, &["hubs.1.name"]), value!({"hubs": null}));
        let ask = "{ hub { id spaces { id code } } }";
        let data = value!({"hub": {"id": "1", "spaces": [{"code": "a"}, {"id": "2"}]}});
        let wanted = value!({"hub": {"id": "1", "spaces": [null, {"id": "2", "code": null}]}});
        assert_eq!(completed(ask, data, &["hub.spaces.0.id", "hub.spaces.1.code"]), wanted);
    }

    #[test]
    fn a_field_at_the_top_that_must_be_there_empties_the_answer() {
        assert_eq!(
            completed("{ hub { id } must { id } }", value!({"hub": {"id": "1"}}), &["must"]),
            Value::Null
        );
    }

    #[test]
    fn an_object_all_of_whose_nullable_fields_failed_is_there() {
        let data = completed("{ hub { members { nodes { id } } } }", value!({"hub": null}), &["hub.members"]);
        assert_eq!(data, value!({"hub": {"members": null}}));
    }

    #[test]
    fn a_list_that_failed_at_an_item_is_null() {
        assert_eq!(completed("{ hubs { id } }", value!({}), &["hubs.1"]), value!({"hubs": null}));
    }

    #[test]
    fn aliases_fragments_and_unions_are_followed() {
        let ask = "{ a: hub { ...part } either { ... on Hub { b: name } ... on Space { id } } } \
            fragment part on Hub { ... { m: members { nodes { id } } v: name } }";
        let data = value!({"a": {"v": "x"}, "either": {}});
        let wanted = value!({"a": {"v": "x", "m": null}, "either": null});
        assert_eq!(completed(ask, data, &["a.m", "either.b"]), wanted);
    }

    #[test]
    fn an_answer_of_unknown_types_is_left_with_nulls() {
        assert_eq!(completed("{ other { x } }", value!({}), &["other"]), value!({"other": null}));
    }
}
