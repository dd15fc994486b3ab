//! The guides in docs/guides, executed like their reader would: paste block after block, use a shown token as
//! `"$token"` from then on, keep a shown value as `"$name"` among the variables, and compare the rest with the page.
//!
//! Always true: every block is answered without an error. They run on a small application: the demo's five hubs, a
//! traveller from Humpolec and one from Piaseczno, three settled months, and Monday noon.

use std::{fs, path::Path};

use async_graphql::{Variables, parser::parse_query};
use futures_util::StreamExt;
use platform_http::{Credentials, Download, budget::QueryBudget};
use serde_json::Map;
use server::{Background, FrontDoor, Onboarding, open_demo_accounts};
use testkit::{Client, Json, TestApp, TestHub, TestMember, TestNetwork, json};

use crate::spec::privacy::export::Export;

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_guide_works_as_pasted() {
    read_as_its_reader("operator").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roaming_members_guide_works_as_pasted() {
    read_as_its_reader("roaming-member").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_coordinators_guide_works_as_pasted() {
    read_as_its_reader("coordinator").await;
}

#[test]
fn the_demo_still_has_its_traveller_after_the_guide() {
    let page = page("roaming-member");
    let erases = |step: &Step| matches!(step, Step::Paste(document) if document.contains("eraseMe"));
    assert!(!steps(&page).iter().any(erases));
}

fn page(guide: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/guides/{guide}.md"));
    fs::read_to_string(&file).expect("the guide is there")
}

async fn read_as_its_reader(guide: &str) {
    let page = page(guide);
    let services = DemoApp::build().await;
    let mut reader = Reader {
        services: &services,
        signed_in: None,
        token: String::new(),
        variables: Map::new(),
        answer: Json::Null,
    };
    for step in steps(&page) {
        match step {
            Step::Paste(document) => reader.paste(&document).await,
            Step::Download(command) => reader.download(&command).await,
            Step::Compare(shown) => reader.compare(&shown),
        }
    }
    services.app.drain().await;
}

/// A step of a page.
enum Step {
    /// A block of GraphQL.
    Paste(String),
    /// A command that downloads an export.
    Download(String),
    /// A part of the response to the previous block.
    Compare(Json),
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let block = block.join("\n");
            match language {
                "graphql" => steps.push(Step::Paste(block)),
                "sh" if block.starts_with("curl ") => steps.push(Step::Download(block)),
                "json" => steps.push(Step::Compare(serde_json::from_str(&block).expect(&block))),
                _ => {}
            }
        }
    }
    assert!(steps.iter().any(|step| matches!(step, Step::Paste(_))), "the guide has nothing to paste");
    steps
}

struct Reader<'h> {
    services: &'h DemoApp,
    signed_in: Option<Client>,
    token: String,
    variables: Map<String, Json>,
    answer: Json,
}

impl Reader<'_> {
    async fn paste(&mut self, document: &str) {
        assert_fits_the_budget(document, &self.variables);
        let client = self.signed_in.clone().unwrap_or_else(|| self.services.app.anonymous());
        let variables = Json::Object(self.variables.clone());
        self.answer = if document.starts_with("subscription") {
            json!({ "data": client.watch(document, variables).next().await })
        } else {
            client.response(document, variables).await
        };
        assert!(self.answer.get("errors").is_none(), "{document}\nanswers {:#}", self.answer);
        self.services.app.drain().await;
    }

    /// Fetches what the command would download: the reader looks at its manifest.
    async fn download(&mut self, command: &str) {
        assert!(command.contains("Bearer $token") && command.ends_with("/me/export"), "{command}");
        let credentials = Credentials { bearer: Some(&self.token), ..Credentials::default() };
        let exports = server::Exports::new(self.services.app.services().clone(), String::new());
        let begun = exports.begin(credentials).await.unwrap_or_else(|refusal| panic!("{command}: {refusal}"));
        self.answer = Export::read(begun).await.json("manifest.json");
    }

    fn compare(&mut self, shown: &Json) {
        let answer = self.answer.clone();
        if let Err(difference) = self.compare_part(shown, &answer) {
            panic!("the guide shows {shown:#}\nbut the answer is {answer:#}\n{difference}");
        }
    }

    /// Every shown value must be present; the response may contain more.
    fn compare_part(&mut self, shown: &Json, answer: &Json) -> Result<(), String> {
        match (shown, answer) {
            (Json::Object(shown), Json::Object(answer)) => {
                for (field, shown) in shown {
                    let answer = answer.get(field).ok_or_else(|| format!("there is no {field}"))?;
                    self.compare_part(shown, answer)?;
                }
                Ok(())
            }
            (Json::Array(shown), Json::Array(answer)) => {
                for (place, shown) in shown.iter().enumerate() {
                    let answer = answer.get(place).ok_or_else(|| format!("there is no {shown}"))?;
                    self.compare_part(shown, answer)?;
                }
                Ok(())
            }
            (Json::String(word), Json::Null) if word == "…" || word.starts_with('$') => {
                Err(format!("null stands for {word}"))
            }
            (Json::String(word), _) if word == "…" => Ok(()),
            (Json::String(word), _) if word.starts_with('$') => self.keep(&word[1..], answer),
            _ if shown == answer => Ok(()),
            _ => Err(format!("{answer} stands for {shown}")),
        }
    }

    fn keep(&mut self, name: &str, answer: &Json) -> Result<(), String> {
        if name == "token" {
            let token = answer.as_str().ok_or("a token is a text")?;
            self.signed_in = Some(self.services.app.with_token(token));
            token.clone_into(&mut self.token);
            return Ok(());
        }
        match self.variables.insert(name.to_owned(), answer.clone()) {
            Some(before) if before != *answer => Err(format!("${name} was {before} and is now {answer}")),
            _ => Ok(()),
        }
    }
}

