//! Proves that every mutation of the graph is idempotent: repeated under its key it returns the same and changes no
//! row; with another payload it is refused. For a mutation with a secret result, see [`Again`]. A mutation that is
//! missing here fails the test.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Caller, DeviceId, Id, Permission, Role};
use platform_db::Reach;
use private_servers::Smtp;
use testkit::{Client, Json, TestApp, TestHub, TestMember, TestNetwork, json};

use super::{accounts, hub_changes};
use crate::spec::identity::single_sign_on::Liar;

/// How one mutation is shown to be idempotent.
pub(crate) struct Proof {
    pub(crate) mutation: &'static str,
    pub(crate) client: Client,
    pub(crate) document: &'static str,
    pub(crate) variables: Json,
    pub(crate) again: Again,
    /// A payload that the same key must refuse.
    pub(crate) other: Json,
    pub(crate) refusal: Refusal,
}

/// The result of a repetition.
pub(crate) enum Again {
    /// The same response.
    Same,
    /// A refusal: the secret was shown once, or is used up.
    Refused(&'static str),
    /// Another sign-in, or another pair of tokens of one.
    Anew,
}

/// Transport tables.
const PASSING: [&str; 7] =
    ["outbox", "event_stream", "event_log", "relay_window", "received_mark", "inbox", "postponed_event"];

/// Tables to which another sign-in adds rows.
const OF_SIGN_INS: [&str; 4] = ["session", "refresh_token", "audit", "audit_head"];

/// How another payload is refused.
pub(crate) enum Refusal {
    /// As a whole.
    Whole,
    /// The input contains nothing that could differ.
    NoPayload,
    /// Line by line: each line of an upload has a key of its own.
    OfLine,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mutation_has_one_effect_under_one_key() {
    let fixture = Fixture::build(TestApp::new().await).await;
    let posting = Posting::build().await;
    let proofs = fixture.proofs().await;
    let by_mail = posting.proofs().await;
    let proven: BTreeSet<String> =
        proofs.iter().chain(&by_mail).map(|proof| proof.mutation.to_owned()).collect();
    assert_eq!(proven, mutations(), "each mutation of the graph needs a proof here");
    for proof in proofs {
        fixture.prove(proof).await;
    }
    for proof in by_mail {
        posting.fixture.prove(proof).await;
    }
}

/// An application that sends mail and knows two organisations' providers, for the proofs that need them.
pub(crate) struct Posting {
    pub(crate) fixture: Fixture,
    smtp: Smtp,
    liars: [Liar; 2],
}

impl Posting {
    pub(crate) async fn build() -> Self {
        let smtp = Smtp::start().expect("a mail server");
        let liars = [Liar::start().await, Liar::start().await];
        let app = TestApp::configured(|config| {
            config.mail.url = Some(smtp.url().into());
            config.identity.public_url = Some("http://localhost:1".to_owned());
            let [town, university] = &liars;
            config.identity.single_sign_on =
                vec![town.settings("town", "n"), university.settings("university", "n")];
        })
        .await;
        Self { fixture: Fixture::build(app).await, smtp, liars }
    }

