//! Counting what fragments multiply: a fragment spread twice costs twice. Always true: each fragment is counted once
//! and remembered, so counting is cheap even where writing out would be endless.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use super::{Overspent, QueryBudget};

/// How deep fragments may lead into fragments. The schema's own limits are tighter; this one protects the stack here.
const DEEPEST: usize = 64;

pub(super) fn check(budget: &QueryBudget, document: &ExecutableDocument) -> Result<(), Overspent> {
    let mut walk = Walk { document, counted: HashMap::new(), depth: 0 };
    let mut selections: usize = 0;
    // Fragments nobody spreads are walked by the validation too, so they count.
    for name in document.fragments.keys() {
        selections = walk.fragment(name)?.max(selections);
    }
    for (_, operation) in document.operations.iter() {
        selections = selections.saturating_add(walk.set(&operation.node.selection_set.node)?);
    }
    QueryBudget::within(budget.selections, selections, "selected fields")
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    /// The selections of a fragment, written out; `None` while it is being counted.
    counted: HashMap<&'a str, Option<usize>>,
    depth: usize,
}

impl<'a> Walk<'a> {
    fn fragment(&mut self, name: &'a str) -> Result<usize, Overspent> {
        match self.counted.get(name) {
            Some(Some(selections)) => return Ok(*selections),
            Some(None) => return Err(Overspent::EndlessFragment),
            None => {}
        }
        // A fragment that does not exist is the validation's business.
        let Some(definition) = self.document.fragments.get(name) else { return Ok(0) };
        self.counted.insert(name, None);
        let selections = self.set(&definition.node.selection_set.node)?;
        self.counted.insert(name, Some(selections));
        Ok(selections)
    }

    fn set(&mut self, set: &'a SelectionSet) -> Result<usize, Overspent> {
        self.depth += 1;
        QueryBudget::within(DEEPEST, self.depth, "levels of nesting")?;
        let mut selections: usize = 0;
        for selection in &set.items {
            let inner = match &selection.node {
                Selection::Field(field) => self.set(&field.node.selection_set.node)?,
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node)?,
            };
            selections = selections.saturating_add(inner).saturating_add(1);
        }
        self.depth -= 1;
        Ok(selections)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn verdict(document: &str) -> Result<(), Overspent> {
        let document = parse_query(document).expect("GraphQL");
        QueryBudget::behind_router().check_document(&document)
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
    }

    #[test]
    fn fragments_that_double_are_refused_however_few() {
        let refused = Err(Overspent::TooMany { of: "selected fields", limit: 20_000 });
        assert_eq!(verdict(&bomb(20)), refused);
        assert_eq!(verdict(&bomb(60)), refused);
    }

    #[test]
    fn fragments_that_lead_ever_deeper_are_refused() {
        let refused = Err(Overspent::TooMany { of: "levels of nesting", limit: DEEPEST });
        assert_eq!(verdict(&bomb(5_000)), refused);
    }

    #[test]
    fn a_fragment_that_spreads_itself_is_refused() {
        let circle = "{...a} fragment a on Query{...b} fragment b on Query{x{...a}}";
        assert_eq!(verdict(circle), Err(Overspent::EndlessFragment));
        assert_eq!(verdict("{x} fragment a on Query{...a}"), Err(Overspent::EndlessFragment));
    }

    #[test]
    fn a_fragment_that_does_not_exist_is_left_to_the_validation() {
        assert_eq!(verdict("{...nowhere}"), Ok(()));
    }
}
