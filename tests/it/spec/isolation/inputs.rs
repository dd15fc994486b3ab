//! Valid inputs of mutations beyond the schema: suitable objects and working secrets.
//!
//! Always true:
//! - A secret works for every caller, so every caller is given a working one.
//! - What a mutation needs is made for callers who may do it: rows that others cannot reach stay as they are.

use serde_json::Map;
use testkit::{Json, json};

use crate::spec::identity::single_sign_on::VERIFIER;

use super::{
    fixture::{Caller, Fixture, PASSWORD, Target},
    hub::text,
    places,
    table::CALLERS,
};

impl Fixture {
    /// Completes the variables of a mutation so that its permitted callers can carry it through. `may` says whether the
    /// caller is one of them at this target.
    pub(super) async fn provide(
        &self,
        mutation: &str,
        at: &Target,
        caller: usize,
        may: bool,
        variables: &mut Map<String, Json>,
    ) {
        if let Some(input) = variables.get_mut("input").and_then(Json::as_object_mut) {
            name_somebody(mutation, at, CALLERS[caller], input);
        }
        places::complete(&self.app, mutation, at, may, variables).await;
        let (email, client) = &at.people[caller % at.people.len()];
        // Earlier mail is sent first.
        self.post.send(&self.app).await;
        if mutation == "correctMember" {
            // Everything is correct already, so the version stays.
            variables["input"]["expectedVersion"] = self.version_of(at).await;
        }
        if mutation == "resumeMembership" && may {
            // Each of them finds a membership that will end.
            let end =
                "mutation($input: EndMembershipInput!) { endMembership(input: $input) { member { id } } }";
            let input = json!({ "memberId": at.id("spare"), "on": "2030-01-01" });
            self.app.system().ask(end, json!({ "input": input })).await;
        }
        if may && let Some((field, id)) = self.record(mutation, at).await {
            variables["input"][field] = json!(id);
        }
        let secret = match mutation {
            "acceptInvitation" => self.invitation(at, variables).await,
            "resetPassword" => self.reset_code(at, email).await,
            "verifyEmail" => {
                client.ask("mutation { requestEmailVerification { accepted } }", json!({})).await;
                self.code().await
            }
            "refreshSession" => self.refresh_token(at, email).await,
            "exchangeSecret" => self.key(at).await,
            // One of them has a second factor, which the sign-in requires.
            "signIn" if CALLERS[caller] == "coordinator" => at.guarded.0.clone(),
            "signIn" => email.clone(),
            "completeSignIn" => {
                let (challenge, code) = self.challenge(at).await;
                variables["input"]["challenge"] = challenge;
                text(&code)
            }
            "completeSingleSignOn" => {
                variables["input"]["codeVerifier"] = json!(VERIFIER);
                let provider = at.id("network.provider").expect("a provider");
                self.liar.hand_over(&self.app, provider, email).await
            }
            "confirmSecondFactor" => self.first_code(caller).await,
            _ => return,
        };
        let place = match mutation {
            "acceptInvitation"
            | "resetPassword"
            | "completeSignIn"
            | "completeSingleSignOn"
            | "verifyEmail"
            | "confirmSecondFactor" => &mut variables["input"]["code"],
            "signIn" => &mut variables["input"]["email"],
            "refreshSession" => &mut variables["input"]["refreshToken"],
            _ => &mut variables["input"]["secret"],
        };
        *place = json!(secret);
    }

    /// Keeps a contact, consent or note of the member, and returns its id for the mutation that changes it.
    async fn record(&self, mutation: &str, at: &Target) -> Option<(&'static str, String)> {
        let (field, document, mut input) = match mutation {
            "removeMemberContact" => (
                "contactId",
                "mutation($input: AddMemberContactInput!) { it: addMemberContact(input: $input) { member { kept: contacts { id } } } }",
                json!({ "role": "GUARDIAN", "name": "Guardian", "phone": "+420 600 000 000" }),
            ),
            "withdrawConsent" => (
                "consentId",
                "mutation($input: RecordConsentInput!) { it: recordConsent(input: $input) { member { kept: consents { id } } } }",
                json!({ "purpose": "photos", "textVersion": "1" }),
            ),
            "deleteMemberNote" => (
                "noteId",
                "mutation($input: WriteMemberNoteInput!) { it: writeMemberNote(input: $input) { member { kept: notes { id } } } }",
                json!({ "text": "A note" }),
            ),
            _ => return None,
        };
        input["memberId"] = json!(at.id("memberId"));
        let kept = self.app.system().ask(document, json!({ "input": input })).await;
        let kept = kept["it"]["member"]["kept"].as_array().cloned().unwrap_or_default();
        // The latest id is the greatest.
        kept.iter().map(|one| text(&one["id"])).max().map(|newest| (field, newest))
    }

    /// Returns the version of the member's data; 1 for a member that does not exist.
    async fn version_of(&self, at: &Target) -> Json {
        let ask = "query($id: ID!) { node(id: $id) { ... on Member { version } } }";
        let found = self.app.system().ask(ask, json!({ "id": at.id("memberId") })).await;
        let version = found["node"]["version"].clone();
        if version.is_null() { json!(1) } else { version }
    }

    async fn code(&self) -> String {
        assert_eq!(self.post.send(&self.app).await, 1, "a mail is sent");
        self.post.code()
    }