    pub(crate) async fn proofs(&self) -> Vec<Proof> {
        accounts::proofs_by_mail(&self.fixture, &self.smtp, &self.liars).await
    }
}

/// Returns the names of all mutations, from the schema.
pub(crate) fn mutations() -> BTreeSet<String> {
    let sdl = server::cli::sdl();
    let (_, rest) = sdl.split_once("\ntype Mutation {\n").expect("the schema has mutations");
    let lines = rest.split("\n}").next().unwrap_or_default().lines();
    let mut is_description = false;
    let code = lines.filter(|line| {
        let quotes = line.matches("\"\"\"").count();
        let is_code = quotes == 0 && !is_description;
        is_description ^= quotes == 1;
        is_code
    });
    let fields = code.filter(|line| line.starts_with('\t') && !line.starts_with("\t\t"));
    let names = fields.filter_map(|line| line.trim().split(['(', ':']).next());
    names
        .filter(|name| name.starts_with(char::is_lowercase) && name.chars().all(char::is_alphanumeric))
        .map(str::to_owned)
        .collect()
}

pub(crate) struct Fixture {
    pub(crate) app: TestApp,
    pub(crate) network: TestNetwork,
    pub(crate) hub: TestHub,
    eva: TestMember,
    jan: TestMember,
    event: String,
    other_event: String,
    passes: [String; 2],
    /// Two contacts, consents and notes of Jan, by their ids.
    records: [[String; 3]; 2],
}

impl Fixture {
    pub(crate) async fn build(app: TestApp) -> Self {
        let network = app.network("n").await;
        let hub = app.hub(&network, "home").await;
        let (eva, jan) = (app.member(&hub, "Eva").await, app.member(&hub, "Jan").await);
        let (event, other_event) = (announce(&app, &hub).await, announce(&app, &hub).await);
        let mut passes = Vec::new();
        for name in ["Ola", "Petr"] {
            let member = app.member(&hub, name).await;
            let issue = "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { id } } }";
            let issued = app.system().ask(issue, json!({ "input": { "memberId": member.id } })).await;
            passes.push(issued["issueRoamingPass"]["pass"]["id"].as_str().expect("an id").to_owned());
        }
        let first = keep_records(&app, &jan, &[]).await;
        let second = keep_records(&app, &jan, &first).await;
        app.drain().await;
        let passes = passes.try_into().expect("two passes");
        Self { app, network, hub, eva, jan, event, other_event, passes, records: [first, second] }
    }

    async fn prove(&self, proof: Proof) {
        let Proof { mutation, client, document, variables, again, other, refusal } = proof;
        let client = client.with_idempotency_key(&format!("key-of-{mutation}"));
        let first = client.ask(document, variables.clone()).await;
        self.app.drain().await;
        let mut before = self.rows().await;
        match &again {
            Again::Same => {
                let again = client.ask(document, variables).await;
                assert_eq!(again, first, "{mutation} answers the same under the same key");
            }
            Again::Refused(code) => {
                assert_eq!(client.refused(document, variables).await, *code, "{mutation} again");
            }
            Again::Anew => {
                assert_ne!(client.ask(document, variables).await, first, "{mutation} is done anew");
            }
        }
        match refusal {
            Refusal::Whole => {
                assert_eq!(client.refused(document, other).await, "IDEMPOTENCY_CONFLICT", "{mutation}");
            }
            Refusal::NoPayload => {}
            Refusal::OfLine => {
                let refused = client.ask(document, other).await[mutation]["refused"].clone();
                assert_eq!(refused, json!([{ "code": "IDEMPOTENCY_CONFLICT" }]), "{mutation}");
            }
        }
        self.app.drain().await;
        let mut after = self.rows().await;
        if matches!(again, Again::Anew) {
            before.retain(|table, _| !OF_SIGN_INS.contains(&table.as_str()));
            after.retain(|table, _| !OF_SIGN_INS.contains(&table.as_str()));
        }
        assert_eq!(after, before, "{mutation} changes nothing when asked again");
    }

    /// Returns the number of rows of each table, except the transport tables.
    async fn rows(&self) -> BTreeMap<String, i64> {
        let reach = Reach::Network(self.network.id.parse().expect("an id"));
        let mut rows = BTreeMap::new();
        for db in self.app.services().databases() {
            let tx = db.read(reach).await.expect("a transaction");
            let tables = if tx.is_postgres() {
                "select tablename as name from pg_tables where schemaname = current_schema()"
            } else {
                "select name from sqlite_master where type = 'table'"
            };
            for table in tx.rows(tables, []).await.expect("tables") {
                let table: String = table.try_get("", "name").expect("a name");
                if PASSING.contains(&table.as_str()) || table.ends_with("migration") {
                    continue;
                }
                let count =
                    tx.row(&format!("select count(*) as many from {table}"), []).await.expect("a row");
                let many: i64 = count.expect("a count").try_get("", "many").expect("a number");
                *rows.entry(table).or_default() += many;
            }
        }
        rows
    }

