//! Onboarding files: a network or a hub described in TOML or YAML, read into the inputs of mutations.
//!
//! Always true: a file that is not readable as a whole is refused as a whole, its prices included, before any request
//! to the graph. The hub's part is one mutation, so it is stored completely or not at all. Running the same file again
//! completes what an interruption left out. What the graph refuses is named as the file spells it, with its line
//! ([`spelling`]). YAML and TOML accept the same content, as both are read into the same structures.

pub(crate) mod replay;

mod reading;
mod spelling;

use std::path::Path;

use async_graphql::InputType;
use graph::Given;
use membership::graphql::{DeviceInput, FoundNetworkInput, OnboardHubInput, PlanInput, SpaceInput};
use roaming::graphql::PublishTariffInput;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use self::reading::read_as;
use crate::{FrontDoor, GraphError};

/// How often publishing a tariff is tried for a hub that has not reached roaming yet.
const TRIES: u32 = 10;

/// The content of a file.
#[derive(Debug, Clone)]
pub enum Onboarding {
    /// A network.
    Network(FoundNetworkInput),
    /// A hub, its network's slug, and its guest prices.
    Hub(Box<HubFile>),
}

/// A hub in a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubFile {
    network: String,
    hub: OnboardHubInput,
    #[serde(default)]
    spaces: Vec<SpaceInput>,
    #[serde(default)]
    plans: Vec<PlanInput>,
    #[serde(default)]
    devices: Vec<DeviceInput>,
    guest_tariff: Option<PublishTariffInput>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkFile {
    network: FoundNetworkInput,
}

/// Why a file cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum OnboardingError {
    /// The file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, std::io::Error),
    /// The content is malformed; the place is the file and the line.
    #[error("{0}: {1} (INVALID_INPUT)")]
    Malformed(String, String),
    /// The graph refuses the content.
    #[error("{0}: {1}")]
    Refused(String, GraphError),
}

impl OnboardingError {
    /// Whether the described network or hub exists already.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused(_, refusal) if refusal.code == "CONFLICT")
    }

    /// Names the refused field as the text of the file spells it, with its line.
    #[must_use]
    pub fn located_in(self, text: &str) -> Self {
        match self {
            Self::Refused(name, GraphError { code, message, field: Some(field) }) => {
                let place = spelling::locate(&name, text, &field);
                let rule = message.strip_prefix(&format!("{field}: ")).unwrap_or(&message).to_owned();
                let message = format!("{}: {rule}", place.field);
                let name = place.line.map_or(name.clone(), |line| format!("{name}:{line}"));
                Self::Refused(name, GraphError { code, message, field: Some(place.field) })
            }
            other => other,
        }
    }
}

/// The result of onboarding a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onboarded {
    /// The slug of the network or hub.
    pub slug: String,
    /// The id of the network or hub.
    pub id: String,
    /// Content that was taken in as described, but probably not as intended.
    pub warnings: Vec<String>,
}

impl Onboarding {
    /// Reads a file; its name ends in `.toml`, `.yaml` or `.yml`.
    ///
    /// # Errors
    /// See [`OnboardingError`].
    pub fn read(path: &Path) -> Result<Self, OnboardingError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| OnboardingError::Unreadable(name.clone(), error))?;
        Self::parse(&name, &text)
    }

    /// Parses a text as the content of a named file.
    ///
    /// # Errors
    /// See [`OnboardingError`].
    pub fn parse(name: &str, text: &str) -> Result<Self, OnboardingError> {
        let malformed = |mistake: reading::Mistake| mistake.of_file(name);
        let whole: Json = read_as(name, text).map_err(malformed)?;
        let is_network = whole.get("network").is_some_and(Json::is_object);
        if is_network {
            return Ok(Self::Network(read_as::<NetworkFile>(name, text).map_err(malformed)?.network));
        }
        Ok(Self::Hub(Box::new(read_as(name, text).map_err(malformed)?)))
    }

    /// Marks a network founded by this file as one that production must not serve.
    #[must_use]
    pub fn for_demonstration(mut self) -> Self {
        if let Self::Network(input) = &mut self {
            input.demonstration = Some(true);
        }
        self
    }

    /// Sends the file's content to the graph.
    ///
    /// # Errors
    /// Fails with the graph's first refusal.
    pub async fn put(self, name: &str, door: &FrontDoor) -> Result<Onboarded, OnboardingError> {
        let refused = |refusal| OnboardingError::Refused(name.to_owned(), refusal);
        match self {
            Self::Network(input) => found(door, input).await.map_err(refused),
            Self::Hub(file) => onboard(door, *file).await.map_err(refused),
        }
    }
}

