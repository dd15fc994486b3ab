//! Two networks and, in one of them, two hubs, all full of data; and somebody of each kind who calls.
//!
//! Always true: what may not be seen of a hub is named after its canary, which stands nowhere else.

use std::collections::BTreeMap;

use serde_json::Map;
use testkit::{Client, Json, TestApp, TestHub, TestMember, TestNetwork, json};

const PASSWORD: &str = "correct horse battery";
const IN: &str = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
const OUT: &str = "mutation($input: TouchInput!) { checkOut(input: $input) { __typename } }";

/// A hub whose objects are asked for.
#[derive(Debug)]
pub(super) struct Target {
    /// A word that is part of everything private there.
    pub(super) canaries: Vec<String>,
    ids: BTreeMap<String, String>,
}

impl Target {
    /// The object there that an argument of this name means.
    pub(super) fn id(&self, name: &str) -> Option<&str> {
        self.ids.get(name).map(String::as_str)
    }

    /// The ids of an operation's way.
    pub(super) fn variables(&self) -> Map<String, Json> {
        ["hub", "network", "event"]
            .map(|name| (name.to_owned(), json!(self.id(&format!("{name}.id")))))
            .into_iter()
            .collect()
    }

    /// What the schema does not tell about the input of a mutation.
    pub(super) fn adapt(&self, mutation: &str, input: &mut Json) {
        let given = input.as_object_mut().expect("an input");
        match mutation {
            // A role at a hub; a chip instead of a name.
            "grantRole" | "inviteStaff" | "issueApiKey" => {
                given.remove("networkId");
            }
            "checkIn" | "checkOut" => {
                given.remove("memberId");
                given.remove("eventId");
                given.insert("chip".to_owned(), json!(self.id("chip")));
            }
            // Somebody who is not needed any more.
            "eraseMember" | "inviteMember" => {
                given.insert("memberId".to_owned(), json!(self.id("spare")));
                given.insert("email".to_owned(), json!(self.id("spare.email")));
            }
            "issueRoamingPass" => {
                given.insert("memberId".to_owned(), json!(self.id("spare")));
            }
            "removeSecondFactor" | "renewRecoveryCodes" => {
                given.insert("password".to_owned(), json!(PASSWORD));
            }
            "uploadDeviceLog" => {
                given.insert("device".to_owned(), json!("reception"));
            }
            _ => {}
        }
        if mutation == "eraseMember" {
            given.remove("email");
        }
    }
}

/// Somebody who calls.
#[derive(Debug)]
pub(super) enum Caller {
    /// Whom the gate lets in.
    LetIn(Box<Client>),
    /// Whose token the gate refuses, with a code.
    TurnedAway(String),
}

pub(super) struct House {
    pub(super) app: TestApp,
    pub(super) home: Target,
    pub(super) other: Target,
    pub(super) far: Target,
    /// In the order of the columns.
    pub(super) callers: Vec<Caller>,
}

/// A hub on its way to being full.
struct Hub {
    place: TestHub,
    word: &'static str,
    member: TestMember,
    ids: BTreeMap<String, String>,
    canaries: Vec<String>,
}

impl House {
    pub(super) async fn build() -> Self {
        let app = TestApp::new().await;
        let (north, south) = (app.network("north").await, app.network("south").await);
        let mut home = Hub::onboard(&app, &north, "home").await;
        let mut other = Hub::onboard(&app, &north, "other").await;
        let mut far = Hub::onboard(&app, &south, "far").await;
        let beyond = Hub::onboard(&app, &south, "beyond").await;
        for (from, to) in [(&home, &other), (&other, &home), (&far, &beyond), (&beyond, &far)] {
            from.visit(&app, &from.place).await;
            from.visit(&app, &to.place).await;
        }
        app.settle().await;
        app.set_clock("2026-12-01T12:00:00Z");
        for network in [&north, &south] {
            let close = "mutation($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { id } } }";
            let input = json!({ "input": { "networkId": network.id, "month": "2026-11" } });
            app.system().ask(close, input).await;
        }
        let mut accounts = Vec::new();
        for hub in [&mut home, &mut other, &mut far] {
            hub.furnish(&app).await;
            accounts.push(hub.people(&app).await);
        }
        app.settle().await;
        let suspended = suspended(&app, &home).await;
        app.recount().await;
        let stranger = accounts.pop().expect("three hubs");
        let neighbour = accounts.pop().expect("three hubs");
        let own = accounts.pop().expect("three hubs");
        let let_in = |token: &str| Caller::LetIn(Box::new(app.with_token(token)));
        let callers = vec![
            Caller::LetIn(Box::new(app.anonymous())),
            let_in(&own.member),
            suspended,
            let_in(&own.device),
            let_in(&own.operator),
            let_in(&own.administrator),
            let_in(&own.coordinator),
            let_in(&neighbour.administrator),
            let_in(&stranger.administrator),
        ];
        let (home, other, far) = (home.target(), other.target(), far.target());
        Self { app, home, other, far, callers }
    }
}

