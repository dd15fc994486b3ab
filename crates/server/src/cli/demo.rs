//! `hubnet demo`: fills an empty installation with the demo network.

use indicatif::{ProgressBar, ProgressStyle};
use jiff::{civil::Date, tz::TimeZone};
use kernel::Clock;

use serde_json::json;

use super::{
    refused,
    token::{DEMO_HUB, roaming_member},
};
use crate::{
    App, Config, DemoClock, DemoState, Exit, ExitCode, FrontDoor, ServiceSet, background::Background,
    demo as network, demo::accounts as demo_accounts, production,
};

/// Loads the demo network and prints a summary.
///
/// # Errors
/// Fails if the installation is not empty or cannot be opened.
pub async fn demo(config: &Config) -> Result<(), Exit> {
    production::refuse_demo(config)?;
    let (clock, world) = DemoClock::new();
    let app = App::open(config, ServiceSet::All, world).await?;
    let Some(loading) = Loading::of(app, clock).await? else {
        return Err(Exit::new(
            ExitCode::DataError,
            "there are hubs here already; the demo network needs an empty installation",
        ));
    };
    Box::pin(loading.run()).await?;
    demo_accounts::print();
    Ok(())
}

/// A loading of the demo network into an installation without it, or with a part of it.
pub(super) struct Loading {
    app: App,
    clock: DemoClock,
    until: Date,
    goes_on: bool,
}

impl Loading {
    /// Returns the loading that an installation needs; `None` if it has the whole demo network, or networks of its own.
    pub(super) async fn needed(config: &Config) -> Result<Option<Self>, Exit> {
        let (clock, world) = DemoClock::new();
        Self::of(App::open(config, ServiceSet::All, world).await?, clock).await
    }

    async fn of(app: App, clock: DemoClock) -> Result<Option<Self>, Exit> {
        let (until, goes_on) = match network::state(&app).await.map_err(|refusal| refused(&refusal))? {
            DemoState::Loaded => return Ok(None),
            DemoState::Interrupted(until) => (until, true),
            DemoState::Empty => (today(), false),
        };
        Ok(Some(Self { app, clock, until, goes_on }))
    }

    /// Loads the demo network, with a progress bar, and opens its accounts. After an interruption the next run
    /// continues.
    pub(super) async fn run(self) -> Result<(), Exit> {
        let Self { app, clock, until, goes_on } = self;
        // With a broker, receivers must be running; in process, the loader itself carries events on.
        let listening = app.amqp().is_some().then(|| Background::listen(&app));
        eprintln!("Loading the demo network: five hubs, half a year of visits. Once only.");
        if goes_on {
            eprintln!("An earlier loading was interrupted; this one goes on where it was.");
        }
        let bar = bar(0, "actions");
        let loaded = network::load(&app, &clock, until, |done, of| {
            bar.set_length(u64::try_from(of).unwrap_or_default());
            bar.set_position(u64::try_from(done).unwrap_or_default());
        })
        .await;
        let took = bar.elapsed();
        bar.finish_and_clear();
        let opened = match loaded {
            Ok(loaded) => open_accounts(&FrontDoor::as_system(app.clone())).await.map(|()| loaded),
            Err(refusal) => Err(refused(&refusal)),
        };
        if let Some(listening) = listening {
            listening.stop().await;
        }
        let loaded = opened?;
        network::finish(&app).await.map_err(|refusal| refused(&refusal))?;
        eprintln!(
            "Loaded in {} s: {} people, {} device events ({} denied), {} months settled.",
            took.as_secs(),
            loaded.people,
            loaded.touches + loaded.denied,
            loaded.denied,
            loaded.months
        );
        Ok(())
    }
}

fn today() -> Date {
    TimeZone::get("Europe/Prague")
        .map_or(TimeZone::UTC, |zone| zone)
        .to_datetime(kernel::SystemClock.now())
        .date()
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

/// A progress bar; hidden without a terminal.
pub(super) fn bar(length: usize, of: &str) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or_default());
    let template = format!("{{bar:40}} {{pos}}/{{len}} {of}, {{elapsed}} so far, {{eta}} to go");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}
