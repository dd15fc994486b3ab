//! `hubnet token`: a sign-in for whoever runs the server.

use clap::ValueEnum;
use kernel::World;
use serde_json::json;

use super::refused;
use crate::{Config, Exit, ExitCode, FrontDoor, House, ServiceSet, SignIn};

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

/// Prints a token, and nothing else, on standard output.
///
/// # Errors
/// There is no such hub, member or device.
pub async fn token(config: &Config, who: As, hub: Option<&str>, name: Option<&str>) -> Result<(), Exit> {
    let house = House::open(config, ServiceSet::All, World::real()).await?;
    println!("{}", make(&house, who, hub, name).await?);
    Ok(())
}

/// Makes a token. `name` is a member's e-mail or a device's code; the demo network's own people are found without it.
async fn make(house: &House, who: As, hub: Option<&str>, name: Option<&str>) -> Result<String, Exit> {
    let door = FrontDoor::as_system(house.clone());
    let unknown = |what: &str| Exit::new(ExitCode::DataError, format!("there is no such {what}"));
    let asked = "query($slug: String!) { network { id } hub(slug: $slug) { id network { id } } }";
    let slug = hub.unwrap_or(DEMO_HUB);
    let data = door.ask(asked, json!({ "slug": slug })).await.map_err(|refusal| refused(&refusal))?;
    let hub_id = || data["hub"]["id"].as_str().and_then(|id| id.parse().ok()).ok_or_else(|| unknown("hub"));
    let of_hub = data["hub"]["network"]["id"].as_str();
    let network = of_hub.or_else(|| data["network"]["id"].as_str()).and_then(|id| id.parse().ok());
    let network = network.ok_or_else(|| unknown("network"));
    let sign_in = match who {
        As::Operator => SignIn::Operator(hub_id()?),
        As::Administrator => SignIn::Administrator(hub_id()?),
        As::Coordinator => SignIn::Coordinator(network?),
        As::NetworkAdministrator => SignIn::NetworkAdministrator(network?),
        As::Member => {
            let email = match name {
                Some(email) => email.to_owned(),
                None => roaming_member(&door, slug).await?.email,
            };
            SignIn::Member(network?, email)
        }
        As::Device => SignIn::Device(hub_id()?, name.unwrap_or("reception").to_owned()),
    };
    sign_in.token(house).await.map_err(|error| Exit::because(ExitCode::DataError, &error))
}

/// The hub whose people sign in when nobody says which.
pub(crate) const DEMO_HUB: &str = "humpolec";

/// A member who roams.
pub(super) struct RoamingMember {
    pub(super) id: String,
    email: String,
}

/// One of a hub's members who has a roaming pass and, best, something to pay.
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
