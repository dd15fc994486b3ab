//! Every line of the matrix, asked by every caller.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use platform_db::Reach;
use testkit::{Client, Json, json};

use super::{
    books,
    house::{Caller, House, Target},
    schema::Schema,
    table::{self, CALLERS, Section, Word},
};

/// Mutations that nobody here carries through: they need a secret that was sent to somebody, or the house itself.
const NEVER_CARRIED_THROUGH: [&str; 18] = [
    "acceptInvitation",
    "changePassword",
    "completeSignIn",
    "confirmSecondFactor",
    "enrollSecondFactor",
    "exchangeSecret",
    "foundNetwork",
    "grantRole",
    "onboardHub",
    "reinstatePerson",
    "refreshSession",
    "removeLostSecondFactor",
    "requestEmailVerification",
    "requestPasswordReset",
    "resetPassword",
    "signIn",
    "suspendPerson",
    "verifyEmail",
];

/// How long an answer may take: a service waits a moment for an object it has not heard of yet.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a subscription is listened to.
const LISTENS: Duration = Duration::from_millis(500);

/// What came of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Data,
    Denied,
    Missing,
}

/// Whose ids were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    /// Another hub of the network.
    Other,
    /// Another network.
    Far,
}

/// A field by one of its ways.
#[derive(Debug, Clone)]
struct Line {
    of: String,
    field: String,
    way: String,
    words: [Word; CALLERS.len()],
}

impl Line {
    fn name(&self) -> String {
        format!("{}.{}", self.of, self.field)
    }
}

pub(super) struct Asking<'a> {
    house: &'a House,
    schema: Schema,
    sections: Vec<Section>,
    asked: usize,
    number: usize,
    /// Mutations that somebody carried through.
    carried_through: BTreeSet<String>,
    wrong: Vec<String>,
}

impl<'a> Asking<'a> {
    pub(super) fn of(house: &'a House) -> Self {
        let (schema, sections) = (Schema::read(), table::read());
        let carried_through = BTreeSet::new();
        Self { house, schema, sections, asked: 0, number: 0, carried_through, wrong: Vec::new() }
    }

    /// Queries and subscriptions, with everybody's ids.
    pub(super) async fn reads(&mut self) {
        for line in self.lines(|of| of != "Mutation") {
            self.judge(&line, &[Whose::Own, Whose::Other, Whose::Far], |_word, _whose| true).await;
        }
    }

    /// Mutations with others' ids by those who may not.
    pub(super) async fn foreign_mutations(&mut self) {
        for line in self.lines(|of| of == "Mutation") {
            if self.gives_ids(&line) {
                let refused = |word, whose| !gets(word, whose);
                self.judge(&line, &[Whose::Other, Whose::Far], refused).await;
            }
        }
    }

    /// Mutations with the caller's own ids, and with others' by those who may.
    pub(super) async fn own_mutations(&mut self) {
        for line in self.lines(|of| of == "Mutation") {
            self.judge(&line, &[Whose::Own], |_word, _whose| true).await;
        }
        let never: BTreeSet<String> = NEVER_CARRIED_THROUGH.map(str::to_owned).into();
        let all: BTreeSet<String> =
            self.schema.of("Mutation").into_iter().map(|field| field.name.node.to_string()).collect();
        let missing: BTreeSet<String> = &all - &self.carried_through;
        if missing != never {
            self.wrong.push(format!("nobody carried these through: {missing:?}, expected {never:?}"));
        }
    }

