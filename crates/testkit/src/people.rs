//! Builders of networks, hubs and members, all through the public graph.

use kernel::{Caller, Grant, HubId, Id, MemberId, NetworkId, OpContext, PersonId, Place, Role};
use platform_http::Credentials;
use serde_json::{Value as Json, json};

use server::AppAuthenticator;

use crate::{Client, TestApp};

/// A network of a test.
#[derive(Debug, Clone)]
pub struct TestNetwork {
    /// Its id.
    pub id: String,
}

/// A hub of a test.
#[derive(Debug, Clone)]
pub struct TestHub {
    /// Its id.
    pub id: String,
    /// Its slug.
    pub slug: String,
    /// Its network's id.
    pub network: String,
}

/// A member of a test, with a chip.
#[derive(Debug, Clone)]
pub struct TestMember {
    /// The member's id.
    pub id: String,
    /// Their e-mail.
    pub email: String,
    /// The number of their chip.
    pub chip: String,
    /// The id of their chip.
    pub chip_id: String,
    /// Their home hub.
    pub home: TestHub,
}

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { \
    accessToken accessExpiresAt refreshToken refreshExpiresAt sessionId } } }";

impl TestApp {
    /// Founds a network that clears in euro, with 5 % for the home hub and 2 % for itself.
    pub async fn network(&self, slug: &str) -> TestNetwork {
        const FOUND: &str =
            "mutation($input: FoundNetworkInput!) { foundNetwork(input: $input) { network { id } } }";
        let input = json!({
            "slug": slug, "name": format!("Network {slug}"), "clearingCurrency": "EUR", "timeZone": "Europe/Warsaw",
            "homeCommissionBp": 500, "networkCommissionBp": 200,
        });
        let data = self.system().ask(FOUND, json!({ "input": input })).await;
        self.drain().await;
        TestNetwork { id: word(&data["foundNetwork"]["network"]["id"]) }
    }

    /// Onboards a Czech coworking hub: 10 places, open every day from 8 to 20, one reader named `reception`.
    pub async fn hub(&self, network: &TestNetwork, slug: &str) -> TestHub {
        self.hub_with(network, slug, json!({})).await
    }

    /// Onboards a hub that differs from the default one in some fields.
    pub async fn hub_with(&self, network: &TestNetwork, slug: &str, but: Json) -> TestHub {
        const ONBOARD: &str =
            "mutation($input: OnboardHubInput!) { onboardHub(input: $input) { hub { id } } }";
        let mut input = Self::hub_input(network, slug);
        if let (Some(input), Some(but)) = (input.as_object_mut(), but.as_object()) {
            input.extend(but.clone());
        }
        let data = self.system().ask(ONBOARD, json!({ "input": input })).await;
        self.drain().await;
        TestHub {
            id: word(&data["onboardHub"]["hub"]["id"]),
            slug: slug.to_owned(),
            network: network.id.clone(),
        }
    }

    /// Returns the input that onboards the default hub.
    pub fn hub_input(network: &TestNetwork, slug: &str) -> Json {
        json!({
            "networkId": network.id, "slug": slug, "name": format!("Hub {slug}"), "legalName": "Hub, z. s.",
            "taxNumber": "CZ00000001", "kind": "COWORKING", "language": "cs", "timeZone": "Europe/Prague",
            "currency": "CZK", "openingHours": "Mo-Su 08:00-20:00", "catchmentPopulation": 11000, "capacity": 10,
            "address": { "street": "Horní 1", "city": "Humpolec", "postalCode": "396 01", "country": "CZ" },
            "position": { "latitude": "49.5415", "longitude": "15.3593" },
            "spaces": [{ "code": "open-space", "name": "Open space", "kind": "OPEN_SPACE", "capacity": 10,
                         "resources": [{ "code": "desk-1", "name": "Desk 1", "kind": "DESK" }] }],
            "plans": [{ "code": "resident", "name": "Resident", "monthlyFee": "900.00", "includedMinutes": 6000,
                        "roaming": true }],
            "devices": [{ "code": "reception", "kind": "READER" }],
        })
    }