    pub(crate) async fn proofs(&self) -> Vec<Proof> {
        let mut proofs = accounts::proofs(self).await;
        proofs.extend(self.of_membership());
        proofs.extend(hub_changes::proofs(self).await);
        proofs.extend(self.of_presence());
        proofs.extend(self.of_roaming());
        proofs.extend(self.of_events());
        proofs.extend(self.of_erasure());
        proofs
    }

    #[expect(clippy::too_many_lines, reason = "a list: one entry for each mutation")]
    fn of_membership(&self) -> Vec<Proof> {
        let operator = self.app.operator(&self.hub);
        let network = |slug: &str| {
            json!({ "input": {
            "slug": slug, "name": "Network", "clearingCurrency": "EUR", "timeZone": "Europe/Warsaw",
            "homeCommissionBp": 500, "networkCommissionBp": 200,
        } })
        };
        let hub = |slug: &str| json!({ "input": TestApp::hub_input(&self.network, slug) });
        let member = |name: &str| {
            json!({ "input": {
            "hubId": self.hub.id, "name": name, "email": "new@example.org", "language": "cs", "category": "RESIDENT",
        } })
        };
        let correction =
            |name: &str| json!({ "input": { "memberId": self.eva.id, "expectedVersion": 1, "name": name } });
        let contact = |name: &str| json!({ "input": { "memberId": self.eva.id, "role": "GUARDIAN", "name": name, "phone": "+420 600 000 000" } });
        let consent = |purpose: &str| json!({ "input": { "memberId": self.eva.id, "purpose": purpose, "textVersion": "1" } });
        let note = |text: &str| json!({ "input": { "memberId": self.eva.id, "text": text } });
        let chip = |number: &str| json!({ "input": { "memberId": self.eva.id, "number": number } });
        let chip_id = |member: &TestMember| json!({ "id": member.chip_id });
        vec![
            whole(
                "foundNetwork",
                self.app.system(),
                "mutation($input: FoundNetworkInput!) { foundNetwork(input: $input) { network { id slug } } }",
                network("south"),
                network("north"),
            ),
            whole(
                "onboardHub",
                self.app.system(),
                "mutation($input: OnboardHubInput!) { onboardHub(input: $input) { hub { id slug } } }",
                hub("new"),
                hub("newer"),
            ),
            whole(
                "enrollMember",
                operator.clone(),
                "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id name } } }",
                member("Karel"),
                member("Karla"),
            ),
            whole(
                "addMemberContact",
                operator.clone(),
                "mutation($input: AddMemberContactInput!) { addMemberContact(input: $input) { member { id } } }",
                contact("Marie Nová"),
                contact("Jan Nový"),
            ),
            whole(
                "recordConsent",
                operator.clone(),
                "mutation($input: RecordConsentInput!) { recordConsent(input: $input) { member { id } } }",
                consent("photos"),
                consent("newsletter"),
            ),
            whole(
                "writeMemberNote",
                operator.clone(),
                "mutation($input: WriteMemberNoteInput!) { writeMemberNote(input: $input) { member { id } } }",
                note("Speaks Polish"),
                note("Speaks Czech"),
            ),
            whole(
                "removeMemberContact",
                operator.clone(),
                "mutation($id: ID!, $member: ID!) { removeMemberContact(input: { memberId: $member, contactId: $id }) { member { id } } }",
                json!({ "member": self.jan.id, "id": self.records[0][0] }),
                json!({ "member": self.jan.id, "id": self.records[1][0] }),
            ),
            whole(
                "withdrawConsent",
                operator.clone(),
                "mutation($id: ID!, $member: ID!) { withdrawConsent(input: { memberId: $member, consentId: $id }) { member { id } } }",
                json!({ "member": self.jan.id, "id": self.records[0][1] }),
                json!({ "member": self.jan.id, "id": self.records[1][1] }),
            ),
            whole(
                "deleteMemberNote",
                operator.clone(),
                "mutation($id: ID!, $member: ID!) { deleteMemberNote(input: { memberId: $member, noteId: $id }) { member { id } } }",
                json!({ "member": self.jan.id, "id": self.records[0][2] }),
                json!({ "member": self.jan.id, "id": self.records[1][2] }),
            ),
            whole(
                "correctMember",
                operator.clone(),
                "mutation($input: CorrectMemberInput!) { correctMember(input: $input) { member { id name version } } }",
                correction("Eva Nová"),
                correction("Eva Novotná"),
            ),
            whole(
                "issueChip",
                operator.clone(),
                "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id ending issuedAt } } }",
                chip("04AABBCCDD"),
                chip("04AABBCCDE"),
            ),
            // Jan's chip: Eva's is used below.
            whole(
                "revokeChip",
                operator,
                "mutation($id: ID!) { revokeChip(input: { chipId: $id }) { chip { id revokedAt } } }",
                chip_id(&self.jan),
                chip_id(&self.eva),
            ),
        ]
    }

