//! Requests every line of the matrix as every caller.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use testkit::{Client, Json, json};

use super::{
    fixture::{Caller, Fixture},
    question::{Outcome, Question, codes, outcome},
    schema::Schema,
    table::{self, CALLERS, Line, Section, TENANTS, Whose, Word},
};

/// How long a response may take: a service waits a moment for an object whose event it has not consumed yet.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a subscription is observed.
const LISTENS: Duration = Duration::from_millis(500);
/// The places whose ids are given.
pub(super) const EVERYWHERE: [Whose; 3] = [Whose::Own, Whose::Other, Whose::Far];

pub(super) struct Asking<'a> {
    pub(super) fixture: &'a Fixture,
    pub(super) schema: Schema,
    sections: Vec<Section>,
    asked: usize,
    pub(super) number: usize,
    /// Mutations that some caller carried through.
    carried_through: BTreeSet<String>,
    /// Fields that some caller saw with a value.
    filled: BTreeSet<String>,
    pub(super) wrong: Vec<String>,
}

impl<'a> Asking<'a> {
    pub(super) fn of(fixture: &'a Fixture) -> Self {
        Self {
            fixture,
            schema: Schema::read(),
            sections: table::read(),
            asked: 0,
            number: 0,
            carried_through: BTreeSet::new(),
            filled: BTreeSet::new(),
            wrong: Vec::new(),
        }
    }

    /// Requests queries and subscriptions with the ids of every place: in one operation, if it may have several
    /// parts.
    pub(super) async fn reads(&mut self) {
        for line in self.lines(|of| of != "Mutation") {
            self.judge(&line, &EVERYWHERE, |_word, _whose| true).await;
        }
    }

    /// Requests mutations with the ids of others, as callers without the right.
    pub(super) async fn foreign_mutations(&mut self) {
        for line in self.lines(|of| of == "Mutation") {
            if self.gives_ids(&line) {
                let refused = |word: Word, whose| !word.gets(whose);
                self.judge(&line, &[Whose::Other, Whose::Far], refused).await;
                self.assert_indistinct(&line).await;
            }
        }
    }

    /// Asserts that another network's object is refused with the same message as an object that does not exist.
    async fn assert_indistinct(&mut self, line: &Line) {
        let fixture = self.fixture;
        for (caller, word) in line.words.into_iter().enumerate() {
            if word.gets(Whose::Far) || TENANTS.contains(&CALLERS[caller]) {
                continue;
            }
            let mut refusals = Vec::new();
            for target in [&fixture.far, &fixture.nowhere] {
                let mut question = Question::about(&self.schema, line, &[(Whose::Far, target)], self.number);
                fixture.provide(&line.field, target, caller, false, &mut question.variables).await;
                let answer = self.answer(&question, "mutation", caller).await;
                refusals.push(json!({ "message": answer["errors"][0]["message"], "codes": codes(&answer, None).collect::<Vec<_>>() }));
            }
            if refusals[0] != refusals[1] {
                self.wrong.push(format!(
                    "{} reveals strangers' objects to {}: {refusals:?}",
                    line.field, CALLERS[caller]
                ));
            }
        }
    }

    /// Requests mutations with the caller's own ids, and with those of another hub as callers with a right in the
    /// whole network.
    pub(super) async fn own_mutations(&mut self) {
        for line in self.lines(|of| of == "Mutation") {
            let may = |word, whose| whose == Whose::Own || word == Word::Network;
            self.judge(&line, &[Whose::Own, Whose::Other], may).await;
        }
    }

    /// Returns fields that no caller saw with a value, and mutations that no caller carried through.
    pub(super) fn never_seen(&self) -> BTreeSet<String> {
        let seen = &self.filled | &self.carried_through;
        &self.schema.fields() - &seen
    }

    pub(super) fn report(self) {
        println!("{} operations by {} callers", self.asked, CALLERS.len());
        assert!(self.wrong.is_empty(), "the application differs from the matrix:\n{}", self.wrong.join("\n"));
    }

