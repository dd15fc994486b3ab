//! `hubnet demo`: fills an empty installation with the demo network.

use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use kernel::Clock;

use serde_json::json;

use super::{
    refused,
    token::{DEMO_HUB, roaming_member},
};
use crate::{
    Config, DemoClock, Exit, ExitCode, FrontDoor, House, ServiceSet, background::Background, demo as network,
    demo_accounts, production,
};

/// Loads the demo network and says what is there.
///
/// # Errors
/// The installation is not empty, or cannot be opened.
pub async fn demo(config: &Config) -> Result<(), Exit> {
    production::refuse_demo(config)?;
    let (clock, world) = DemoClock::new();
    let house = House::open(config, ServiceSet::All, world).await?;
    if network::is_loaded(&house).await.map_err(|refusal| refused(&refusal))? {
        return Err(Exit::new(
            ExitCode::DataError,
            "there are hubs here already; the demo network needs an empty installation",
        ));
    }
    load_with_progress(&house, &clock).await?;
    demo_accounts::print();
    Ok(())
}

/// Loads the demo network, with a bar.
pub(super) async fn load_with_progress(house: &House, clock: &DemoClock) -> Result<(), Exit> {
    let today = TimeZone::get("Europe/Prague")
        .map_or(TimeZone::UTC, |zone| zone)
        .to_datetime(kernel::SystemClock.now())
        .date();
    // With a broker, receivers must be listening; in process, the loader itself carries events on.
    let listening = house.amqp().is_some().then(|| Background::listen(house));
    eprintln!("Loading the demo network: five hubs, half a year of visits. Once only.");
    let bar = bar(0, "deeds");
    let loaded = network::load(house, clock, today, |done, of| {
        bar.set_length(u64::try_from(of).unwrap_or_default());
        bar.set_position(u64::try_from(done).unwrap_or_default());
    })
    .await;
    let took = bar.elapsed();
    bar.finish_and_clear();
    if let Some(listening) = listening {
        listening.stop().await;
    }
    let loaded = loaded.map_err(|refusal| refused(&refusal))?;
    eprintln!(
        "Loaded in {} s: {} people, {} device events ({} denied), {} months settled.",
        took.as_secs(),
        loaded.people,
        loaded.touches + loaded.denied,
        loaded.denied,
        loaded.months
    );
    let door = FrontDoor::as_system(house.clone());
    open_accounts(&door).await
}

/// Opens the demo's accounts: its staff at Humpolec, and a member from there who roams and has paid for it.
async fn open_accounts(door: &FrontDoor) -> Result<(), Exit> {
    let asked = "query($slug: String!) { hub(slug: $slug) { id } }";
    let hub = door.ask(asked, json!({ "slug": DEMO_HUB })).await.map_err(|refusal| refused(&refusal))?;
    let traveller = roaming_member(door, DEMO_HUB).await?;
    let hub = hub["hub"]["id"].as_str().unwrap_or_default();
    demo_accounts::open_demo_accounts(door, hub, &traveller.id).await.map_err(|refusal| refused(&refusal))?;
    Ok(())
}

/// A bar for long work; silent where nobody watches.
pub(super) fn bar(length: usize, of: &str) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or_default());
    let template = format!("{{bar:40}} {{pos}}/{{len}} {of}, {{elapsed}} so far, {{eta}} to go");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}
