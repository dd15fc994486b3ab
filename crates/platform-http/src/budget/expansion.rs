//! Counts what fragments and pages multiply: a fragment spread twice costs twice, and the content of a page costs as
//! often as the page is long. Always true: each fragment is counted once and its cost reused, so counting is cheap even
//! if the expanded document would be endless.

use std::collections::HashMap;

use async_graphql::{
    Name, Value, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};

use super::{Overspent, QueryBudget};

/// How deep fragments may nest. The budget's depth is tighter; this limit protects the stack here.
const DEEPEST: usize = 64;
/// The assumed length of a page without a stated one.
const USUAL_PAGE: usize = 20;
/// Introspection queries can loop from list to list, a hundred times larger each round. Those of explorers go from a
/// list to a list at most twice.
const SCHEMA_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];
const SCHEMA_LISTS_DEEP: usize = 2;

/// The cost of a set of fields.
#[derive(Clone, Copy, Default)]
struct Cost {
    /// All fields and spreads, with fragments expanded.
    selections: usize,
    /// Nesting of fields.
    depth: usize,
    /// Fields without subfields; however often they are resolved, they cost little.
    leaves: usize,
    /// Objects to load.
    objects: usize,
    /// Objects to load for each item of the page this set belongs to.
    each: usize,
    /// Nesting of schema lists.
    schema_lists: usize,
}

impl Cost {
    fn add(&mut self, other: Self) {
        self.selections = self.selections.saturating_add(other.selections);
        self.leaves = self.leaves.saturating_add(other.leaves);
        self.objects = self.objects.saturating_add(other.objects);
        self.each = self.each.saturating_add(other.each);
        self.depth = self.depth.max(other.depth);
        self.schema_lists = self.schema_lists.max(other.schema_lists);
    }
}

pub(super) fn check(
    budget: &QueryBudget,
    document: &ExecutableDocument,
    variables: &Variables,
) -> Result<(), Overspent> {
    let mut walk = Walk { document, variables, operation: None, budget, counted: HashMap::new(), depth: 0 };
    let mut selections: usize = 0;
    // Validation also walks unused fragments, so they count.
    for name in document.fragments.keys() {
        selections = walk.fragment(name)?.selections.max(selections);
    }
    for (_, operation) in document.operations.iter() {
        walk.counted.clear();
        walk.operation = Some(&operation.node);
        let cost = walk.set(&operation.node.selection_set.node)?;
        selections = selections.saturating_add(cost.selections);
        QueryBudget::within(budget.depth, cost.depth, "fields inside fields")?;
        QueryBudget::within(
            budget.complexity,
            cost.leaves.saturating_add(cost.objects),
            "points of complexity",
        )?;
    }
    QueryBudget::within(budget.selections, selections, "selected fields")
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    operation: Option<&'a OperationDefinition>,
    budget: &'a QueryBudget,
    /// The cost of a fragment; `None` while it is being counted.
    counted: HashMap<&'a str, Option<Cost>>,
    depth: usize,
}