    /// Another hub's cursor, given to the caller's own pages.
    pub(super) async fn cursors(&mut self) {
        let mut tried = 0;
        for line in self.lines(|of| of != "Mutation") {
            if !self.schema.pages().contains(&line.name()) || !line.way.contains('$') {
                continue;
            }
            let own = self.page(&line, CALLERS.len(), &self.house.home, None).await;
            for target in [&self.house.other, &self.house.far] {
                let foreign = self.page(&line, CALLERS.len(), target, None).await;
                for cursor in &foreign {
                    for caller in 0..CALLERS.len() {
                        let seen = self.page(&line, caller, &self.house.home, Some(cursor)).await;
                        assert!(seen.is_subset(&own), "{}: {seen:?} is not of {own:?}", line.name());
                        tried += 1;
                    }
                }
            }
        }
        println!("{tried} pages were asked for with another hub's cursor");
        assert!(tried > 100, "{tried} pages");
    }

    /// The cursors of a page; the house itself asks when there is no such caller.
    async fn page(&self, line: &Line, caller: usize, at: &Target, after: Option<&str>) -> BTreeSet<String> {
        let cursor = after.map_or(String::new(), |cursor| format!(", after: {}", json!(cursor)));
        let field = format!("{}(first: 100{cursor}) {{ edges {{ cursor }} }}", line.field);
        let document = format!("query{} {{ {} }}", declared(&line.way, &[]), line.way.replace('@', &field));
        let variables = Json::Object(used(&line.way, at));
        let answer = match self.house.callers.get(caller) {
            None => self.house.app.system().response(&document, variables).await,
            Some(Caller::LetIn(client)) => client.response(&document, variables).await,
            Some(Caller::TurnedAway(_)) => return BTreeSet::new(),
        };
        let mut cursors = Vec::new();
        leaves(&answer["data"], &mut cursors);
        cursors.iter().filter_map(Json::as_str).map(str::to_owned).collect()
    }

    /// Every row of a hub's or network's, that others must not change.
    pub(super) async fn rows(&self, of: &Target) -> BTreeSet<String> {
        let network = of.id("networkId").expect("a network").parse().expect("an id");
        let mut ids = vec![of.id("hubId").expect("a hub").to_owned()];
        if of.id("networkId") != self.house.home.id("networkId") {
            ids.push(of.id("networkId").expect("a network").to_owned());
        }
        let rows =
            books::rows_naming(self.house.app.house().databases(), Reach::Network(network), &ids).await;
        assert!(rows.len() > 20, "the dump sees the rows: {rows:?}");
        rows
    }

    pub(super) async fn assert_unchanged(
        &mut self,
        whose: &str,
        of: &Target,
        before: &BTreeSet<String>,
        may_sign_out: bool,
    ) {
        let after = self.rows(of).await;
        let changed = before.symmetric_difference(&after);
        // Whoever signs out ends their own session, and their own hub's log says so.
        let own = [" session: ", " revocation: ", " audit: ", " audit_head: "];
        let is_theirs = |row: &&String| own.iter().any(|table| row.contains(table));
        let changed: Vec<_> = changed.filter(|row| !(may_sign_out && is_theirs(row))).collect();
        if !changed.is_empty() {
            self.wrong.push(format!("of {whose} was changed: {changed:#?}"));
        }
    }

    pub(super) fn report(self) {
        println!("{} operations by {} callers", self.asked, CALLERS.len());
        assert!(
            self.wrong.is_empty(),
            "the house does not do what the matrix says:\n{}",
            self.wrong.join("\n")
        );
    }

    /// The lines of the matrix, `*` spelled out.
    fn lines(&self, is_meant: impl Fn(&str) -> bool) -> Vec<Line> {
        let mut lines = Vec::new();
        for section in self.sections.iter().filter(|section| is_meant(&section.of)) {
            let named: BTreeSet<&str> = section.rows.iter().map(|row| row.field.as_str()).collect();
            for row in &section.rows {
                let Some(words) = row.words else { continue };
                let fields = match row.field.as_str() {
                    "*" => {
                        let all = self.schema.of(&section.of).into_iter();
                        all.map(|it| it.name.node.to_string())
                            .filter(|it| !named.contains(it.as_str()))
                            .collect()
                    }
                    field => vec![field.to_owned()],
                };
                let line = |field| Line { of: section.of.clone(), field, way: section.way.clone(), words };
                lines.extend(fields.into_iter().map(line));
            }
        }
        lines
    }