    /// Returns the lines of the matrix, with `*` expanded.
    pub(super) fn lines(&self, is_meant: impl Fn(&str) -> bool) -> Vec<Line> {
        self.sections.iter().filter(|section| is_meant(&section.of)).flat_map(|it| self.spelled(it)).collect()
    }

    /// Returns the lines of each section that is reached by an id.
    pub(super) fn ways(&self) -> Vec<Vec<Line>> {
        let reached = self.sections.iter().filter(|section| section.way.contains('$'));
        reached.map(|section| self.spelled(section)).collect()
    }

    fn spelled(&self, section: &Section) -> Vec<Line> {
        let named: BTreeSet<&str> = section.rows.iter().map(|row| row.field.as_str()).collect();
        let mut lines = Vec::new();
        for row in &section.rows {
            let Some(words) = row.words else { continue };
            let all = self.schema.of(&section.of).into_iter().map(|it| it.name.node.to_string());
            let fields: Vec<String> = match row.field.as_str() {
                "*" => all.filter(|it| !named.contains(it.as_str())).collect(),
                field => vec![field.to_owned()],
            };
            let line = |field| Line { of: section.of.clone(), field, way: section.way.clone(), words };
            lines.extend(fields.into_iter().map(line));
        }
        lines
    }

    fn gives_ids(&self, line: &Line) -> bool {
        let field = (line.of.as_str(), line.field.as_str());
        let given = |target| self.schema.select(field, target, 0, "").variables;
        line.way.contains('$') || given(&self.fixture.home) != given(&self.fixture.far)
    }

    /// Requests a line as every caller and compares the outcomes.
    async fn judge(&mut self, line: &Line, whose: &[Whose], is_asked: impl Fn(Word, Whose) -> bool) {
        let gives_ids = self.gives_ids(line);
        let mut seen = BTreeMap::new();
        let mut is_wrong = false;
        for (caller, word) in line.words.into_iter().enumerate() {
            let is_tenant = TENANTS.contains(&CALLERS[caller]);
            let is_pointless = |whose| whose != Whose::Own && (is_tenant || !gives_ids);
            let whose = whose.iter().copied().filter(|it| !is_pointless(*it) && is_asked(word, *it));
            for (whose, outcome) in self.ask(line, caller, &whose.collect::<Vec<_>>()).await {
                let is_right = match (word.gets(whose), outcome) {
                    (true, outcome) => outcome == Outcome::Data,
                    (false, Outcome::Data) => false,
                    (false, outcome) => {
                        whose != Whose::Own || (outcome == Outcome::Denied) == (word == Word::Deny)
                    }
                };
                is_wrong |= !is_right;
                seen.insert((caller, whose), outcome);
            }
        }
        if is_wrong {
            self.wrong.push(as_written(line, &seen));
        }
    }

    /// Requests a line as one caller, with the ids of several places at once if the operation may have several parts.
    async fn ask(&mut self, line: &Line, caller: usize, whose: &[Whose]) -> Vec<(Whose, Outcome)> {
        let (kind, at_once) = match line.of.as_str() {
            "Mutation" => ("mutation", 1),
            "Subscription" => ("subscription", 1),
            _ => ("query", EVERYWHERE.len()),
        };
        let mut outcomes = Vec::new();
        for some in whose.chunks(at_once) {
            self.number += 1;
            let places: Vec<_> = some.iter().map(|whose| (*whose, self.fixture.at(*whose))).collect();
            let mut question = Question::about(&self.schema, line, &places, self.number);
            if kind == "mutation" {
                let may = line.words[caller].gets(some[0]);
                let variables = &mut question.variables;
                self.fixture.provide(&line.field, places[0].1, caller, may, variables).await;
            }
            let answer = self.answer(&question, kind, caller).await;
            if kind == "mutation" && answer["errors"].is_null() {
                self.carried_through.insert(line.name());
                Schema::filled(&answer["data"], &mut self.filled);
            }
            outcomes.extend(some.iter().map(|whose| (*whose, outcome(&answer, *whose))));
        }
        let is_seen = outcomes.iter().any(|(_, outcome)| *outcome == Outcome::Data);
        if kind != "mutation" && is_seen {
            self.filled.insert(line.name());
        }
        outcomes
    }

