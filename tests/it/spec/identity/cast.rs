//! A network with a hub, its staff with real accounts, and the queries that these tests share.

use testkit::{Client, Json, TestApp, TestHub, TestMember, TestNetwork, json};

pub(super) const PASSWORD: &str = "correct horse battery";
pub(super) const INVITE_MEMBER: &str =
    "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { personId code expiresAt } }";
pub(super) const INVITE_STAFF: &str =
    "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { personId code expiresAt } }";
pub(super) const ACCEPT: &str =
    "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { accessToken } }";
pub(super) const REFRESH: &str = "mutation($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken refreshToken } }";
pub(super) const GRANT: &str = "mutation($input: GrantRoleInput!) { grantRole(input: $input) { role { id role \
    personId validFrom validUntil grantedBy } } }";
pub(super) const REVOKE: &str =
    "mutation($id: ID!) { revokeRole(input: { assignmentId: $id }) { role { revokedAt } } }";
pub(super) const SUSPEND: &str = "mutation($id: ID!) { suspendPerson(input: { personId: $id }) { status } }";
pub(super) const REINSTATE: &str =
    "mutation($id: ID!) { reinstatePerson(input: { personId: $id }) { status } }";
pub(super) const ME: &str =
    "{ me { id member { id name } roles { role hub { slug } network { slug } } sessions { id isCurrent } } }";

/// Somebody with an account.
pub(super) struct Account {
    pub(super) person: String,
    pub(super) email: String,
    pub(super) tokens: Json,
}

impl Account {
    pub(super) fn access(&self) -> &str {
        word(&self.tokens["accessToken"])
    }

    pub(super) fn refresh(&self) -> &str {
        word(&self.tokens["refreshToken"])
    }
}

pub(super) struct Cast {
    pub(super) app: TestApp,
    pub(super) network: TestNetwork,
    pub(super) hub: TestHub,
}

impl Cast {
    pub(super) async fn new() -> Self {
        let app = TestApp::new().await;
        let network = app.network("n").await;
        let hub = app.hub(&network, "home").await;
        Self { app, network, hub }
    }

    /// A member who has accepted their invitation.
    pub(super) async fn member(&self, name: &str) -> (TestMember, Account) {
        let member = self.app.member(&self.hub, name).await;
        let invitation = self.invite_member(&member).await;
        (member.clone(), self.accepted(&member.email, invitation).await)
    }

    pub(super) async fn invite_member(&self, member: &TestMember) -> Json {
        let invited = self.app.administrator(&member.home).ask(INVITE_MEMBER, to_member(member)).await;
        invited["inviteMember"].clone()
    }

    /// Staff of the hub who have accepted their invitation.
    pub(super) async fn staff(&self, name: &str, role: &str) -> Account {
        self.staff_at(name, role, &self.hub).await
    }

    pub(super) async fn staff_at(&self, name: &str, role: &str, hub: &TestHub) -> Account {
        let email = format!("{name}@example.org");
        let invited = self.app.system().ask(INVITE_STAFF, to_staff(&email, role, hub)).await;
        self.accepted(&email, invited["inviteStaff"].clone()).await
    }

    async fn accepted(&self, email: &str, invitation: Json) -> Account {
        let tokens = self.app.accept(&invitation, PASSWORD).await;
        Account { person: word(&invitation["personId"]).to_owned(), email: email.to_owned(), tokens }
    }

    pub(super) fn client(&self, account: &Account) -> Client {
        self.app.with_token(account.access())
    }

    /// Lets time pass and loads revocations, as a server does all the time.
    pub(super) async fn later(&self, minutes: i64) {
        self.app.pass_minutes(minutes);
        self.app.services().load_revocations().await.expect("the revocations are loaded");
    }

    /// Refreshes a session; returns the new pair.
    pub(super) async fn refreshed(&self, refresh_token: &str) -> Json {
        let refreshed = self.app.anonymous().ask(REFRESH, json!({ "token": refresh_token })).await;
        refreshed["refreshSession"].clone()
    }

    /// Returns the code with which a refresh token is refused.
    pub(super) async fn not_refreshed(&self, refresh_token: &str) -> String {
        self.app.anonymous().refused(REFRESH, json!({ "token": refresh_token })).await
    }
}

pub(super) fn to_member(member: &TestMember) -> Json {
    json!({ "input": { "memberId": member.id, "email": member.email, "language": "cs" } })
}

/// Returns an invitation to a hub's staff, or, for roles of the network, to the network's.
pub(super) fn to_staff(email: &str, role: &str, hub: &TestHub) -> Json {
    let mut input = json!({ "email": email, "language": "en", "role": role, "networkId": hub.network });
    if matches!(role, "OPERATOR" | "ADMINISTRATOR") {
        input["hubId"] = hub.id.clone().into();
    }
    json!({ "input": input })
}

pub(super) fn to_role(person: &str, role: &str, hub: &TestHub) -> Json {
    let mut granted = to_staff("", role, hub);
    let input = granted["input"].as_object_mut().expect("an object");
    input.remove("email");
    input.remove("language");
    input.insert("personId".into(), person.into());
    granted
}

pub(super) fn word(value: &Json) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