async fn found(door: &FrontDoor, input: FoundNetworkInput) -> Result<Onboarded, GraphError> {
    const FOUND: &str =
        "mutation($input: FoundNetworkInput!) { foundNetwork(input: $input) { network { id } } }";
    let slug = input.slug.clone();
    let data = door.put(FOUND, input.to_value()).await?;
    Ok(Onboarded { slug, id: text(&data["foundNetwork"]["network"]["id"]), warnings: Vec::new() })
}

async fn onboard(door: &FrontDoor, file: HubFile) -> Result<Onboarded, GraphError> {
    const ONBOARD: &str = "mutation($input: OnboardHubInput!) { onboardHub(input: $input) { \
                           hub { id } nightsCutShort { evening meantToCloseAt closesAt } } }";
    let mut hub = file.hub;
    let network =
        find(door, "query($slug: String!) { network(slug: $slug) { id } }", "network", &file.network).await?;
    let missing = || format!("there is no network {:?}; found it first", file.network);
    let network = network.ok_or_else(|| GraphError::new("NOT_FOUND", missing()))?;
    if let Some(tariff) = &file.guest_tariff {
        check_prices(tariff, &hub.currency)?;
    }
    let slug = hub.slug.clone();
    hub.network_id = Some(network.into());
    hub.spaces = file.spaces;
    hub.plans = file.plans;
    hub.devices = file.devices;
    let mut warnings = Vec::new();
    let id = match door.put(ONBOARD, hub.to_value()).await {
        Ok(data) => {
            warnings = warnings_about_nights(&data["onboardHub"]["nightsCutShort"]);
            text(&data["onboardHub"]["hub"]["id"])
        }
        // The hub exists already, perhaps from an interrupted run; only the tariff is missing.
        Err(refusal) if refusal.code == "CONFLICT" && !has_tariff(door, &slug).await? => {
            find(door, "query($slug: String!) { hub(slug: $slug) { id } }", "hub", &slug)
                .await?
                .ok_or(refusal)?
        }
        Err(refusal) => return Err(refusal),
    };
    if let Some(tariff) = file.guest_tariff {
        publish(door, tariff, &id).await?;
    }
    Ok(Onboarded { slug, id, warnings })
}

fn warnings_about_nights(nights: &Json) -> Vec<String> {
    let nights = nights.as_array().map(Vec::as_slice).unwrap_or_default();
    nights
        .iter()
        .map(|night| {
            let [evening, meant, closes] =
                ["evening", "meantToCloseAt", "closesAt"].map(|field| text(&night[field]));
            format!(
                "opening_hours: the night of {evening} ends at {closes} and not at {meant}, for the rule of the next \
                 day replaces the whole day; with a comma instead of the semicolon before that rule both count"
            )
        })
        .collect()
}

/// The tariff follows its hub in a mutation of its own, so its mistakes must be found before the hub is stored.
fn check_prices(tariff: &PublishTariffInput, currency: &str) -> Result<(), GraphError> {
    // The hub's own mutation refuses an unknown currency.
    let Ok(currency) = currency.parse() else { return Ok(()) };
    let invalid = |field: &str, rule: String| {
        of_tariff(GraphError {
            field: Some(field.to_owned()),
            ..GraphError::new("INVALID_INPUT", format!("{field}: {rule}"))
        })
    };
    if let Some(Err(error)) = tariff.valid_from.clone().map(Given::read) {
        return Err(invalid("validFrom", error.to_string()));
    }
    let terms = roaming::Terms::check(&tariff.clone().into(), currency);
    terms.map(drop).map_err(|error| invalid(&error.field, error.rule))
}

