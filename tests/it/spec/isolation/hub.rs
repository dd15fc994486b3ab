//! Builds the data of a hub: its members, their visits and seats, its staff, its devices and programs.

use std::collections::BTreeMap;

use testkit::{Client, Json, TestApp, TestHub, TestMember, TestNetwork, json};

use super::fixture::{Canaries, PASSWORD, Target};
use crate::{
    spec::identity::single_sign_on::{Liar, VERIFIER},
    support::post::Post,
};

const IN: &str = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
const OUT: &str = "mutation($input: TouchInput!) { checkOut(input: $input) { __typename } }";

pub(super) struct Hub {
    pub(super) place: TestHub,
    word: &'static str,
    member: TestMember,
    pub(super) ids: BTreeMap<String, String>,
    canaries: Canaries,
    people: Vec<(String, Client)>,
    guarded: Option<(String, Client)>,
}

/// The callers of a hub.
#[derive(Debug)]
pub(super) struct Callers {
    pub(super) member: Client,
    pub(super) operator: Client,
    pub(super) administrator: Client,
    pub(super) coordinator: Client,
    pub(super) network_administrator: Client,
    pub(super) device: Client,
    pub(super) program: Client,
}

impl Hub {
    pub(super) async fn onboard(app: &TestApp, network: &TestNetwork, word: &'static str) -> Self {
        let plan = json!({ "code": "senior", "name": "Senior", "monthlyFee": "300.00", "includedMinutes": 600,
                           "roaming": true, "categories": ["SENIOR", "RESIDENT"] });
        let hub = app.hub_with(network, word, json!({ "plans": [plan] })).await;
        let tariff = json!({ "input": {
            "hubId": hub.id, "name": "Guests", "pricePerHour": "60", "billingStepSeconds": 900,
            "validFrom": "2026-01-01T00:00:00Z", "minimumPerDay": "10", "maximumPerDay": "500",
            "elements": [{ "pricePerHour": "30", "from": "09:00", "until": "10:00", "weekdays": ["MON"],
                           "categories": ["SENIOR"] }],
        } });
        let publish =
            "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { id } } }";
        app.system().ask(publish, tariff).await;
        app.drain().await;
        let member = app.member(&hub, &format!("Subject {word}")).await;
        let pass =
            "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { id } } }";
        let until = json!({ "input": { "memberId": member.id, "validUntil": "2027-11-01T00:00:00Z" } });
        let pass = text(&app.system().ask(pass, until).await["issueRoamingPass"]["pass"]["id"]);
        let [contact, consent, note] = keep_records(app, &member).await;
        let end = "mutation($input: EndMembershipInput!) { endMembership(input: $input) { member { id } } }";
        app.system().ask(end, json!({ "input": { "memberId": member.id, "on": "2030-01-01" } })).await;
        app.drain().await;
        let ids = [
            ("hub.id", &hub.id),
            ("hubId", &hub.id),
            ("network.id", &network.id),
            ("networkId", &network.id),
            ("memberId", &member.id),
            ("node.id", &member.id),
            ("chip", &member.chip),
            ("passId", &pass),
            ("contactId", &contact),
            ("consentId", &consent),
            ("noteId", &note),
        ];
        let ids = ids.map(|(name, id)| (name.to_owned(), id.clone())).into();
        Self {
            place: hub,
            word,
            member,
            ids,
            canaries: Canaries::default(),
            people: Vec::new(),
            guarded: None,
        }
    }

    /// Their member spends half an hour at a hub.
    pub(super) async fn visit(&self, app: &TestApp, at: &TestHub) {
        self.forget_to_check_out(app, at).await;
        app.pass_minutes(10);
        app.system().ask(OUT, self.touch(at)).await;
        app.drain().await;
        app.pass_minutes(2);
    }

    /// Their member arrives and leaves without a check-out.
    pub(super) async fn forget_to_check_out(&self, app: &TestApp, at: &TestHub) {
        let entered = app.system().ask(IN, self.touch(at)).await;
        assert_eq!(entered["checkIn"]["__typename"], "CheckedIn");
        app.pass_minutes(10);
        app.drain().await;
    }