/// Tokens of the people and the device of a hub.
struct Tokens {
    member: String,
    operator: String,
    administrator: String,
    coordinator: String,
    device: String,
}

impl Hub {
    async fn onboard(app: &TestApp, network: &TestNetwork, word: &'static str) -> Self {
        let hub = app.hub(network, word).await;
        let tariff = json!({ "input": {
            "hubId": hub.id, "name": "Guests", "pricePerHour": "60", "billingStepSeconds": 900,
            "validFrom": "2026-01-01T00:00:00Z", "minimumPerDay": "10", "maximumPerDay": "500",
            "elements": [{ "pricePerHour": "30", "from": "09:00", "until": "10:00", "weekdays": ["MON"],
                           "categories": ["SENIOR"] }],
        } });
        let publish =
            "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { id } } }";
        app.system().ask(publish, tariff).await;
        app.settle().await;
        let name = format!("Subject {word}");
        let member = app.roaming_member(&hub, &name).await;
        let mut ids = BTreeMap::from([
            ("hub.id".to_owned(), hub.id.clone()),
            ("hubId".to_owned(), hub.id.clone()),
            ("network.id".to_owned(), network.id.clone()),
            ("networkId".to_owned(), network.id.clone()),
            ("memberId".to_owned(), member.id.clone()),
            ("chip".to_owned(), member.chip.clone()),
        ]);
        let pass = "query($id: ID!) { hub(id: $id) { members(first: 9) { nodes { roamingPass { id } } } } }";
        let seen = app.system().ask(pass, json!({ "id": hub.id })).await;
        ids.insert("passId".to_owned(), text(&seen["hub"]["members"]["nodes"][0]["roamingPass"]["id"]));
        Self { place: hub, word, member, ids, canaries: Vec::new() }
    }

    /// Their member spends half an hour somewhere.
    async fn visit(&self, app: &TestApp, at: &TestHub) {
        let input = json!({ "input": { "hubId": at.id, "chip": self.member.chip } });
        let entered = app.system().ask(IN, input.clone()).await;
        assert_eq!(entered["checkIn"]["__typename"], "CheckedIn");
        app.pass_minutes(30);
        app.system().ask(OUT, input).await;
        app.settle().await;
        app.pass_minutes(2);
    }

    /// Members whose names are canaries, an event with a seat taken, chips.
    async fn furnish(&mut self, app: &TestApp) {
        let canary = format!("Kanarek{}", self.word);
        let hidden = app.roaming_member(&self.place, &canary).await;
        let spare = app.member(&self.place, &format!("Spare {canary}")).await;
        for member in [&hidden, &spare] {
            let ending: String = member.chip.chars().skip(member.chip.len() - 4).collect();
            self.canaries.extend([
                member.id.clone(),
                member.email.clone(),
                member.chip.clone(),
                format!("\"{ending}\""),
            ]);
        }
        self.canaries.extend([canary, self.word_in_mail()]);
        let revoke = "mutation($id: ID!) { revokeChip(chipId: $id) { chip { id } } }";
        app.system().ask(revoke, json!({ "id": hidden.chip_id })).await;
        self.ids.insert("chipId".to_owned(), spare.chip_id.clone());
        self.ids.insert("spare".to_owned(), spare.id.clone());
        self.ids.insert("spare.email".to_owned(), spare.email.clone());
        let publish = "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
        let event = json!({ "input": {
            "hubId": self.place.id, "title": "Lecture", "summary": "Somebody speaks.", "kind": "LECTURE",
            "language": "cs", "startsAt": "2026-12-04T15:30:00Z", "endsAt": "2026-12-04T17:00:00Z", "capacity": 60,
        } });
        let event = text(&app.system().ask(publish, event).await["publishEvent"]["event"]["id"]);
        app.settle().await;
        let seat = "mutation($input: TakeSeatInput!) { takeSeat(input: $input) { __typename } }";
        for member in [&self.member, &hidden] {
            app.system().ask(seat, json!({ "input": { "eventId": event, "memberId": member.id } })).await;
        }
        for name in ["event.id", "eventId"] {
            self.ids.insert(name.to_owned(), event.clone());
        }
    }