    fn of_presence(&self) -> Vec<Proof> {
        let reader = self.app.client(Caller::Device {
            device: DeviceId::generate(self.app.services().world()),
            hub: self.hub.id.parse().expect("an id"),
            network: self.hub.network.parse().expect("an id"),
            capability: Permission::RecordPresence,
        });
        let touch = |member: &TestMember| json!({ "input": { "hubId": self.hub.id, "memberId": member.id } });
        let chip = |chip: &str| json!({ "input": { "hubId": self.hub.id, "chip": chip } });
        let log = |direction: &str| {
            let at = "2026-11-02T08:30:00Z";
            let line =
                json!({ "eventId": "1", "at": at, "credential": self.eva.chip, "direction": direction });
            json!({ "input": { "hubId": self.hub.id, "device": "reception", "lines": [line] } })
        };
        vec![
            whole(
                "checkIn",
                reader,
                "mutation($input: TouchInput!) { checkIn(input: $input) { __typename ... on CheckedIn { visit { id } } } }",
                chip(&self.eva.chip),
                chip(&self.jan.chip),
            ),
            whole(
                "checkOut",
                self.app.operator(&self.hub),
                "mutation($input: TouchInput!) { checkOut(input: $input) { __typename ... on CheckedOut { visit { id } } } }",
                touch(&self.eva),
                touch(&self.jan),
            ),
            Proof {
                refusal: Refusal::OfLine,
                ..whole(
                    "uploadDeviceLog",
                    self.app.operator(&self.hub),
                    "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { taken refused { code } } }",
                    log("IN"),
                    log("OUT"),
                )
            },
        ]
    }

    fn of_roaming(&self) -> Vec<Proof> {
        let operator = self.app.operator(&self.hub);
        let tariff = |price: &str| {
            json!({ "input": {
            "hubId": self.hub.id, "name": "Guests", "pricePerHour": price, "billingStepSeconds": 900,
        } })
        };
        let pass = |member: &TestMember| json!({ "input": { "memberId": member.id } });
        let pass_id = |pass: &str| json!({ "input": { "passId": pass } });
        let month = |month: &str| json!({ "input": { "month": month } });
        vec![
            whole(
                "publishTariff",
                self.app.staff(Role::Administrator, &self.hub),
                "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { id version validFrom } } }",
                tariff("60"),
                tariff("61"),
            ),
            whole(
                "issueRoamingPass",
                operator.clone(),
                "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { id validFrom } } }",
                pass(&self.eva),
                pass(&self.jan),
            ),
            whole(
                "endRoamingPass",
                operator,
                "mutation($input: EndRoamingPassInput!) { endRoamingPass(input: $input) { pass { id status } } }",
                pass_id(&self.passes[0]),
                pass_id(&self.passes[1]),
            ),
            whole(
                "closeSettlement",
                self.app.coordinator(&self.network),
                "mutation($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { id month } } }",
                month("2026-09"),
                month("2026-10"),
            ),
            whole(
                "settleMonths",
                self.app.coordinator(&self.network),
                "mutation($input: SettleMonthsInput!) { settleMonths(input: $input) { job { id kind state } } }",
                json!({ "input": { "through": "2026-09" } }),
                json!({ "input": { "through": "2026-10" } }),
            ),
        ]
    }