    async fn invitation(&self, at: &Target, variables: &Map<String, Json>) -> String {
        // The number of the schema's values makes the address new.
        let number = text(&variables["input"]["code"]).replace(' ', "-").to_lowercase();
        let invite = "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { personId } }";
        let input = json!({ "hubId": at.id("hubId"), "email": format!("{number}@example.org"), "language": "pl",
                            "role": "OPERATOR" });
        self.app.system().ask(invite, json!({ "input": input })).await;
        self.code().await
    }

    async fn reset_code(&self, at: &Target, email: &str) -> String {
        let forgotten = "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted } }";
        let input = json!({ "email": email, "networkId": at.id("networkId") });
        self.app.anonymous().ask(forgotten, json!({ "input": input })).await;
        self.code().await
    }

    async fn refresh_token(&self, at: &Target, email: &str) -> String {
        let sign_in =
            "mutation($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { refreshToken } } }";
        let input = json!({ "email": email, "networkId": at.id("networkId"), "password": PASSWORD });
        let signed_in = self.app.anonymous().ask(sign_in, json!({ "input": input })).await;
        text(&signed_in["signIn"]["refreshToken"])
    }

    /// Returns a sign-in that waits for the second factor, and a recovery code for it.
    async fn challenge(&self, at: &Target) -> (Json, Json) {
        let (email, client) = &at.guarded;
        let renew = "mutation($input: SecondFactorProofInput!) { renewRecoveryCodes(input: $input) { recoveryCodes } }";
        let renewed = client.ask(renew, json!({ "input": { "password": PASSWORD } })).await;
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { ... on SecondFactorNeeded { challenge } } }";
        let input = json!({ "email": email, "networkId": at.id("networkId"), "password": PASSWORD });
        let waiting = self.app.anonymous().ask(sign_in, json!({ "input": input })).await;
        let code = &renewed["renewRecoveryCodes"]["recoveryCodes"][0];
        (waiting["signIn"]["challenge"].clone(), code.clone())
    }

    /// Returns the phone's code for a factor that the caller begins; a caller without an account has no phone.
    async fn first_code(&self, caller: usize) -> String {
        let nothing = "000000".to_owned();
        let Caller::LetIn(client) = &self.callers[caller] else { return nothing };
        let begin = "mutation($proof: SecondFactorProofInput!, $input: EnrollSecondFactorInput!) { \
            removeSecondFactor(input: $proof) { removed } enrollSecondFactor(input: $input) { secret } }";
        let password = json!({ "password": PASSWORD });
        let begun = client.response(begin, json!({ "proof": password, "input": password })).await;
        match &begun["data"]["enrollSecondFactor"]["secret"] {
            Json::Null => nothing,
            secret => self.app.phone(secret).code(),
        }
    }

    async fn key(&self, at: &Target) -> String {
        let issue = "mutation($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret } }";
        let input = json!({ "hubId": at.id("hubId"), "name": "A key", "scopes": ["READ_INDICATORS"] });
        text(&self.app.system().ask(issue, json!({ "input": input })).await["issueApiKey"]["secret"])
    }
}

fn name_somebody(mutation: &str, at: &Target, caller: &str, given: &mut Map<String, Json>) {
    let mut put = |name: &str, value: Json| drop(given.insert(name.to_owned(), value));
    match mutation {
        // A chip instead of a name; once an unknown chip, and once the chip of an absent member.
        "checkIn" | "checkOut" => {
            let chip = match caller {
                "administrator" => Some("04DEAD00000000"),
                "operator" if mutation == "checkOut" => at.id("spare.chip"),
                _ => at.id("chip"),
            };
            put("chip", json!(chip));
            given.remove("memberId");
            given.remove("eventId");
        }
        // A member that no other line needs.
        "eraseMember" | "issueRoamingPass" | "endMembership" | "resumeMembership" => {
            put("memberId", json!(at.id("spare")));
        }
        "addMemberContact" => {
            put("memberId", json!(at.id("spare")));
            put("phone", json!("+420 600 000 000"));
        }
        "recordConsent" => {
            put("memberId", json!(at.id("spare")));
            put("purpose", json!("photos"));
        }
        "writeMemberNote" => put("memberId", json!(at.id("spare"))),
        "inviteMember" => {
            put("memberId", json!(at.id("spare")));
            put("email", json!(at.id("spare.email")));
        }
        // A new seat, a taken seat, and a seat that does not exist.
        "takeSeat" if caller != "member" => {
            put("memberId", json!(at.id("spare")));
            if caller == "administrator" {
                put("eventId", json!(at.id("event.full")));
            }
        }
        "uploadDeviceLog" => {
            put("device", json!("reception"));
            if caller == "administrator" {
                given["lines"][0]["eventId"] = json!("");
            }
        }
        "completeSingleSignOn" => drop(given.remove("invitation")),
        "removeSecondFactor" | "renewRecoveryCodes" => put("password", json!(PASSWORD)),
        // A scope that both programs of the place and its people could have.
        "issueApiKey" => put("scopes", json!(["READ_INDICATORS"])),
        _ => {}
    }
    // At the hub, not in the network.
    if ["grantRole", "inviteStaff", "issueApiKey"].contains(&mutation) {
        given.remove("networkId");
    }
}
