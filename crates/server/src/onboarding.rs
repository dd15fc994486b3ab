//! Onboarding files: a network or a hub described in TOML or YAML, read into the inputs of mutations.
//!
//! Always true: a file that does not read as a whole is refused as a whole, before anything is asked of the graph, its
//! prices included; the hub's part is one mutation, so it is there completely or not at all. Running the same file
//! again completes what an interruption left out. What the graph refuses is named as the file spells it, with its line
//! ([`spelling`]). YAML takes what TOML takes and says the same: both are read into the same structures.

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

/// How often a tariff is offered for a hub that roaming has not heard of yet.
const TRIES: u32 = 10;

/// What a file describes.
#[derive(Debug, Clone)]
pub enum Onboarding {
    /// A network.
    Network(FoundNetworkInput),
    /// A hub, its network's slug, and what guests pay there.
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

/// A file cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum OnboardingError {
    /// The file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, std::io::Error),
    /// It does not describe what it should; the place is the file and the line.
    #[error("{0}: {1} (INVALID_INPUT)")]
    Malformed(String, String),
    /// The graph refuses it.
    #[error("{0}: {1}")]
    Refused(String, GraphError),
}

impl OnboardingError {
    /// Whether what the file describes is there already.
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

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onboarded {
    /// The slug of what was described.
    pub slug: String,
    /// Its id.
    pub id: String,
    /// What is in as it was described, and probably not as it was meant.
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

    /// Reads a text as the file of a name.
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

    /// The same; a network founded by it is marked as one that production must not serve.
    #[must_use]
    pub fn for_demonstration(mut self) -> Self {
        if let Self::Network(input) = &mut self {
            input.demonstration = Some(true);
        }
        self
    }

    /// Puts the file through the front door.
    ///
    /// # Errors
    /// The graph's first refusal.
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
        // Here already: perhaps an interrupted run; what is missing is only the tariff.
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

/// The tariff follows its hub in a mutation of its own; a mistake in it has to be found before the hub is there.
fn check_prices(tariff: &PublishTariffInput, currency: &str) -> Result<(), GraphError> {
    // A currency that does not exist is for the hub's own mutation to refuse.
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

/// Roaming hears of a hub a moment after it is there. It waits for it itself, but not as long as a busy machine may take.
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
    fn yaml_says_the_same_as_toml() {
        for text in samples() {
            let (toml, yaml) =
                (Onboarding::parse("file.toml", &text), Onboarding::parse("file.yaml", &in_yaml(&text)));
            let read = format!("{:?}", toml.expect("it reads"));
            assert_eq!(format!("{:?}", yaml.expect("it reads, too")), read);
            assert_eq!(format!("{:?}", Onboarding::parse("file.YML", &in_yaml(&text)).expect("read")), read);
        }
    }

    proptest! {
        /// Whatever is left out of a file, misspelt or of another sort, both formats take it or neither; only a number where a
        /// text belongs is a text in YAML, as it is written.
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

    /// A mistake is named by file, line and field, in the words of the file, whatever the reader of the format says.
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

    /// Where the values of a file stand.
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
