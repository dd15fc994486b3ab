//! The demo network's accounts: an operator, an administrator, a travelling member and a coordinator, each with a
//! public password. Always true: they exist only where the demo network was loaded.

use serde_json::{Value as Json, json};

use crate::{FrontDoor, GraphError};

/// One of the demo's accounts.
#[derive(Debug, Clone, Copy)]
pub struct DemoAccount {
    /// What its owner can try, for display.
    pub title: &'static str,
    /// The e-mail to sign in with.
    pub email: &'static str,
    /// The password.
    pub password: &'static str,
    /// The role; `None` for a member.
    role: Option<&'static str>,
    /// A query worth trying.
    pub query: &'static str,
}

/// All of them.
pub const DEMO_ACCOUNTS: [DemoAccount; 4] = [
    DemoAccount {
        title: "An operator of Humpolec sees who is there",
        email: "operator@hubnet.example",
        password: "hubnet demo operator",
        role: Some("OPERATOR"),
        query: "{ hub(slug: \"humpolec\") { name openNow occupancy { present free } visits(first: 3) { edges { node { startedAt minutes member { name } homeHub { name } } } } } }",
    },
    DemoAccount {
        title: "A member of Humpolec who roams sees their visits and what they cost",
        email: "traveller@hubnet.example",
        password: "hubnet demo traveller",
        role: None,
        query: "{ me { member { name roamingPass { status } visits(first: 3) { edges { node { hub { name } startedAt minutes } } } charges(first: 3) { edges { node { hub { name } minutes amount { display } } } } } } }",
    },
    DemoAccount {
        title: "The coordinator sees the network, and nobody's name",
        email: "coordinator@hubnet.example",
        password: "hubnet demo coordinator",
        role: Some("COORDINATOR"),
        query: "{ network { name settlements(first: 1) { edges { node { month positions { hub { name } net { display } } } } } } }",
    },
    DemoAccount {
        title: "The administrator of Humpolec decides who is what there",
        email: "administrator@hubnet.example",
        password: "hubnet demo administrator",
        role: Some("ADMINISTRATOR"),
        query: "{ hub(slug: \"humpolec\") { roles { email role validFrom } } }",
    },
];

/// Opens the accounts: the staff at a hub, the traveller for one of its members. Existing accounts stay unchanged.
///
/// # Errors
/// Fails with the graph's first refusal.
pub async fn open_demo_accounts(door: &FrontDoor, hub: &str, traveller: &str) -> Result<(), GraphError> {
    const MEMBER: &str =
        "mutation($input: InviteMemberInput!) { invitation: inviteMember(input: $input) { code } }";
    const STAFF: &str =
        "mutation($input: InviteStaffInput!) { invitation: inviteStaff(input: $input) { code } }";
    const ACCEPT: &str =
        "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { sessionId } }";
    let network = door.ask("{ network { id } }", json!({})).await?["network"]["id"].clone();
    for account in DEMO_ACCOUNTS {
        let (email, language) = (account.email, "en");
        let invited = match account.role {
            None => {
                let input = json!({ "memberId": traveller, "email": email, "language": language, "addressChecked": true });
                match door.ask(MEMBER, json!({ "input": input })).await {
                    Err(refusal) if refusal.code == "CONFLICT" => continue,
                    invited => invited?,
                }
            }
            Some(role) => {
                let hub = if role == "COORDINATOR" { Json::Null } else { hub.into() };
                let input = json!({
                    "email": email, "language": language, "role": role, "hubId": hub, "networkId": network,
                });
                door.ask(STAFF, json!({ "input": input })).await?
            }
        };
        let code = &invited["invitation"]["code"];
        if code.is_null() {
            continue;
        }
        let input = json!({ "code": code, "password": account.password });
        door.ask(ACCEPT, json!({ "input": input })).await?;
    }
    Ok(())
}

/// Prints how to sign in with them.
pub(crate) fn print() {
    println!("\nSign in, with one of the demo's accounts, and send the answer as the header");
    println!("{{\"Authorization\": \"Bearer <accessToken>\"}}; it works for a quarter of an hour.");
    for DemoAccount { title, email, password, query, .. } in DEMO_ACCOUNTS {
        println!("\n{title}:");
        println!(
            "mutation {{ signIn(input: {{ email: \"{email}\", password: \"{password}\" }}) {{ ... on SignedIn {{ accessToken }} }} }}"
        );
        println!("{query}");
    }
}
