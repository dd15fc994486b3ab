//! `hubnet token`: a sign-in for the operator of the server.

use clap::ValueEnum;
use kernel::{EmailAddress, Grant, HubId, NetworkId, Place, Role, World};
use serde_json::json;

use super::refused;
use crate::{App, Config, Exit, ExitCode, FrontDoor, ServiceSet, SignIn};

/// As whom to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum As {
    /// Runs a hub day by day.
    Operator,
    /// Decides a hub's plans and tariffs.
    Administrator,
    /// A member, who may roam.
    Member,
    /// Reads a network's indicators and settles its months.
    Coordinator,
    /// Brings hubs into a network.
    NetworkAdministrator,
    /// A reader, kiosk or door of a hub.
    Device,
}

/// As whom to sign in, and where. `name` is a member's e-mail or a device's code; the demo network's own people are
/// found without it.
#[derive(Debug, clap::Args)]
pub struct Token {
    /// As whom; staff may be several things at once: say it again.
    #[arg(long = "as", value_enum, required = true)]
    who: Vec<As>,
    /// The hub, by its slug; the demo network's Humpolec when not said. Staff may be at several: say it again.
    #[arg(long)]
    hub: Vec<String>,
    /// A member's e-mail, or a device's code.
    #[arg(long)]
    name: Option<String>,
}

/// Prints only a token, on standard output.
///
/// # Errors
/// Fails if there is no such hub, member or device.
pub async fn token(config: &Config, asked: Token) -> Result<(), Exit> {
    let app = App::open(config, ServiceSet::All, World::real()).await?;
    println!("{}", make(&app, asked).await?);
    Ok(())
}

async fn make(app: &App, asked: Token) -> Result<String, Exit> {
    let door = FrontDoor::as_system(app.clone());
    let Token { who, mut hub, name } = asked;
    if hub.is_empty() {
        hub.push(DEMO_HUB.to_owned());
    }
    let mut places = Vec::with_capacity(hub.len());
    for slug in &hub {
        places.push(place(&door, slug).await?);
    }
    let network = places[0].network.ok_or_else(|| unknown("network"))?;
    if places.iter().any(|place| place.network != Some(network)) {
        return Err(Exit::new(ExitCode::DataError, "hubs of one network"));
    }
    let at_hub = || places[0].hub.ok_or_else(|| unknown("hub"));
    let sign_in = match who.as_slice() {
        [As::Member] => {
            let email = match name {
                Some(email) => email,
                None => roaming_member(&door, &hub[0]).await?.email,
            };
            let email = EmailAddress::parse(&email)
                .map_err(|error| Exit::new(ExitCode::DataError, format!("--name {error}")))?;
            SignIn::Member(network, email)
        }
        [As::Device] => SignIn::Device(at_hub()?, name.unwrap_or_else(|| "reception".to_owned())),
        roles => {
            let grants = roles.iter().map(|role| grants(*role, network, &places));
            SignIn::Staff(network, grants.collect::<Result<Vec<_>, _>>()?.concat())
        }
    };
    sign_in.token(app).await.map_err(|error| Exit::because(ExitCode::DataError, &error))
}

fn grants(who: As, network: NetworkId, places: &[At]) -> Result<Vec<Grant>, Exit> {
    let at_hubs = |role| {
        let hubs = places.iter().map(|place| place.hub.ok_or_else(|| unknown("hub")));
        hubs.map(|hub| Ok(Grant { role, at: Place::Hub(hub?) })).collect()
    };
    let in_network = |role| Ok(vec![Grant { role, at: Place::Network(network) }]);
    match who {
        As::Operator => at_hubs(Role::Operator),
        As::Administrator => at_hubs(Role::Administrator),
        As::Coordinator => in_network(Role::Coordinator),
        As::NetworkAdministrator => in_network(Role::NetworkAdministrator),
        As::Member | As::Device => {
            Err(Exit::new(ExitCode::DataError, "a member or a device is nothing else besides"))
        }
    }
}

/// A hub by its slug; without a hub of that slug, the only network.
struct At {
    hub: Option<HubId>,
    network: Option<NetworkId>,
}

async fn place(door: &FrontDoor, slug: &str) -> Result<At, Exit> {
    let asked = "query($slug: String!) { network { id } hub(slug: $slug) { id network { id } } }";
    let data = door.ask(asked, json!({ "slug": slug })).await.map_err(|refusal| refused(&refusal))?;
    let network = data["hub"]["network"]["id"].as_str().or_else(|| data["network"]["id"].as_str());
    Ok(At {
        hub: data["hub"]["id"].as_str().and_then(|id| id.parse().ok()),
        network: network.and_then(|id| id.parse().ok()),
    })
}

fn unknown(what: &str) -> Exit {
    Exit::new(ExitCode::DataError, format!("there is no such {what}"))
}

/// The hub whose people sign in if no hub is named.
pub(crate) const DEMO_HUB: &str = "humpolec";

/// A member who roams.
pub(super) struct RoamingMember {
    pub(super) id: String,
    email: String,
}

/// One of a hub's members with a roaming pass, preferably with a charge to pay.
pub(super) async fn roaming_member(door: &FrontDoor, slug: &str) -> Result<RoamingMember, Exit> {
    let asked = "query($slug: String!) { hub(slug: $slug) { members(first: 100) { \
                 edges { node { id email roamingPass { id } charges(first: 20) { edges { node { amount { minor } } } } } } } } }";
    let data = door.ask(asked, json!({ "slug": slug })).await.map_err(|refusal| refused(&refusal))?;
    let members = data["hub"]["members"]["edges"].as_array().into_iter().flatten().map(|edge| &edge["node"]);
    let roaming: Vec<_> = members.filter(|node| !node["roamingPass"].is_null()).collect();
    let has_paid = |node: &serde_json::Value| {
        let mut charges = node["charges"]["edges"].as_array().into_iter().flatten();
        charges.any(|edge| edge["node"]["amount"]["minor"].as_i64().is_some_and(|minor| minor > 0))
    };
    let found = roaming.iter().find(|node| has_paid(node)).or(roaming.first());
    let found =
        found.and_then(|node| Some((node["id"].as_str()?.to_owned(), node["email"].as_str()?.to_owned())));
    let missing =
        || Exit::new(ExitCode::DataError, "no member of that hub has a roaming pass; name one with --name");
    let (id, email) = found.ok_or_else(missing)?;
    Ok(RoamingMember { id, email })
}
