//! One fragment, spread at the caller's own place and at others'.
//!
//! Always true: the fragment returns all of the caller's own data, and no more of others' data than a separate query.

use testkit::Json;

use super::{
    asking::{Asking, EVERYWHERE},
    question::Question,
    schema::holds,
    table::{CALLERS, Line, TENANTS, Whose},
};

impl Asking<'_> {
    /// Spreads a fragment with the fields of the caller's own place at others' places too.
    pub(super) async fn shared_fragments(&mut self) {
        for lines in self.ways() {
            for caller in (0..CALLERS.len()).filter(|caller| !TENANTS.contains(&CALLERS[*caller])) {
                let shown: Vec<&Line> =
                    lines.iter().filter(|line| line.words[caller].gets(Whose::Own)).collect();
                for some in shown.chunks(6) {
                    self.share(some, caller).await;
                }
            }
        }
    }

    async fn share(&mut self, lines: &[&Line], caller: usize) {
        self.number += 1;
        let places = EVERYWHERE.map(|whose| (whose, self.fixture.at(whose)));
        let question = Question::of_a_fragment(&self.schema, lines, &places, self.number);
        let answer = self.answer(&question, "query", caller).await;
        for (place, line) in lines.iter().enumerate() {
            for whose in EVERYWHERE {
                let mut found = Vec::new();
                named(&answer["data"][whose.alias()], &format!("field_{place}"), &mut found);
                if found.into_iter().any(holds) != line.words[caller].gets(whose) {
                    let (name, who) = (line.name(), CALLERS[caller]);
                    self.wrong.push(format!("{name} by {who} at {whose:?} in a fragment: {answer}"));
                }
            }
        }
    }
}

/// Collects all values of a name in a response, at any depth.
fn named<'a>(answer: &'a Json, name: &str, found: &mut Vec<&'a Json>) {
    match answer {
        Json::Array(items) => items.iter().for_each(|item| named(item, name, found)),
        Json::Object(fields) => {
            found.extend(fields.get(name));
            fields.values().for_each(|value| named(value, name, found));
        }
        _ => {}
    }
}