    /// Uploads the check-out of an offline reader: the member had left long before the hub closed.
    pub(super) async fn hand_in_the_check_out(&self, app: &TestApp, at: &TestHub) {
        let upload = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { taken } }";
        let line = json!({ "eventId": format!("late-{}", self.word), "at": "2026-11-02T18:00:00Z",
                           "credential": self.member.chip, "direction": "OUT" });
        let input = json!({ "hubId": at.id, "device": "reception", "lines": [line] });
        let taken = app.system().ask(upload, json!({ "input": input })).await;
        assert_eq!(taken["uploadDeviceLog"]["taken"], 1);
    }

    fn touch(&self, at: &TestHub) -> Json {
        json!({ "input": { "hubId": at.id, "chip": self.member.chip } })
    }

    /// Creates members whose names are canaries, chips, an event with seats taken and one that is full.
    pub(super) async fn furnish(&mut self, app: &TestApp) {
        let canary = format!("Kanarek{}", self.word);
        let hidden = app.roaming_member(&self.place, &canary).await;
        let spare = app.member(&self.place, &format!("Spare {canary}")).await;
        for member in [&hidden, &spare] {
            let ending: String = member.chip.chars().skip(member.chip.len() - 4).collect();
            self.canaries.ids.push(member.id.clone());
            self.canaries.members.extend([
                member.email.clone(),
                member.chip.clone(),
                format!("\"{ending}\""),
            ]);
        }
        self.canaries.members.push(canary);
        let staff = ["operator", "administrator", "key"];
        self.canaries.staff.extend(staff.map(|it| format!("{}{it}", self.staff_word())));
        self.renew_chips(app, &hidden).await;
        for (name, id) in [
            ("chipId", &spare.chip_id),
            ("spare", &spare.id),
            ("spare.email", &spare.email),
            ("spare.chip", &spare.chip),
        ] {
            self.ids.insert(name.to_owned(), id.clone());
        }
        self.describe(app).await;
        let (event, full) = (self.announce(app, 60).await, self.announce(app, 1).await);
        let seat = "mutation($input: TakeSeatInput!) { takeSeat(input: $input) { __typename } }";
        for (event, member) in [(&event, &self.member), (&event, &hidden), (&full, &hidden)] {
            app.system().ask(seat, json!({ "input": { "eventId": event, "memberId": member.id } })).await;
        }
        for (name, id) in [("event.id", &event), ("eventId", &event), ("event.full", &full)] {
            self.ids.insert(name.to_owned(), id.clone());
        }
    }

    /// Revokes a chip of each member and issues another to their member.
    async fn renew_chips(&self, app: &TestApp, hidden: &TestMember) {
        let issue = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
        let revoke = "mutation($id: ID!) { revokeChip(input: { chipId: $id }) { chip { id } } }";
        let number = format!("05{:0>12}", self.word.bytes().map(two_digits).collect::<String>());
        let input = json!({ "input": { "memberId": self.member.id, "number": number } });
        let second = app.system().ask(issue, input).await["issueChip"]["chip"]["id"].clone();
        for chip in [&second, &json!(hidden.chip_id)] {
            app.system().ask(revoke, json!({ "id": chip })).await;
        }
    }

    async fn announce(&self, app: &TestApp, capacity: i32) -> String {
        let publish = "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
        let event = json!({ "input": {
            "hubId": self.place.id, "title": "Lecture", "summary": "Somebody speaks.", "kind": "LECTURE",
            "language": "cs", "startsAt": "2026-12-04T15:30:00Z", "endsAt": "2026-12-04T17:00:00Z",
            "capacity": capacity,
        } });
        let event = text(&app.system().ask(publish, event).await["publishEvent"]["event"]["id"]);
        app.drain().await;
        event
    }

    /// Returns the beginning of addresses of this hub's staff, and of its keys' names.
    fn staff_word(&self) -> String {
        format!("kanarek.{}.", self.word)
    }

    /// Creates the staff, invited by a network administrator, a member, a reader and a program.
    pub(super) async fn people(&mut self, app: &TestApp, post: &Post, liar: &Liar) -> Callers {
        let network_administrator = self.staff(app, post, &app.system(), "NETWORK_ADMINISTRATOR").await;
        let by = &network_administrator;
        let operator = self.staff(app, post, by, "OPERATOR").await;
        let administrator = self.staff(app, post, by, "ADMINISTRATOR").await;
        let coordinator = self.staff(app, post, by, "COORDINATOR").await;
        app.second_factor(&coordinator, PASSWORD).await;
        self.settle_again(app, &coordinator).await;
        let (_, member) = account(app, post, &self.member).await;
        self.ids.insert("sessionId".to_owned(), text(&member["sessionId"]));
        let member = app.with_token(&text(&member["accessToken"]));
        self.link(app, liar).await;
        self.newcomer(app, post).await;
        self.people.extend([
            (self.member.email.clone(), member.clone()),
            (self.address("OPERATOR"), operator.clone()),
            (self.address("ADMINISTRATOR"), administrator.clone()),
        ]);
        let device = self.reader(app).await;
        let program = self.programs(app).await;
        self.offer(app).await;
        Callers { member, operator, administrator, coordinator, network_administrator, device, program }
    }

    /// A job that the coordinator started, and that is done.
    async fn settle_again(&mut self, app: &TestApp, coordinator: &Client) {
        let settle = "mutation($input: SettleMonthsInput!) { settleMonths(input: $input) { job { id } } }";
        let started = coordinator.ask(settle, json!({ "input": { "through": "2026-11" } })).await;
        let job = text(&started["settleMonths"]["job"]["id"]);
        app.run_jobs_of("settle_months").await;
        self.ids.extend(["job.id", "jobProgress.id"].map(|name| (name.to_owned(), job.clone())));
    }

    /// Their member signs in with their organisation's account.
    async fn link(&mut self, app: &TestApp, liar: &Liar) {
        let provider = if self.word == "far" { "south" } else { "north" };
        self.ids.insert("network.provider".to_owned(), provider.to_owned());
        let handover = liar.hand_over(app, provider, &self.member.email).await;
        let complete = "mutation($input: CompleteSingleSignOnInput!) { completeSingleSignOn(input: $input) { \
            ... on SignedIn { accessToken } } }";
        let input = json!({ "input": { "code": handover, "codeVerifier": VERIFIER } });
        let signed_in = app.anonymous().ask(complete, input).await["completeSingleSignOn"].clone();
        let member = app.with_token(&text(&signed_in["accessToken"]));
        let links = member.ask("{ me { signInLinks { id } } }", json!({})).await;
        self.ids.insert("linkId".to_owned(), text(&links["me"]["signInLinks"][0]["id"]));
    }

    /// Creates a member with an account and a second factor, who is no caller.
    async fn newcomer(&mut self, app: &TestApp, post: &Post) {
        let member = app.member(&self.place, &format!("Newcomer Kanarek{}", self.word)).await;
        let (person, session) = account(app, post, &member).await;
        self.ids.insert("personId".to_owned(), person);
        let client = app.with_token(&text(&session["accessToken"]));
        app.second_factor(&client, PASSWORD).await;
        self.guarded = Some((member.email, client));
    }

    fn address(&self, role: &str) -> String {
        let before = if is_held_at_hubs(role) { self.staff_word() } else { format!("{}.", self.word) };
        format!("{before}{}@example.org", role.to_lowercase())
    }

    async fn staff(&mut self, app: &TestApp, post: &Post, by: &Client, role: &str) -> Client {
        let email = self.address(role);
        let mut input = json!({ "email": email, "language": "en", "role": role,
                                "networkId": self.place.network, "validUntil": "2027-11-01T00:00:00Z" });
        if is_held_at_hubs(role) {
            input["hubId"] = json!(self.place.id);
        }
        // Earlier mail is sent first.
        post.send(app).await;
        let invite = "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { personId } }";
        by.ask(invite, json!({ "input": input })).await;
        app.with_token(&text(&accepted(app, post).await["accessToken"]))
    }

    async fn reader(&mut self, app: &TestApp) -> Client {
        let asked = "query($id: ID!) { hub(id: $id) { devices { id } roles { id role } } }";
        let seen = app.system().ask(asked, json!({ "id": self.place.id })).await;
        let device = text(&seen["hub"]["devices"][0]["id"]);
        let roles = seen["hub"]["roles"].as_array().expect("roles").iter();
        let operator = roles.filter(|it| it["role"] == "OPERATOR").map(|it| text(&it["id"])).next();
        self.ids.insert("assignmentId".to_owned(), operator.expect("an operator"));
        let issue =
            "mutation($input: IssueDeviceSecretInput!) { issueDeviceSecret(input: $input) { secret } }";
        let input = json!({ "input": { "hubId": self.place.id, "deviceId": device } });
        let secret = app.system().ask(issue, input).await["issueDeviceSecret"]["secret"].clone();
        self.ids.insert("deviceId".to_owned(), device);
        exchanged(app, &secret).await
    }

    /// Offers their member a role, which stays unaccepted.
    async fn offer(&self, app: &TestApp) {
        let invite = "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { expiresAt } }";
        let input = json!({ "email": self.member.email, "language": "en", "role": "OPERATOR",
                            "hubId": self.place.id, "validUntil": "2027-11-01T00:00:00Z" });
        app.system().ask(invite, json!({ "input": input })).await;
    }

    /// Creates a program that publishes events and reads figures of this hub, one of the network, and an unused key.
    async fn programs(&mut self, app: &TestApp) -> Client {
        let scopes = ["READ_INDICATORS", "READ_SETTLEMENT", "MANAGE_EVENTS"];
        let at_hub = json!({ "hubId": self.place.id });
        let (program, _) = self.key(app, &at_hub, &scopes).await;
        let program = exchanged(app, &program).await;
        let in_network = json!({ "networkId": self.place.network });
        let (secret, _) = self.key(app, &in_network, &["READ_NETWORK_INDICATORS"]).await;
        exchanged(app, &secret).await;
        let (_, unused) = self.key(app, &at_hub, &scopes).await;
        self.ids.insert("keyId".to_owned(), unused);
        program
    }

    async fn key(&self, app: &TestApp, at: &Json, scopes: &[&str]) -> (Json, String) {
        let mut input = at.clone();
        input["name"] = json!(format!("{}key", self.staff_word()));
        input["scopes"] = json!(scopes);
        input["expiresAt"] = json!("2027-11-01T00:00:00Z");
        let issue =
            "mutation($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret apiKey { id } } }";
        let issued = app.system().ask(issue, json!({ "input": input })).await["issueApiKey"].clone();
        (issued["secret"].clone(), text(&issued["apiKey"]["id"]))
    }

    /// Returns the token of a member whom the hub's administrator has suspended.
    pub(super) async fn locked_out(&self, app: &TestApp, post: &Post) -> String {
        let member = app.member(&self.place, "Locked Out").await;
        let (person, session) = account(app, post, &member).await;
        let suspend = "mutation($id: ID!) { suspendPerson(input: { personId: $id }) { status } }";
        app.system().ask(suspend, json!({ "id": person })).await;
        app.services().load_revocations().await.expect("the revocations are loaded");
        text(&session["accessToken"])
    }

    pub(super) fn target(self) -> Target {
        let guarded = self.guarded.expect("a newcomer");
        Target { canaries: self.canaries, ids: self.ids, people: self.people, guarded }
    }
}