/// Names a field of the tariff's own mutation as one of the file.
fn of_tariff(mut refusal: GraphError) -> GraphError {
    if let Some(field) = refusal.field.take() {
        let rule = refusal.message.strip_prefix(&format!("{field}: ")).unwrap_or(&refusal.message);
        let field = format!("guestTariff.{field}");
        refusal.message = format!("{field}: {rule}");
        refusal.field = Some(field);
    }
    refusal
}

/// Roaming learns of a hub a moment after it is stored, and waits for it, but perhaps too briefly for a busy machine.
async fn publish(door: &FrontDoor, mut tariff: PublishTariffInput, hub: &str) -> Result<(), GraphError> {
    const PUBLISH: &str =
        "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { id } } }";
    tariff.hub_id = hub.into();
    let tariff = tariff.to_value();
    let mut tries = 1;
    loop {
        match door.put(PUBLISH, tariff.clone()).await {
            Err(refusal) if refusal.code == "NOT_FOUND" && tries < TRIES => tries += 1,
            published => return published.map(drop).map_err(of_tariff),
        }
    }
}

async fn has_tariff(door: &FrontDoor, slug: &str) -> Result<bool, GraphError> {
    let asked = "query($slug: String!) { hub(slug: $slug) { guestTariff { id } } }";
    let data = door.ask(asked, json!({ "slug": slug })).await?;
    Ok(!data["hub"]["guestTariff"].is_null())
}