    /// Returns the response for a caller, and searches it for data of others.
    pub(super) async fn answer(&mut self, question: &Question, kind: &str, caller: usize) -> Json {
        self.asked += 1;
        let fixture = self.fixture;
        let document = question.document(kind);
        let variables = Json::Object(question.variables.clone());
        let answer = match &fixture.callers[caller] {
            Caller::TurnedAway(token) => {
                json!({ "errors": [{ "extensions": { "code": fixture.app.turned_away(token) } }] })
            }
            Caller::LetIn(client) => {
                let is_subscription = kind == "subscription";
                let patience = if is_subscription { LISTENS } else { PATIENCE };
                let answer = tokio::time::timeout(patience, answered(client, kind, &document, &variables));
                // An accepted subscription may have nothing to send yet.
                let silence = match kind {
                    "subscription" => json!({ "data": { "own": "", "other": "", "far": "" } }),
                    _ => json!({ "errors": [{ "extensions": { "code": "NO_ANSWER" } }] }),
                };
                answer.await.unwrap_or(silence)
            }
        };
        if kind == "mutation" && answer["errors"].is_null() {
            fixture.app.drain().await;
        }
        let refusals = if kind == "mutation" { 5 } else { 3 };
        let known = ["UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "CONFLICT", "INVALID_INPUT"];
        let unknown = codes(&answer, None).find(|code| !known[..refusals].contains(code));
        if let Some(code) = unknown {
            let who = CALLERS[caller];
            self.wrong.push(format!("{code} for {who}: {document} {variables} {answer}"));
        }
        self.look_for_canaries(caller, &variables, &answer, &document);
        answer
    }

    /// Asserts that private data of a hub is in no response except to its staff, unless the caller sent it first.
    fn look_for_canaries(&mut self, caller: usize, variables: &Json, answer: &Json, document: &str) {
        let (answer, given) = (answer.to_string(), variables.to_string());
        for canary in self.fixture.canaries_for(CALLERS[caller]) {
            if answer.contains(canary) && !given.contains(canary) {
                self.wrong.push(format!("{} can read {canary}: {document}: {answer}", CALLERS[caller]));
            }
        }
    }
}

async fn answered(client: &Client, kind: &str, document: &str, variables: &Json) -> Json {
    match kind {
        "subscription" => client.first_event(document, variables.clone()).await,
        _ => client.response(document, variables.clone()).await,
    }
}

/// Returns a line as it would have to be written, with the observed outcomes.
fn as_written(line: &Line, seen: &BTreeMap<(usize, Whose), Outcome>) -> String {
    let outcome = |caller: usize, whose: Whose| seen.get(&(caller, whose)).copied();
    let word = |caller: usize| match outcome(caller, Whose::Own) {
        Some(Outcome::Denied) => Word::Deny,
        Some(Outcome::Missing) => Word::None,
        Some(Outcome::Data) if line.way.starts_with("me ") => Word::Own,
        Some(Outcome::Data) if TENANTS.contains(&CALLERS[caller]) => line.words[caller],
        Some(Outcome::Data) => match (outcome(caller, Whose::Other), outcome(caller, Whose::Far)) {
            (None | Some(Outcome::Data), None | Some(Outcome::Data)) => Word::Allow,
            (Some(Outcome::Data), _) => Word::Network,
            _ => Word::Own,
        },
        None => line.words[caller],
    };
    let words: Vec<String> = (0..CALLERS.len()).map(|caller| format!("{:<8}", word(caller))).collect();
    let leaks = seen.iter().filter(|((caller, whose), it)| {
        *whose != Whose::Own && **it == Outcome::Data && outcome(*caller, Whose::Own) != Some(Outcome::Data)
    });
    let leaks: Vec<String> =
        leaks.map(|((caller, whose), _)| format!("{} at {whose:?}", CALLERS[*caller])).collect();
    let way = &line.way;
    let note = if leaks.is_empty() { String::new() } else { format!("  LEAK {leaks:?}") };
    format!("{way}\t{:<37} {}{note}", line.name(), words.join(" "))
}
