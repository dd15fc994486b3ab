//! `hubnet invite`: invites the first network administrator, and any other person.

use clap::ValueEnum;
use kernel::World;
use serde_json::{Value as Json, json};

use super::{refused, through_the_front_door};
use crate::{App, Config, Exit, ExitCode, FrontDoor, ServiceSet};

/// To what to invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InvitedRole {
    /// Runs a hub day by day.
    Operator,
    /// Decides a hub's plans and tariffs.
    Administrator,
    /// Reads a network's indicators and settles its months.
    Coordinator,
    /// Brings hubs into a network, and gives every role in it.
    NetworkAdministrator,
}

/// Whom to invite, to what and where.
#[derive(Debug, Clone, clap::Args)]
pub struct Invite {
    /// To what.
    #[arg(long, value_enum)]
    role: InvitedRole,
    /// With which e-mail they will sign in.
    #[arg(long)]
    email: String,
    /// The hub, by its slug: for operators and administrators.
    #[arg(long)]
    hub: Option<String>,
    /// The network, by its slug, where there are several.
    #[arg(long)]
    network: Option<String>,
    /// The language they are written to in: en, cs, pl or uk.
    #[arg(long, default_value = "en")]
    language: String,
}

/// Invites a person, and prints only the code to hand over on standard output.
///
/// # Errors
/// Fails if there is no such hub or network, or if the graph refuses.
pub async fn invite(config: &Config, invite: Invite) -> Result<(), Exit> {
    const INVITE: &str =
        "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { code expiresAt } }";
    let app = App::open(config, ServiceSet::All, World::real()).await?;
    let invited = through_the_front_door(app, async |door| {
        let (hub, network) = place(door, &invite).await?;
        let role = match invite.role {
            InvitedRole::Operator => "OPERATOR",
            InvitedRole::Administrator => "ADMINISTRATOR",
            InvitedRole::Coordinator => "COORDINATOR",
            InvitedRole::NetworkAdministrator => "NETWORK_ADMINISTRATOR",
        };
        let input = json!({
            "email": invite.email, "language": invite.language, "role": role, "hubId": hub, "networkId": network,
        });
        door.ask(INVITE, json!({ "input": input })).await.map_err(|refusal| refused(&refusal))
    })
    .await?;
    let invitation = &invited["inviteStaff"];
    match invitation["code"].as_str() {
        Some(code) => {
            eprintln!(
                "The code works until {}; it goes into acceptInvitation.",
                word(&invitation["expiresAt"])
            );
            println!("{code}");
        }
        None => eprintln!("The code goes to them by mail; who has an account or an invitation needs none."),
    }
    Ok(())
}

async fn place(door: &FrontDoor, invite: &Invite) -> Result<(Json, Json), Exit> {
    let asked = "query($hub: String!, $network: String) { hub(slug: $hub) { id network { id } } network(slug: $network) { id } }";
    let variables = json!({ "hub": invite.hub.as_deref().unwrap_or_default(), "network": invite.network });
    let found = door.ask(asked, variables).await.map_err(|refusal| refused(&refusal))?;
    let unknown = |what: &str| Exit::new(ExitCode::DataError, format!("there is no such {what}"));
    if invite.hub.is_some() {
        let hub = found["hub"]["id"].clone();
        return if hub.is_null() { Err(unknown("hub")) } else { Ok((hub, Json::Null)) };
    }
    let network = found["network"]["id"].clone();
    if network.is_null() { Err(unknown("network")) } else { Ok((Json::Null, network)) }
}

fn word(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}