async fn find(
    door: &FrontDoor,
    document: &str,
    field: &str,
    slug: &str,
) -> Result<Option<String>, GraphError> {
    let data = door.ask(document, json!({ "slug": slug })).await?;
    Ok(data[field]["id"].as_str().map(str::to_owned))
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_file_of_the_demo_network_reads() {
        assert!(matches!(Onboarding::parse("network.toml", &demo_network()), Ok(Onboarding::Network(_))));
        for (slug, text) in demo_data::hub_files() {
            let read = Onboarding::parse("hub.toml", text);
            assert!(matches!(read, Ok(Onboarding::Hub(_))), "{slug}: {read:?}");
        }
    }

    fn demo_network() -> String {
        "[network]\nslug = 'n'\nname = 'N'\nclearing_currency = 'EUR'\ntime_zone = 'Europe/Prague'\n\
         home_commission_bp = 500\nnetwork_commission_bp = 300\n"
            .into()
    }

    /// The same file, written in YAML.
    fn in_yaml(text: &str) -> String {
        let whole: Json = toml::from_str(text).expect("TOML");
        serde_yaml_ng::to_string(&whole).expect("YAML")
    }

    fn samples() -> Vec<String> {
        let hubs = demo_data::hub_files().into_iter().map(|(_, text)| text.to_owned());
        hubs.chain([demo_network()]).collect()
    }

    #[test]
    fn yaml_and_toml_give_the_same_description() {
        for text in samples() {
            let (toml, yaml) =
                (Onboarding::parse("file.toml", &text), Onboarding::parse("file.yaml", &in_yaml(&text)));
            let read = format!("{:?}", toml.expect("it reads"));
            assert_eq!(format!("{:?}", yaml.expect("it reads, too")), read);
            assert_eq!(format!("{:?}", Onboarding::parse("file.YML", &in_yaml(&text)).expect("read")), read);
        }
    }

    proptest! {
        /// Whatever is left out of a file, misspelt or of another type, both formats take it or neither; only a number
        /// where a text belongs is a text in YAML.
        #[test]
        fn yaml_takes_what_toml_takes_and_refuses_what_it_refuses(sample in 0..samples().len(), place in 0_usize..200, what in 0..3) {
            let whole: Json = toml::from_str(&samples()[sample]).expect("TOML");
            let mut paths = Vec::new();
            pointers(&whole, "", &mut paths);
            let (parent, key) = paths[place % paths.len()].rsplit_once('/').expect("a pointer");
            let mut spoiled = whole.clone();
            match (spoiled.pointer_mut(parent), what) {
                (Some(Json::Object(table)), 0) => drop(table.remove(key)),
                (Some(Json::Object(table)), 1) => drop(table.insert(key.to_owned(), json!(7))),
                (Some(Json::Object(table)), _) => drop(table.insert("misspelt".to_owned(), json!("x"))),
                _ => return Ok(()),
            }
            let in_toml = toml::to_string(&spoiled).expect("TOML");
            let in_yaml = serde_yaml_ng::to_string(&spoiled).expect("YAML");
            let is_network = spoiled["network"].is_object();
            let read = |name: &str, text: &str| if is_network {
                read_as::<NetworkFile>(name, text).map(|it| format!("{:?}", it.network))
            } else {
                read_as::<HubFile>(name, text).map(|it| format!("{it:?}"))
            };
            match (read("f.toml", &in_toml), read("f.yaml", &in_yaml)) {
                (Ok(toml), Ok(yaml)) => prop_assert_eq!(toml, yaml),
                (Err(toml), _) if what == 1 && toml.problem.contains("expected a string") => {}
                (Err(toml), Err(yaml)) => {
                    prop_assert_eq!(&toml.field, &yaml.field, "{} {}: {:?} {:?}", parent, key, toml, yaml);
                }
                (toml, yaml) => prop_assert!(false, "{} {}: {:?} {:?}", parent, key, toml, yaml),
            }
        }
    }

    /// A mistake is named by file, line and field, in the words of the file, whatever the parser reports.
    #[test]
    fn a_mistake_is_named_by_its_line_and_field_and_by_the_plan_it_belongs_to() {
        let toml = "network = 'n'\n[hub]\ncapacity = 'eighty'\n[[plans]]\ncode = 'desk'\nfee = 1\n";
        let yaml = "network: n\nhub:\n  capacity: eighty\nplans:\n  - code: desk\n    fee: 1\n";
        let refused =
            |name: &str, text: &str| Onboarding::parse(name, text).expect_err("a mistake").to_string();
        for (name, text) in [("f.toml", toml.to_owned()), ("f.yaml", yaml.to_owned())] {
            let capacity = refused(name, &text);
            assert!(capacity.starts_with(&format!("{name}:3: capacity: invalid type")), "{capacity}");
            let hub = &demo_hub()["hub"];
            let whole = json!({ "network": "n", "hub": hub, "plans": [{ "code": "desk", "fee": "1" }] });
            let text = if name == "f.toml" {
                toml::to_string(&whole).expect("TOML")
            } else {
                serde_yaml_ng::to_string(&whole).expect("YAML")
            };
            let line = text.lines().position(|line| line.contains("fee")).expect("the mistake") + 1;
            let fee = refused(name, &text);
            let named = format!("{name}:{line}: plans (number 1, \"desk\").fee: unknown field");
            assert!(fee.starts_with(&named), "{fee}");
        }
        assert!(refused("f.toml", "network = 'n'\nhub = \n").starts_with("f.toml:2: "));
        assert!(refused("f.yaml", "network: n\nhub: [\n").starts_with("f.yaml:"));
    }

    #[test]
    fn a_date_needs_no_quotes_in_either_format() {
        let (_, text) = demo_data::hub_files().into_iter().next().expect("a hub");
        let dated =
            |date: &str| text.replace("[guest_tariff]\n", &format!("[guest_tariff]\nvalid_from = {date}\n"));
        let (bare, text) = (dated("2026-01-01T00:00:00Z"), dated("'2026-01-01T00:00:00Z'"));
        let read = |text: &str| format!("{:?}", Onboarding::parse("f.toml", text).expect("it reads"));
        assert!(read(&text).contains("2026-01-01T00:00:00Z"));
        assert_eq!(read(&bare), read(&text));
    }

    fn demo_hub() -> Json {
        let (_, text) = demo_data::hub_files().into_iter().next().expect("a hub");
        toml::from_str(text).expect("TOML")
    }

    /// The paths of all values of a file.
    fn pointers(value: &Json, at: &str, found: &mut Vec<String>) {
        let mut below = |key: String, value: &Json| {
            let place = format!("{at}/{key}");
            pointers(value, &place, found);
            found.push(place);
        };
        match value {
            Json::Object(table) => table.iter().for_each(|(key, value)| below(key.clone(), value)),
            Json::Array(list) => {
                list.iter().enumerate().for_each(|(place, value)| below(place.to_string(), value));
            }
            _ => {}
        }
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_place() {
        let text = demo_network().replace("clearing_currency", "clearing_curency");
        let error = Onboarding::parse("network.toml", &text).expect_err("refused").to_string();
        assert!(error.contains("clearing_curency"), "{error}");
    }
}