    /// The erasure comes last: it removes people that the others need.
    fn of_erasure(&self) -> Vec<Proof> {
        let erase = |member: &TestMember| json!({ "input": { "memberId": member.id } });
        let end = |member: &TestMember| json!({ "input": { "memberId": member.id, "on": "2030-01-01" } });
        vec![
            whole(
                "endMembership",
                self.app.operator(&self.hub),
                "mutation($input: EndMembershipInput!) { endMembership(input: $input) { member { id leftAt } } }",
                end(&self.jan),
                end(&self.eva),
            ),
            whole(
                "resumeMembership",
                self.app.operator(&self.hub),
                "mutation($input: ResumeMembershipInput!) { resumeMembership(input: $input) { member { id leftAt } } }",
                erase(&self.jan),
                erase(&self.eva),
            ),
            whole(
                "eraseMember",
                self.app.staff(Role::Administrator, &self.hub),
                "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { memberId erasedAt } }",
                erase(&self.jan),
                erase(&self.eva),
            ),
            Proof {
                refusal: Refusal::NoPayload,
                ..whole(
                    "eraseMe",
                    self.app.as_member(&self.eva),
                    "mutation { eraseMe { memberId erasedAt } }",
                    json!({}),
                    json!({}),
                )
            },
        ]
    }

    fn of_events(&self) -> Vec<Proof> {
        let event = |title: &str| event_input(&self.hub, title);
        let seat = |event: &str| json!({ "input": { "eventId": event } });
        vec![
            whole(
                "publishEvent",
                self.app.operator(&self.hub),
                PUBLISH,
                event("Lecture"),
                event("Other lecture"),
            ),
            whole(
                "takeSeat",
                self.app.as_member(&self.eva),
                "mutation($input: TakeSeatInput!) { takeSeat(input: $input) { __typename ... on SeatTaken { seat { id } } } }",
                seat(&self.event),
                seat(&self.other_event),
            ),
        ]
    }
}

const PUBLISH: &str =
    "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id title } } }";

fn event_input(hub: &TestHub, title: &str) -> Json {
    json!({ "input": {
        "hubId": hub.id, "title": title, "summary": "Somebody speaks.", "kind": "LECTURE", "language": "cs",
        "startsAt": "2026-11-04T15:30:00Z", "endsAt": "2026-11-04T17:00:00Z", "capacity": 6,
    } })
}

async fn announce(app: &TestApp, hub: &TestHub) -> String {
    let announced = app.system().ask(PUBLISH, event_input(hub, "Lecture")).await;
    announced["publishEvent"]["event"]["id"].as_str().expect("an id").to_owned()
}

pub(super) fn whole(
    mutation: &'static str,
    client: Client,
    document: &'static str,
    variables: Json,
    other: Json,
) -> Proof {
    Proof { mutation, client, document, variables, again: Again::Same, other, refusal: Refusal::Whole }
}

/// Keeps a contact, a consent and a note of a member; returns their ids. Ids of one moment have no order, so the new
/// ones are those that are not known.
async fn keep_records(app: &TestApp, member: &TestMember, known: &[String]) -> [String; 3] {
    let documents = [
        (
            "mutation($input: AddMemberContactInput!) { it: addMemberContact(input: $input) { member { kept: contacts { id } } } }",
            json!({ "role": "EMERGENCY", "name": "Somebody", "phone": "112" }),
        ),
        (
            "mutation($input: RecordConsentInput!) { it: recordConsent(input: $input) { member { kept: consents { id } } } }",
            json!({ "purpose": "photos", "textVersion": "1" }),
        ),
        (
            "mutation($input: WriteMemberNoteInput!) { it: writeMemberNote(input: $input) { member { kept: notes { id } } } }",
            json!({ "text": "A note" }),
        ),
    ];
    let mut ids = Vec::new();
    for (document, mut input) in documents {
        input["memberId"] = json!(member.id);
        let kept = app.system().ask(document, json!({ "input": input })).await;
        let all = kept["it"]["member"]["kept"].as_array().expect("what is kept").clone();
        let mut new =
            all.iter().filter_map(|one| one["id"].as_str()).filter(|id| known.iter().all(|it| it != *id));
        ids.push(new.next().expect("a new id").to_owned());
    }
    ids.try_into().expect("three ids")
}
