//! Another hub's cursor, used on the caller's own pages.

use std::collections::BTreeSet;

use serde_json::Map;
use testkit::{Json, json};

use super::{
    asking::Asking,
    fixture::{Caller, Target},
    table::{CALLERS, Line},
};

impl Asking<'_> {
    /// Asserts that a page after another place's cursor contains only items of the caller's own pages, forward and
    /// backward.
    pub(super) async fn cursors(&mut self) {
        let mut tried = 0;
        for line in self.lines(|of| of != "Mutation") {
            for (count, argument) in [("first", "after"), ("last", "before")] {
                if !self.schema.pages(argument).contains(&line.name()) || !line.way.contains('$') {
                    continue;
                }
                let whole = format!("{count}: 100");
                let own = self.page(&line, None, &self.fixture.home, &whole).await;
                for target in [&self.fixture.other, &self.fixture.far] {
                    for cursor in &self.page(&line, None, target, &whole).await {
                        let from_there = format!("{whole}, {argument}: {}", json!(cursor));
                        for caller in &self.fixture.callers {
                            let seen = self.page(&line, Some(caller), &self.fixture.home, &from_there).await;
                            assert!(seen.is_subset(&own), "{}: {seen:?} is not of {own:?}", line.name());
                            tried += 1;
                        }
                    }
                }
            }
        }
        println!("{tried} pages were asked for with another hub's cursor");
        assert!(tried > 10 * CALLERS.len(), "{tried} pages");
    }

    /// Returns the cursors of a page; the system itself requests it if no caller does.
    async fn page(
        &self,
        line: &Line,
        caller: Option<&Caller>,
        at: &Target,
        arguments: &str,
    ) -> BTreeSet<String> {
        let field = format!("{}({arguments}) {{ edges {{ cursor }} }}", line.field);
        let names = ["hub", "network", "event"].into_iter().filter(|it| line.way.contains(&format!("${it}")));
        let variables: Map<String, Json> =
            names.map(|name| (name.to_owned(), json!(at.id(&format!("{name}.id"))))).collect();
        let declared: Vec<String> = variables.keys().map(|name| format!("${name}: ID!")).collect();
        let document = format!("query({}) {{ {} }}", declared.join(", "), line.way.replace('@', &field));
        let variables = Json::Object(variables);
        let answer = match caller {
            None => self.fixture.app.system().response(&document, variables).await,
            Some(Caller::LetIn(client)) => client.response(&document, variables).await,
            Some(Caller::TurnedAway(_)) => return BTreeSet::new(),
        };
        let mut cursors = Vec::new();
        texts(&answer["data"], &mut cursors);
        cursors.into_iter().collect()
    }
}

fn texts(answer: &Json, found: &mut Vec<String>) {
    match answer {
        Json::String(text) => found.push(text.clone()),
        Json::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Json::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}