    fn gives_ids(&self, line: &Line) -> bool {
        let given = |target| self.schema.select(&line.of, &line.field, target, 0).variables;
        line.way.contains('$') || given(&self.house.home) != given(&self.house.far)
    }

    /// Asks a line as everybody and compares.
    async fn judge(&mut self, line: &Line, whose: &[Whose], is_asked: impl Fn(Word, Whose) -> bool) {
        let gives_ids = self.gives_ids(line);
        let mut seen = BTreeMap::new();
        let mut is_wrong = false;
        for (caller, word) in line.words.into_iter().enumerate() {
            let is_tenant = CALLERS[caller] == "neighbour" || CALLERS[caller] == "stranger";
            for whose in whose.iter().copied() {
                let is_pointless = whose != Whose::Own && (is_tenant || !gives_ids);
                if is_pointless || !is_asked(word, whose) {
                    continue;
                }
                let outcome = self.ask(line, caller, whose).await;
                let is_right = match (gets(word, whose), outcome) {
                    (true, outcome) => outcome == Outcome::Data,
                    (false, Outcome::Data) => false,
                    (false, outcome) => {
                        whose != Whose::Own || (outcome == Outcome::Denied) == (word == Word::Deny)
                    }
                };
                is_wrong |= !is_right;
                seen.insert((caller, format!("{whose:?}")), outcome);
            }
        }
        if is_wrong {
            self.wrong.push(told(line, &seen));
        }
    }

    async fn ask(&mut self, line: &Line, caller: usize, whose: Whose) -> Outcome {
        self.asked += 1;
        self.number += 1;
        let house = self.house;
        let target = match whose {
            Whose::Own => &house.home,
            Whose::Other => &house.other,
            Whose::Far => &house.far,
        };
        let selected = self.schema.select(&line.of, &line.field, target, self.number);
        let kind = match line.of.as_str() {
            "Mutation" => "mutation",
            "Subscription" => "subscription",
            _ => "query",
        };
        let way = line.way.replace('@', &selected.selection);
        let document = format!("{kind}{} {{ {way} }}", declared(&line.way, &selected.declared));
        let mut variables = used(&line.way, target);
        variables.extend(selected.variables);
        let variables = Json::Object(variables);
        let answer = match &house.callers[caller] {
            Caller::TurnedAway(token) => {
                json!({ "errors": [{ "extensions": { "code": house.app.turned_away(token) } }] })
            }
            Caller::LetIn(client) => {
                let answer = answered(client, kind, &document, &variables);
                let in_time =
                    tokio::time::timeout(if kind == "subscription" { LISTENS } else { PATIENCE }, answer)
                        .await;
                // A subscription that is let in may have nothing to say yet.
                let silence = match kind {
                    "subscription" => json!({ "data": "silence" }),
                    _ => json!({ "errors": [{ "extensions": { "code": "NO_ANSWER" } }] }),
                };
                in_time.unwrap_or(silence)
            }
        };
        if kind == "mutation" {
            house.app.settle().await;
        }
        self.look_for_canaries(caller, &variables, &answer, &document);
        let Some(code) = answer["errors"][0]["extensions"]["code"].as_str() else {
            if answer["errors"].is_array() {
                self.wrong.push(format!("no code: {document} {variables} {answer}"));
            }
            if kind == "mutation" {
                self.carried_through.insert(line.field.clone());
            }
            let mut found = Vec::new();
            leaves(&answer["data"], &mut found);
            return if found.is_empty() { Outcome::Missing } else { Outcome::Data };
        };
        match code {
            "UNAUTHENTICATED" | "FORBIDDEN" => Outcome::Denied,
            "NOT_FOUND" => Outcome::Missing,
            // They may, but not this.
            "CONFLICT" | "INVALID_INPUT" if kind == "mutation" => {
                println!("{} by {}: {answer}", line.field, CALLERS[caller]);
                Outcome::Data
            }
            _ => {
                self.wrong.push(format!("{}: {document} {variables} {answer}", CALLERS[caller]));
                Outcome::Data
            }
        }
    }