fn is_held_at_hubs(role: &str) -> bool {
    role == "OPERATOR" || role == "ADMINISTRATOR"
}

/// Returns a member's person id and their first session.
async fn account(app: &TestApp, post: &Post, member: &TestMember) -> (String, Json) {
    post.send(app).await;
    let invite = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { personId } }";
    let input = json!({ "memberId": member.id, "email": member.email, "language": "cs" });
    let invited = app.system().ask(invite, json!({ "input": input })).await;
    (text(&invited["inviteMember"]["personId"]), accepted(app, post).await)
}

/// Returns the first session of the person invited last.
async fn accepted(app: &TestApp, post: &Post) -> Json {
    assert_eq!(post.send(app).await, 1, "an invitation goes out");
    app.accept(&json!({ "code": post.code() }), PASSWORD).await
}

async fn exchanged(app: &TestApp, secret: &Json) -> Client {
    let exchange =
        "mutation($secret: String!) { exchangeSecret(input: { secret: $secret }) { accessToken } }";
    let exchanged = app.anonymous().ask(exchange, json!({ "secret": secret })).await;
    app.with_token(&text(&exchanged["exchangeSecret"]["accessToken"]))
}

pub(super) fn text(value: &Json) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Returns a letter of the alphabet as two digits: numbers of chips are whole bytes.
fn two_digits(value: u8) -> String {
    (value % 90 + 10).to_string()
}

