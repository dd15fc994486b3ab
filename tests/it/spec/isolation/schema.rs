//! The parts of the schema from which operations are built.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition},
};
use serde_json::Map;
use testkit::{Json, json};

use super::fixture::{PASSWORD, Target};

/// The types of the schema by name.
pub(super) struct Schema {
    types: BTreeMap<String, TypeKind>,
}

/// A field with its arguments, ready to be put into an operation.
#[derive(Default)]
pub(super) struct Selected {
    pub(super) selection: String,
    pub(super) declared: Vec<String>,
    pub(super) variables: Map<String, Json>,
}

impl Schema {
    pub(super) fn read() -> Self {
        let document = parse_schema(server::cli::sdl()).expect("a schema");
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(it) => Some((it.node.name.node.to_string(), it.node.kind)),
            _ => None,
        });
        Self { types: types.collect() }
    }

    /// Returns `Type.field` of every object.
    pub(super) fn fields(&self) -> BTreeSet<String> {
        let objects = self.types.keys().filter(|name| !name.starts_with('_'));
        let named =
            |of: &String| self.of(of).into_iter().map(|field| format!("{of}.{}", field.name.node)).collect();
        objects.flat_map(|of| -> Vec<String> { named(of) }).collect()
    }

    /// Returns the fields of an object.
    pub(super) fn of(&self, name: &str) -> Vec<&FieldDefinition> {
        match self.types.get(name) {
            Some(TypeKind::Object(object)) => {
                let fields = object.fields.iter().map(|field| &field.node);
                fields.filter(|field| !field.name.node.starts_with('_')).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns the fields with pages that take a cursor as this argument.
    pub(super) fn pages(&self, cursor: &str) -> BTreeSet<String> {
        let is_page = |field: &str| {
            let (of, name) = field.split_once('.').expect("a type and a field");
            let fields = self.of(of);
            let field = fields.iter().find(|field| field.name.node == name);
            field.is_some_and(|field| field.arguments.iter().any(|it| it.node.name.node == cursor))
        };
        self.fields().into_iter().filter(|field| is_page(field)).collect()
    }

    /// Returns a field with the ids of a target, and plausible values for its other required arguments; the names of
    /// its variables end in the suffix. The whole payload of a mutation is selected.
    pub(super) fn select(
        &self,
        (of, field): (&str, &str),
        target: &Target,
        number: usize,
        suffix: &str,
    ) -> Selected {
        let fields = self.of(of);
        let definition = fields.iter().find(|it| it.name.node == field);
        let definition = definition.unwrap_or_else(|| panic!("{of} has no {field}"));
        let mut selected =
            Selected { selection: field.to_owned(), declared: Vec::new(), variables: Map::new() };
        let mut passed = Vec::new();
        for argument in definition.arguments.iter().map(|it| &it.node) {
            let name = argument.name.node.as_str();
            let of = if name == "id" { format!("{field}.id") } else { name.to_owned() };
            if !is_given(argument, &of, target) {
                continue;
            }
            let value = self.value(&of, &argument.ty.node, target, number);
            passed.push(format!("{name}: ${name}{suffix}"));
            selected.declared.push(format!("${name}{suffix}: {}", argument.ty.node));
            selected.variables.insert(format!("{name}{suffix}"), value);
        }
        if !passed.is_empty() {
            selected.selection = format!("{field}({})", passed.join(", "));
        }
        let depth = if of == "Mutation" { 2 } else { 0 };
        selected.selection.push_str(&self.contents(&definition.ty.node, depth));
        selected
    }

    /// Returns the selection of a type, down to a depth, without fields that take arguments.
    fn contents(&self, ty: &Type, depth: usize) -> String {
        let name = match &ty.base {
            BaseType::List(inner) => return self.contents(inner, depth),
            BaseType::Named(name) => name.as_str(),
        };
        let inside = match self.types.get(name) {
            Some(TypeKind::Object(_)) if depth > 0 => self.fields_of(name, depth - 1),
            Some(TypeKind::Union(union)) => {
                let members = union.members.iter().map(|member| member.node.as_str());
                let of = |member: &str| {
                    format!(" ... on {member} {{{} }}", self.fields_of(member, depth.saturating_sub(1)))
                };
                members.map(of).collect()
            }
            Some(TypeKind::Object(_) | TypeKind::Interface(_)) => String::new(),
            _ => return String::new(),
        };
        format!(" {{ __typename{inside} }}")
    }

    fn fields_of(&self, name: &str, depth: usize) -> String {
        let all = self.of(name).into_iter().filter(|field| field.arguments.is_empty());
        let shown = all.filter(|field| depth > 0 || self.is_leaf(&field.ty.node));
        let selected = |field: &FieldDefinition| {
            [" ", field.name.node.as_str(), &self.contents(&field.ty.node, depth)].concat()
        };
        shown.map(selected).collect()
    }

    /// Collects every field with a value in a response, as `Type.field`, where the response contains its types.
    pub(super) fn filled(answer: &Json, found: &mut BTreeSet<String>) {
        match answer {
            Json::Array(items) => items.iter().for_each(|item| Self::filled(item, found)),
            Json::Object(fields) => {
                for (name, value) in fields {
                    if let (Some(of), true) = (fields.get("__typename").and_then(Json::as_str), holds(value))
                    {
                        found.insert(format!("{of}.{name}"));
                    }
                    Self::filled(value, found);
                }
            }
            _ => {}
        }
    }

    fn is_leaf(&self, ty: &Type) -> bool {
        match &ty.base {
            BaseType::List(inner) => self.is_leaf(inner),
            BaseType::Named(name) => !matches!(
                self.types.get(name.as_str()),
                Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_))
            ),
        }
    }

    fn value(&self, name: &str, ty: &Type, target: &Target, number: usize) -> Json {
        let of = match &ty.base {
            BaseType::List(inner) => return json!([self.value(name, inner, target, number)]),
            BaseType::Named(of) => of.as_str(),
        };
        if let Some(id) = target.id(name) {
            return json!(id);
        }
        match self.types.get(of) {
            Some(TypeKind::InputObject(input)) => {
                let fields = input.fields.iter().map(|field| &field.node);
                let given = fields.filter(|field| is_given(field, &field.name.node, target));
                let value = |field: &InputValueDefinition| {
                    let name = field.name.node.to_string();
                    let value = self.value(&name, &field.ty.node, target, number);
                    (name, value)
                };
                Json::Object(given.map(value).collect())
            }
            Some(TypeKind::Enum(values)) => match of {
                "MetricsPeriod" => json!("MONTH"),
                "Role" => json!("OPERATOR"),
                "Permission" => json!("READ_INDICATORS"),
                _ => json!(values.values[0].node.value.node.as_str()),
            },
            _ => scalar(name, of, number),
        }
    }
}