    /// What is private at a hub is in no answer but to its staff, unless the caller said it first.
    fn look_for_canaries(&mut self, caller: usize, variables: &Json, answer: &Json, document: &str) {
        let (answer, said) = (answer.to_string(), variables.to_string());
        let house = self.house;
        for (target, staff) in [
            (&house.home, ["operator", "administrator"].as_slice()),
            (&house.other, &["neighbour"]),
            (&house.far, &["stranger"]),
        ] {
            if staff.contains(&CALLERS[caller]) {
                continue;
            }
            let told =
                target.canaries.iter().find(|it| answer.contains(it.as_str()) && !said.contains(it.as_str()));
            if let Some(canary) = told {
                self.wrong.push(format!("{} is told {canary}: {document}: {answer}", CALLERS[caller]));
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

fn gets(word: Word, whose: Whose) -> bool {
    match word {
        Word::Allow => true,
        Word::Network => whose != Whose::Far,
        Word::Own => whose == Whose::Own,
        Word::Deny | Word::None => false,
    }
}

/// A line as it would have to be written, and what was seen.
fn told(line: &Line, seen: &BTreeMap<(usize, String), Outcome>) -> String {
    let outcome = |caller: usize, whose: &str| seen.get(&(caller, whose.to_owned())).copied();
    let word = |caller: usize| match outcome(caller, "Own") {
        Some(Outcome::Denied) => Word::Deny,
        Some(Outcome::Missing) => Word::None,
        Some(Outcome::Data) if line.way.starts_with("me ") => Word::Own,
        Some(Outcome::Data) => match (outcome(caller, "Other"), outcome(caller, "Far")) {
            (None | Some(Outcome::Data), None | Some(Outcome::Data)) => Word::Allow,
            (Some(Outcome::Data), _) => Word::Network,
            _ => Word::Own,
        },
        None => line.words[caller],
    };
    let words: Vec<String> = (0..CALLERS.len()).map(|caller| format!("{:<8}", word(caller))).collect();
    let leaks = seen.iter().filter(|((caller, whose), outcome)| {
        whose != "Own" && **outcome == Outcome::Data && outcome_of(seen, *caller) != Some(Outcome::Data)
    });
    let leaks: Vec<String> =
        leaks.map(|((caller, whose), _)| format!("{} at {whose}", CALLERS[*caller])).collect();
    let way = &line.way;
    let note = if leaks.is_empty() { String::new() } else { format!("  LEAK {leaks:?}") };
    format!("{way}\t{:<38}{}{note}", line.name(), words.join(" "))
}

fn outcome_of(seen: &BTreeMap<(usize, String), Outcome>, caller: usize) -> Option<Outcome> {
    seen.get(&(caller, "Own".to_owned())).copied()
}

/// The ids that a way needs.
const WAYS: [&str; 3] = ["hub", "network", "event"];

fn declared(way: &str, arguments: &[String]) -> String {
    let ways =
        WAYS.iter().filter(|name| way.contains(&format!("${name}"))).map(|name| format!("${name}: ID!"));
    let all: Vec<String> = ways.chain(arguments.iter().cloned()).collect();
    if all.is_empty() { String::new() } else { format!("({})", all.join(", ")) }
}

fn used(way: &str, target: &Target) -> serde_json::Map<String, Json> {
    target.variables().into_iter().filter(|(name, _)| way.contains(&format!("${name}"))).collect()
}

/// Everything in an answer that is not null.
fn leaves(answer: &Json, found: &mut Vec<Json>) {
    match answer {
        Json::Null => {}
        Json::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Json::Object(fields) => fields.values().for_each(|value| leaves(value, found)),
        leaf => found.push(leaf.clone()),
    }
}