    /// The local part of addresses of this hub's staff.
    fn word_in_mail(&self) -> String {
        format!("kanarek.{}.", self.word)
    }

    /// The staff's accounts, a member's, a reader's secret and a program's key.
    async fn people(&mut self, app: &TestApp) -> Tokens {
        let mut tokens = BTreeMap::new();
        for role in ["OPERATOR", "ADMINISTRATOR", "COORDINATOR"] {
            let email = format!("{}{}@example.org", self.word_in_mail(), role.to_lowercase());
            let mut input =
                json!({ "email": email, "language": "en", "role": role, "networkId": self.place.network });
            if role == "COORDINATOR" {
                input["email"] = json!(format!("coordinator.{}@example.org", self.word));
            } else {
                input["hubId"] = json!(self.place.id);
            }
            let invite =
                "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { personId code } }";
            let invited = app.system().ask(invite, json!({ "input": input })).await["inviteStaff"].clone();
            let session = app.accept(&invited, PASSWORD).await;
            if role == "OPERATOR" {
                self.ids.insert("personId".to_owned(), text(&invited["personId"]));
            }
            tokens.insert(role, session);
        }
        let member = account(app, &self.member).await;
        self.ids.insert("sessionId".to_owned(), text(&member["sessionId"]));
        app.second_factor(&app.with_token(&text(&member["accessToken"])), PASSWORD).await;
        let device = self.machines(app).await;
        let token = |role: &str| text(&tokens[role]["accessToken"]);
        Tokens {
            member: text(&member["accessToken"]),
            operator: token("OPERATOR"),
            administrator: token("ADMINISTRATOR"),
            coordinator: token("COORDINATOR"),
            device,
        }
    }

    async fn machines(&mut self, app: &TestApp) -> String {
        let asked = "query($id: ID!) { hub(id: $id) { devices { id } roles { id } } }";
        let seen = app.system().ask(asked, json!({ "id": self.place.id })).await;
        let device = text(&seen["hub"]["devices"][0]["id"]);
        self.ids.insert("assignmentId".to_owned(), text(&seen["hub"]["roles"][0]["id"]));
        let issue =
            "mutation($input: IssueDeviceSecretInput!) { issueDeviceSecret(input: $input) { secret } }";
        let input = json!({ "input": { "hubId": self.place.id, "deviceId": device } });
        let secret = app.system().ask(issue, input).await["issueDeviceSecret"]["secret"].clone();
        self.ids.insert("deviceId".to_owned(), device);
        let exchange = "mutation($secret: String!) { exchangeSecret(secret: $secret) { accessToken } }";
        let exchanged = app.anonymous().ask(exchange, json!({ "secret": secret })).await;
        for at in [json!({ "hubId": self.place.id }), json!({ "networkId": self.place.network })] {
            let mut input = at;
            input["name"] = json!(format!("Kanarek{} key", self.word));
            input["scopes"] = json!(["READ_INDICATORS"]);
            input["expiresAt"] = json!("2027-11-01T00:00:00Z");
            let issue =
                "mutation($input: IssueApiKeyInput!) { issueApiKey(input: $input) { apiKey { id } } }";
            let key = app.system().ask(issue, json!({ "input": input })).await;
            self.ids.entry("keyId".to_owned()).or_insert(text(&key["issueApiKey"]["apiKey"]["id"]));
        }
        text(&exchanged["exchangeSecret"]["accessToken"])
    }

    fn target(self) -> Target {
        Target { canaries: self.canaries, ids: self.ids }
    }
}

/// A member of the hub whom its operator has locked out.
async fn suspended(app: &TestApp, home: &Hub) -> Caller {
    let member = app.member(&home.place, "Locked Out").await;
    let session = account(app, &member).await;
    let suspend = "mutation($id: ID!) { suspendPerson(personId: $id) { status } }";
    app.system().ask(suspend, json!({ "id": session["personId"] })).await;
    app.house().hear_revocations().await.expect("heard");
    Caller::TurnedAway(text(&session["accessToken"]))
}

/// The first session of a member, and their person.
async fn account(app: &TestApp, member: &TestMember) -> Json {
    let invite = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { personId code } }";
    let input = json!({ "memberId": member.id, "email": member.email, "language": "cs" });
    let invited = app.system().ask(invite, json!({ "input": input })).await["inviteMember"].clone();
    let mut session = app.accept(&invited, PASSWORD).await;
    session["personId"] = invited["personId"].clone();
    session
}

pub(super) fn text(value: &Json) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