impl<'a> Walk<'a> {
    fn fragment(&mut self, name: &'a str) -> Result<Cost, Overspent> {
        match self.counted.get(name) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => return Err(Overspent::EndlessFragment),
            None => {}
        }
        // Validation reports a fragment that does not exist.
        let Some(definition) = self.document.fragments.get(name) else { return Ok(Cost::default()) };
        self.counted.insert(name, None);
        let cost = self.set(&definition.node.selection_set.node)?;
        self.counted.insert(name, Some(cost));
        Ok(cost)
    }

    fn set(&mut self, set: &'a SelectionSet) -> Result<Cost, Overspent> {
        self.depth += 1;
        QueryBudget::within(DEEPEST, self.depth, "levels of nesting")?;
        let mut cost = Cost::default();
        for selection in &set.items {
            cost.add(match &selection.node {
                Selection::Field(field) => self.field(&field.node)?,
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node)?,
            });
            cost.selections = cost.selections.saturating_add(1);
        }
        self.depth -= 1;
        Ok(cost)
    }

    fn field(&mut self, field: &'a Field) -> Result<Cost, Overspent> {
        let inner = self.set(&field.selection_set.node)?;
        let name = field.name.node.as_str();
        if name == "__schema" || name == "__type" {
            return self.about_the_schema(inner);
        }
        if field.selection_set.node.items.is_empty() {
            return Ok(Cost { depth: 1, leaves: 1, ..Cost::default() });
        }
        let page = if inner.each > 0 { self.page(field) } else { 0 };
        let found = inner.objects.saturating_add(inner.each.saturating_mul(page));
        let cost = Cost {
            depth: inner.depth + 1,
            schema_lists: inner.schema_lists + usize::from(SCHEMA_LISTS.contains(&name)),
            ..inner
        };
        Ok(match name {
            // An edge is not loaded, its node is.
            "edges" => Cost { objects: 0, each: found.max(1), ..cost },
            "nodes" => Cost { objects: 0, each: found.saturating_add(1), ..cost },
            _ => Cost { objects: found.saturating_add(1), each: 0, ..cost },
        })
    }

    /// The schema is in memory and its size is known: it costs one, unless the query loops through it.
    fn about_the_schema(&self, inner: Cost) -> Result<Cost, Overspent> {
        if !self.budget.introspection {
            return Err(Overspent::SchemaAsked);
        }
        QueryBudget::within(SCHEMA_LISTS_DEEP, inner.schema_lists, "lists of the schema inside each other")?;
        Ok(Cost { selections: inner.selections, depth: 1, leaves: 1, ..Cost::default() })
    }

    /// The requested length of a page, forward or backward.
    fn page(&self, field: &Field) -> usize {
        ["first", "last"].into_iter().filter_map(|name| self.count(field, name)).max().unwrap_or(USUAL_PAGE)
    }

    /// The number that an argument requests.
    fn count(&self, field: &Field, name: &str) -> Option<usize> {
        let argument = field.get_argument(name)?.node.clone();
        let asked = argument.into_const_with(|name| self.variable(&name).ok_or(())).ok()?;
        let Value::Number(number) = asked else { return None };
        number.as_u64().and_then(|count| usize::try_from(count).ok())
    }

    fn variable(&self, name: &Name) -> Option<Value> {
        let given = self.variables.get(name).cloned();
        given.or_else(|| {
            let definitions = &self.operation?.variable_definitions;
            let definition = definitions.iter().find(|definition| definition.node.name.node == *name)?;
            definition.node.default_value().cloned()
        })
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    fn verdict(document: &str) -> Result<(), Overspent> {
        verdict_with(QueryBudget::behind_router(), document, value!({}))
    }

    fn narrow(document: &str) -> Result<(), Overspent> {
        verdict_with(QueryBudget::default(), document, value!({}))
    }

    fn verdict_with(budget: QueryBudget, document: &str, variables: Value) -> Result<(), Overspent> {
        let document = parse_query(document).expect("GraphQL");
        budget.check_document(&document, &Variables::from_value(variables))
    }

    fn too_many(of: &'static str, limit: usize) -> Result<(), Overspent> {
        Err(Overspent::TooMany { of, limit })
    }

    /// Each of `levels` fragments spreads the next one twice.
    fn bomb(levels: usize) -> String {
        let fragments: Vec<String> =
            (0..levels).map(|n| format!("fragment f{n} on Query{{...f{}...f{}}}", n + 1, n + 1)).collect();
        format!("{{...f0}}{}fragment f{levels} on Query{{a}}", fragments.concat())
    }

    #[test]
    fn a_fragment_costs_as_often_as_it_is_spread() {
        assert_eq!(verdict(&bomb(4)), Ok(()));
        assert_eq!(narrow(&bomb(8)), Ok(()), "256 fields");
        assert_eq!(narrow(&bomb(10)), too_many("points of complexity", 1000), "1,024 fields");
    }

    #[test]
    fn fragments_that_double_are_refused_however_few() {
        for levels in [20, 60] {
            assert!(matches!(verdict(&bomb(levels)), Err(Overspent::TooMany { .. })), "{levels}");
        }
    }

    #[test]
    fn fragments_that_lead_ever_deeper_are_refused() {
        assert_eq!(verdict(&bomb(5_000)), too_many("levels of nesting", DEEPEST));
    }

    #[test]
    fn a_fragment_that_spreads_itself_is_refused() {
        let circle = "{...a} fragment a on Query{...b} fragment b on Query{x{...a}}";
        assert_eq!(verdict(circle), Err(Overspent::EndlessFragment));
        assert_eq!(verdict("{x} fragment a on Query{...a}"), Err(Overspent::EndlessFragment));
    }

    #[test]
    fn a_page_costs_the_same_forward_and_backward() {
        let hubs = |count: &str| {
            format!("{{ hubs({count}) {{ nodes {{ members({count}) {{ nodes {{ id }} }} }} }} }}")
        };
        for count in ["first: 100", "last: 100", "first: null, last: 100"] {
            assert!(matches!(narrow(&hubs(count)), Err(Overspent::TooMany { .. })), "{count}");
        }
        assert_eq!(narrow(&hubs("last: 2")), Ok(()));
    }

    #[test]
    fn a_fragment_that_does_not_exist_is_left_to_the_validation() {
        assert_eq!(verdict("{...nowhere}"), Ok(()));
    }

    #[test]
    fn fields_go_eight_deep_through_fragments_too() {
        let refused = too_many("fields inside fields", 8);
        assert_eq!(narrow("{a{b{c{d{e{f{g{h}}}}}}}}"), Ok(()));
        assert_eq!(narrow("{a{b{c{d{e{f{g{h{i}}}}}}}}}"), refused);
        assert_eq!(narrow("{a{b{c{d{...x}}}}} fragment x on X{e{f{g{... on Y{h{i}}}}}}"), refused);
    }

    #[test]
    fn a_page_in_a_page_costs_their_product() {
        let inner =
            |first| format!("{{a(first:30){{edges{{node{{b(first:{first}){{edges{{node{{id}}}}}}}}}}}}}}");
        assert_eq!(narrow(&inner(30)), Ok(()));
        assert_eq!(narrow(&inner(40)), too_many("points of complexity", 1000));
        assert_eq!(narrow("{a(first:100){nodes{b c d e f g h x{y} z{y}}}}"), Ok(()), "a wide page");
    }

    #[test]
    fn a_page_has_the_length_of_its_variable() {
        let query = "query($n:Int=100){a(first:$n){nodes{b(first:$n){nodes{id}}}}}";
        let with = |variables| verdict_with(QueryBudget::default(), query, variables);
        assert_eq!(with(value!({"n": 20})), Ok(()));
        assert!(with(value!({"n": 50})).is_err());
        assert!(with(value!({})).is_err(), "the default counts");
        assert_eq!(with(value!({"n": null})), Ok(()), "the usual length");
    }

    #[test]
    fn the_schema_is_described_to_explorers_and_not_in_circles() {
        let explorer = include_str!("../../tests/it/introspection.graphql");
        assert_eq!(narrow(explorer), Ok(()));
        let circle = "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}";
        assert_eq!(narrow(circle), too_many("lists of the schema inside each other", 2));
        let off = QueryBudget { introspection: false, ..QueryBudget::default() };
        assert_eq!(
            verdict_with(off, "{...f} fragment f on Query{__type(name:\"X\"){name}}", value!({})),
            Err(Overspent::SchemaAsked)
        );
        assert_eq!(verdict_with(off, "{__typename}", value!({})), Ok(()));
    }
}