/// Keeps a guardian, a withdrawn consent and a note of a member; returns their ids.
async fn keep_records(app: &TestApp, member: &TestMember) -> [String; 3] {
    let contact = "mutation($input: AddMemberContactInput!) { addMemberContact(input: $input) { member { contacts { id } } } }";
    let input = json!({ "memberId": member.id, "role": "GUARDIAN", "name": "Guardian",
                        "phone": "+420 600 000 000", "email": "guardian@example.org" });
    let added = app.system().ask(contact, json!({ "input": input })).await;
    let guardian = &added["addMemberContact"]["member"]["contacts"][0]["id"];
    let record = "mutation($input: RecordConsentInput!) { recordConsent(input: $input) { member { consents { id } } } }";
    let input =
        json!({ "memberId": member.id, "purpose": "photos", "textVersion": "1", "guardianId": guardian });
    let recorded = app.system().ask(record, json!({ "input": input })).await;
    let consent = &recorded["recordConsent"]["member"]["consents"][0]["id"];
    let withdraw = "mutation($id: ID!, $member: ID!) { withdrawConsent(input: { memberId: $member, consentId: $id }) { member { id } } }";
    app.system().ask(withdraw, json!({ "id": consent, "member": member.id })).await;
    let note = "mutation($input: WriteMemberNoteInput!) { writeMemberNote(input: $input) { member { notes { id } } } }";
    let written =
        app.system().ask(note, json!({ "input": { "memberId": member.id, "text": "Speaks Polish" } })).await;
    let note = &written["writeMemberNote"]["member"]["notes"][0]["id"];
    [guardian, consent, note].map(text)
}
