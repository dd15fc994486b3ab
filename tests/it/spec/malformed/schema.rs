//! The inputs of the schema: each field with arguments, a document that requests it, and valid values.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{
        BaseType, FieldDefinition, InputValueDefinition, ServiceDocument, Type, TypeKind,
        TypeSystemDefinition,
    },
};
use serde_json::Map;
use testkit::{Json, json};

use super::requests::Known;

/// Ways to reach objects that have fields with arguments.
const WAYS: [(&str, &str, &str); 5] = [
    ("Query", "", ""),
    ("Hub", "hub(slug: \"humpolec\") { ", " }"),
    ("Network", "network { ", " }"),
    ("Member", "hub(slug: \"humpolec\") { members(first: 1) { nodes { ", " } } }"),
    ("Mutation", "", ""),
];

/// A field with arguments.
pub(super) struct Asked {
    /// `Type.field`.
    pub(super) name: String,
    pub(super) document: String,
    /// Valid values, as far as the schema defines them.
    pub(super) variables: Json,
    pub(super) is_mutation: bool,
}

/// The schema, by type.
pub(super) struct Schema {
    types: BTreeMap<String, TypeKind>,
}

impl Schema {
    pub(super) fn read() -> Self {
        let sdl = include_str!("../../../../schema.graphql");
        let ServiceDocument { definitions } = parse_schema(sdl).expect("a schema");
        let types = definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => {
                Some((definition.node.name.node.to_string(), definition.node.kind))
            }
            _ => None,
        });
        Self { types: types.collect() }
    }

    /// Returns every reachable field with arguments.
    pub(super) fn asked(&self, known: &Known) -> Vec<Asked> {
        let fields = |name: &str| match self.types.get(name) {
            Some(TypeKind::Object(object)) => object.fields.iter().map(|field| &field.node).collect(),
            _ => Vec::<&FieldDefinition>::new(),
        };
        let of_way = |(name, before, after): &(&str, &str, &str)| {
            let taking = fields(name).into_iter().filter(|field| !field.arguments.is_empty());
            taking.map(|field| self.ask(known, name, (before, after), field)).collect::<Vec<_>>()
        };
        WAYS.iter().flat_map(of_way).collect()
    }

    fn ask(&self, known: &Known, of: &str, (before, after): (&str, &str), field: &FieldDefinition) -> Asked {
        let name = &field.name.node;
        let arguments: Vec<&InputValueDefinition> = field.arguments.iter().map(|it| &it.node).collect();
        let declared: Vec<String> =
            arguments.iter().map(|it| format!("${}: {}", it.name.node, it.ty.node)).collect();
        let passed: Vec<String> = arguments.iter().map(|it| format!("{0}: ${0}", it.name.node)).collect();
        let inner = if self.is_leaf(&field.ty.node) { "" } else { " { __typename }" };
        let is_mutation = of == "Mutation";
        let kind = if is_mutation { "mutation" } else { "query" };
        let document = format!(
            "{kind}({}) {{ {before}{name}({}){inner}{after} }}",
            declared.join(", "),
            passed.join(", ")
        );
        let value = |it: &&InputValueDefinition| {
            (it.name.node.to_string(), self.value(known, &it.name.node, &it.ty.node))
        };
        let variables = Json::Object(arguments.iter().map(value).collect::<Map<_, _>>());
        Asked { name: format!("{of}.{name}"), document, variables, is_mutation }
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

    fn value(&self, known: &Known, name: &str, ty: &Type) -> Json {
        let of = match &ty.base {
            BaseType::List(inner) => return json!([self.value(known, name, inner)]),
            BaseType::Named(of) => of.as_str(),
        };
        match self.types.get(of) {
            Some(TypeKind::InputObject(input)) => {
                let fields = input.fields.iter().map(|field| {
                    let name = field.node.name.node.to_string();
                    let value = self.value(known, &name, &field.node.ty.node);
                    (name, value)
                });
                Json::Object(fields.collect::<Map<_, _>>())
            }
            Some(TypeKind::Enum(values)) => json!(values.values[0].node.value.node.as_str()),
            _ => scalar(known, name, of),
        }
    }
}

/// Returns a valid value for a scalar of this name.
fn scalar(known: &Known, name: &str, of: &str) -> Json {
    match (of, name) {
        ("Int", "first") => json!(2),
        ("Int", _) => json!(60),
        ("Boolean", _) => json!(true),
        ("Date", _) => json!("2026-11-02"),
        ("DateTime", _) => json!("2026-11-02T09:00:00Z"),
        (_, "id" | "hubId") => json!(known.hub),
        (_, "networkId") => json!(known.network),
        (_, "memberId") => json!(known.member),
        (_, "chipId") => json!(known.chip_id),
        (_, "chip" | "credential") => json!(known.chip),
        (_, "after" | "slug" | "code") => json!("humpolec"),
        (_, "month" | "from") => json!("2026-09"),
        (_, "until") => json!("2026-10"),
        (_, "currency" | "clearingCurrency") => json!("CZK"),
        (_, "timeZone") => json!("Europe/Prague"),
        (_, "language") => json!("cs"),
        (_, "openingHours") => json!("Mo-Fr 08:00-16:00"),
        (_, "email") => json!("alena@example.org"),
        (_, "country") => json!("CZ"),
        (_, "latitude" | "longitude") => json!("15.5"),
        (_, name) if name.to_lowercase().contains("price") || name.ends_with("Fee") => json!("12.00"),
        _ => json!("abc"),
    }
}

/// Returns every place of a value that another value can take, as JSON pointers.
pub(super) fn places(value: &Json) -> Vec<String> {
    fn walk(value: &Json, at: &str, places: &mut Vec<String>) {
        if !at.is_empty() {
            places.push(at.to_owned());
        }
        match value {
            Json::Object(fields) => {
                fields.iter().for_each(|(name, value)| walk(value, &format!("{at}/{name}"), places));
            }
            Json::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(place, value)| walk(value, &format!("{at}/{place}"), places));
            }
            _ => {}
        }
    }
    let mut places = Vec::new();
    walk(value, "", &mut places);
    places
}