/// Asserts that the edge accepts the document: a guide's reader pastes it into a real server.
fn assert_fits_the_budget(document: &str, variables: &Map<String, Json>) {
    let budget = QueryBudget::default();
    let variables = Variables::from_json(Json::Object(variables.clone()));
    let counted = parse_query(document)
        .map(|parsed| budget.check_text(document).and_then(|()| budget.check_document(&parsed, &variables)));
    assert_eq!(counted.map_err(|error| error.to_string()), Ok(Ok(())), "{document}");
}

/// The demo's hubs, with a few visits.
struct DemoApp {
    app: TestApp,
}

impl DemoApp {
    async fn build() -> Self {
        let app = TestApp::new().await;
        app.set_clock("2026-08-01T06:00:00Z");
        let (network, hubs) = onboard(&app).await;
        let hub = |slug: &str| hubs.iter().find(|hub| hub.slug == slug).expect("a hub of the demo").clone();
        let (humpolec, piaseczno, nowa_huta) = (hub("humpolec"), hub("piaseczno"), hub("nowa-huta"));
        let traveller = app.roaming_member(&humpolec, "Alena").await;
        let neighbour = app.roaming_member(&piaseczno, "Marek").await;
        for (wednesday, after) in
            [("2026-08-12", "2026-09-03"), ("2026-09-09", "2026-10-03"), ("2026-10-14", "2026-11-02")]
        {
            visit(&app, &nowa_huta, "gate", &traveller, wednesday).await;
            visit(&app, &humpolec, "reception", &neighbour, wednesday).await;
            app.set_clock(&format!("{after}T10:00:00Z"));
            let month = json!({ "input": { "networkId": network.id, "month": &wednesday[..7] } });
            let close = "mutation($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { id } } }";
            app.system().ask(close, month).await;
        }
        visit(&app, &humpolec, "reception", &traveller, "2026-10-30").await;
        app.set_clock("2026-11-02T12:00:00Z");
        announce(&app, &humpolec).await;
        app.recount().await;
        let door = FrontDoor::as_system(app.services().clone());
        open_demo_accounts(&door, &humpolec.id, &traveller.id).await.expect("the demo's accounts");
        app.services().load_revocations().await.expect("the revocations are loaded");
        Self { app }
    }
}

/// Onboards the demo's network and hubs from its own files.
async fn onboard(app: &TestApp) -> (TestNetwork, Vec<TestHub>) {
    // A hub's prices are set after the hub's event was consumed, so events are relayed in the background meanwhile.
    let background = Background::start(app.services());
    let door = FrontDoor::as_system(app.services().clone());
    let network = Onboarding::parse("network.toml", demo_data::NETWORK).expect("a network");
    let network = TestNetwork { id: network.put("network", &door).await.expect("a network").id };
    let mut hubs = Vec::new();
    for (slug, text) in demo_data::hub_files() {
        let hub = Onboarding::parse("hub.toml", text).expect(slug).put(slug, &door).await.expect(slug);
        hubs.push(TestHub { id: hub.id, slug: hub.slug, network: network.id.clone() });
    }
    background.stop().await;
    app.drain().await;
    (network, hubs)
}

/// Uploads, in the evening, three hours at a hub.
async fn visit(app: &TestApp, hub: &TestHub, device: &str, member: &TestMember, day: &str) {
    const UPLOAD: &str =
        "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { taken } }";
    app.set_clock(&format!("{day}T18:00:00Z"));
    let line = |hour: &str, direction: &str| {
        let event = format!("{day} {} {direction}", member.email);
        let at = format!("{day}T{hour}:00:00Z");
        json!({ "eventId": event, "at": at, "credential": member.chip, "direction": direction })
    };
    let lines = [line("09", "IN"), line("12", "OUT")];
    let input = json!({ "input": { "hubId": hub.id, "device": device, "lines": lines } });
    let taken = app.system().ask(UPLOAD, input).await["uploadDeviceLog"]["taken"].clone();
    assert_eq!(taken, 2, "{} at {} on {day}", member.email, hub.slug);
    app.drain().await;
}

async fn announce(app: &TestApp, hub: &TestHub) {
    const PUBLISH: &str =
        "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
    let input = json!({
        "hubId": hub.id, "title": "Daně u kávy", "summary": "Účetní odpovídá.", "kind": "CONSULTATION",
        "language": "cs", "startsAt": "2026-11-04T15:30:00Z", "endsAt": "2026-11-04T17:00:00Z", "capacity": 6,
    });
    app.system().ask(PUBLISH, json!({ "input": input })).await;
    app.drain().await;
}