    /// Publishes the tariff of a hub: a price per hour, billed by the quarter, nothing else.
    pub async fn tariff(&self, hub: &TestHub, price_per_hour: &str) {
        const PUBLISH: &str =
            "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { id } } }";
        let input = json!({
            "hubId": hub.id, "name": "Guests", "pricePerHour": price_per_hour, "billingStepSeconds": 900,
            "validFrom": "2026-01-01T00:00:00Z",
        });
        self.system().ask(PUBLISH, json!({ "input": input })).await;
        self.drain().await;
    }

    /// Enrols a member with a chip, and with a plan that lets residents roam, if the hub has one.
    pub async fn member(&self, home: &TestHub, name: &str) -> TestMember {
        let asked = "query($id: ID!) { hub(id: $id) { plans { code roaming categories } } }";
        let data = self.anonymous().ask(asked, json!({ "id": home.id })).await;
        let admits = |plan: &&Json| {
            let categories = plan["categories"].as_array().expect("categories");
            plan["roaming"] == true && (categories.is_empty() || categories.contains(&json!("RESIDENT")))
        };
        let plan = data["hub"]["plans"].as_array().expect("plans").iter().find(admits);
        self.member_with_plan(home, name, plan.and_then(|plan| plan["code"].as_str())).await
    }

    /// Enrols a member with a chip and a plan, or without one.
    pub async fn member_with_plan(&self, home: &TestHub, name: &str, plan: Option<&str>) -> TestMember {
        const ENROL: &str =
            "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
        const CHIP: &str = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        let input = json!({
            "hubId": home.id, "name": name, "email": email, "language": "cs", "category": "RESIDENT",
            "plan": plan,
        });
        let data = self.system().ask(ENROL, json!({ "input": input })).await;
        let id = word(&data["enrollMember"]["member"]["id"]);
        let chip = format!("04{:012X}", fingerprint(&email));
        let data = self.system().ask(CHIP, json!({ "input": { "memberId": id, "number": chip } })).await;
        let chip_id = word(&data["issueChip"]["chip"]["id"]);
        self.drain().await;
        TestMember { id, email, chip, chip_id, home: home.clone() }
    }

    /// Enrols a member with a chip and a roaming pass.
    pub async fn roaming_member(&self, home: &TestHub, name: &str) -> TestMember {
        const PASS: &str =
            "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { id } } }";
        let member = self.member(home, name).await;
        self.system().ask(PASS, json!({ "input": { "memberId": member.id } })).await;
        self.drain().await;
        member
    }

    /// Returns a client with a role at a hub.
    pub fn staff(&self, role: Role, hub: &TestHub) -> Client {
        self.person(&hub.network, None, vec![Grant { role, at: Place::Hub(hub_id(hub)) }])
    }

    /// Returns a client that is an operator of a hub.
    pub fn operator(&self, hub: &TestHub) -> Client {
        self.staff(Role::Operator, hub)
    }

    /// Returns a client that is an administrator of a hub.
    pub fn administrator(&self, hub: &TestHub) -> Client {
        self.staff(Role::Administrator, hub)
    }

    /// Returns a client with a role in a network.
    pub fn staff_of(&self, role: Role, network: &TestNetwork) -> Client {
        let at = Place::Network(network.id.parse().expect("a network's id"));
        self.person(&network.id, None, vec![Grant { role, at }])
    }

    /// Returns a client that is the coordinator of a network.
    pub fn coordinator(&self, network: &TestNetwork) -> Client {
        self.staff_of(Role::Coordinator, network)
    }

    /// Returns a client that is a member.
    pub fn as_member(&self, member: &TestMember) -> Client {
        let at = Place::Hub(hub_id(&member.home));
        let id = member.id.parse().expect("a member's id");
        self.person(&member.home.network, Some(id), vec![Grant { role: Role::Member, at }])
    }

    fn person(&self, network: &str, member: Option<MemberId>, grants: Vec<Grant>) -> Client {
        let network: NetworkId = network.parse().expect("a network's id");
        self.client(Caller::Person {
            person: PersonId::generate(self.services().world()),
            network,
            member,
            grants,
        })
    }