/// Returns whether a response, or a part of it, contains a value.
pub(super) fn holds(answer: &Json) -> bool {
    match answer {
        Json::Null => false,
        Json::Array(items) => items.iter().any(holds),
        Json::Object(fields) => fields.values().any(holds),
        _leaf => true,
    }
}

/// Returns a value that fits a scalar of this name; values that must be new are numbered.
fn scalar(name: &str, of: &str, number: usize) -> Json {
    match (of, name) {
        ("Int", "billingStepSeconds") => json!(900),
        ("Int", _) => json!(10),
        ("Boolean", _) => json!(true),
        ("Date", _) => json!("2030-01-01"),
        ("DateTime", "endsAt") => json!("2026-12-10T12:00:00Z"),
        ("DateTime", "at") => json!("2026-12-01T12:00:00Z"),
        ("DateTime", _) => json!("2026-12-10T09:00:00Z"),
        (_, "slug") => json!(format!("new-{number}")),
        (_, "email") => json!(format!("new-{number}@example.org")),
        (_, "number" | "credential") => json!(format!("04{number:010X}")),
        (_, "month" | "from" | "through") => json!("2026-11"),
        (_, "until") => json!("2026-12"),
        (_, "currency" | "clearingCurrency") => json!("EUR"),
        (_, "timeZone") => json!("Europe/Prague"),
        (_, "language") => json!("cs"),
        // Friday night is cut short, so that its warning appears.
        (_, "openingHours") => json!("Mo-Th 08:00-16:00; Fr 18:00-02:00; Sa 10:00-14:00"),
        (_, "country") => json!("CZ"),
        (_, "postalCode") => json!("396 01"),
        (_, "taxNumber") => json!("CZ00000001"),
        (_, "latitude" | "longitude") => json!("15.5"),
        (_, "password" | "present" | "new") => json!(PASSWORD),
        (_, "device") => json!("reception"),
        (_, name) if name.to_lowercase().contains("price") => json!("12.00"),
        _ => json!(format!("Something {number}")),
    }
}

/// Returns whether an argument is given: required ones, and ids that exist.
fn is_given(it: &InputValueDefinition, name: &str, target: &Target) -> bool {
    let is_required = !it.ty.node.nullable && it.default_value.is_none();
    let is_id = matches!(&it.ty.node.base, BaseType::Named(of) if of == "ID");
    is_required || (is_id && target.id(name).is_some())
}