    /// Returns a client with an access token, authenticated as on the server.
    ///
    /// # Panics
    /// If the authenticator refuses.
    pub fn with_token(&self, token: &str) -> Client {
        let op =
            self.authenticated(token).unwrap_or_else(|code| panic!("the authenticator refuses with {code}"));
        Client::new(self.services().clone(), op)
    }

    /// Returns the code with which the authenticator refuses an access token.
    ///
    /// # Panics
    /// If the authenticator accepts it.
    pub fn turned_away(&self, token: &str) -> &'static str {
        self.authenticated(token).expect_err("the token is refused")
    }

    fn authenticated(&self, token: &str) -> Result<OpContext, &'static str> {
        let authenticator = AppAuthenticator::new(self.services().clone());
        let credentials = Credentials { bearer: Some(token), ..Credentials::default() };
        authenticator.op(credentials).map(|(op, _)| op).map_err(|refusal| refusal.code.as_str())
    }

    /// Accepts an invitation; returns the tokens.
    pub async fn accept(&self, invitation: &Json, password: &str) -> Json {
        const ACCEPT: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { \
            accessToken accessExpiresAt refreshToken refreshExpiresAt sessionId } }";
        let input = json!({ "input": { "code": invitation["code"], "password": password } });
        self.anonymous().ask(ACCEPT, input).await["acceptInvitation"].clone()
    }

    /// Accepts every role that is offered to a person and refreshes their session; returns the new tokens.
    pub async fn accept_roles(&self, tokens: &Json) -> Json {
        const OFFERED: &str = "{ me { offeredRoles { id } } }";
        const ACCEPT: &str =
            "mutation($id: ID!) { acceptRole(input: { assignmentId: $id }) { role { id } } }";
        const REFRESH: &str = "mutation($token: String!) { refreshSession(input: { refreshToken: $token }) { \
            accessToken refreshToken sessionId } }";
        let client = self.with_token(&word(&tokens["accessToken"]));
        let offered = client.ask(OFFERED, json!({})).await["me"]["offeredRoles"].clone();
        for offer in offered.as_array().expect("offers") {
            client.ask(ACCEPT, json!({ "id": offer["id"] })).await;
        }
        let token = json!({ "token": tokens["refreshToken"] });
        self.anonymous().ask(REFRESH, token).await["refreshSession"].clone()
    }

    /// Signs in; returns the tokens.
    pub async fn sign_in(&self, email: &str, password: &str) -> Json {
        let input = json!({ "input": { "email": email, "password": password } });
        self.anonymous().ask(SIGN_IN, input).await["signIn"].clone()
    }

    /// Attempts a sign-in that must fail; returns the code.
    pub async fn cannot_sign_in(&self, email: &str, password: &str) -> String {
        let input = json!({ "input": { "email": email, "password": password } });
        self.anonymous().refused(SIGN_IN, input).await
    }

    /// Checks a member in with their chip; returns the whole result.
    pub async fn check_in(&self, hub: &TestHub, member: &TestMember) -> Json {
        const CHECK_IN: &str = "mutation($input: TouchInput!) { checkIn(input: $input) { \
            __typename ... on CheckedIn { visit { id startedAt } } ... on AlreadyIn { visit { id } } \
            ... on Denied { reason } } }";
        let input = json!({ "hubId": hub.id, "chip": member.chip });
        self.system().ask(CHECK_IN, json!({ "input": input })).await["checkIn"].clone()
    }

    /// Checks a member out with their chip; returns the whole result.
    pub async fn check_out(&self, hub: &TestHub, member: &TestMember) -> Json {
        const CHECK_OUT: &str = "mutation($input: TouchInput!) { checkOut(input: $input) { \
            __typename ... on CheckedOut { visit { id minutes endedBy } } ... on Denied { reason } } }";
        let input = json!({ "hubId": hub.id, "chip": member.chip });
        self.system().ask(CHECK_OUT, json!({ "input": input })).await["checkOut"].clone()
    }
}

fn hub_id(hub: &TestHub) -> HubId {
    hub.id.parse().expect("a hub's id")
}

fn word(value: &Json) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Returns a stable number for a text: FNV-1a, cut to 48 bits.
fn fingerprint(text: &str) -> u64 {
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, hash) & 0xffff_ffff_ffff
}
