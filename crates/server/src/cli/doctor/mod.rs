//! `hubnet doctor`: checks every configured part and prints what is wrong and what to do.
//!
//! The parts of the process have a file each here, and so has the comparison of the services with each other. What is of
//! one service is checked by the service ([`platform_module::Module::examine`] and `verify`).

mod consistency;
mod files;
mod jobs;
mod mail;
pub(super) mod storage;

use std::io::Write as _;

use kernel::{OpContext, World};
use platform_module::Finding;

use crate::{App, Config, Environment, Exit, ExitCode, ServiceSet, production};

/// Checks everything and prints a line for each part. With `repair` it first repairs what services lack of each other.
///
/// # Errors
/// Fails if a part is wrong; the lines name it.
pub async fn doctor(config: &Config, repair: bool) -> Result<(), Exit> {
    let mut findings = Findings::default();
    findings.note("configuration", Ok(shape(config)));
    let unfit = production::objections(config);
    let is_unfit = !unfit.is_empty();
    for objection in unfit {
        findings.note("production", Err(objection));
    }
    if let Err(error) = identity::SealingKey::examine(&config.key_folder()) {
        findings.note("sealing key", Err(Exit::because(ExitCode::Config, &error).message));
    }
    match App::open(config, ServiceSet::All, World::real()).await {
        Err(exit) => findings.note("database", Err(exit.message)),
        Ok(app) => {
            match production::objections_to_app(config, &app).await {
                Err(exit) => findings.note("production", Err(exit.message)),
                Ok(unfit) if unfit.is_empty() && is_unfit => {}
                Ok(unfit) if unfit.is_empty() => findings.note("environment", Ok(environment(config))),
                Ok(unfit) => {
                    for objection in unfit {
                        findings.note("production", Err(objection));
                    }
                }
            }
            examine(&app, &mut findings).await;
            mail::examine(config, &app, &mut findings).await;
            files::examine(&app, &mut findings).await;
            let op = OpContext::system(app.world().clone());
            for module in app.modules() {
                findings.note_all(module.examine(&op).await);
            }
            consistency::examine(&app, repair, &mut findings).await;
            for module in app.modules() {
                findings.note_all(module.verify(&op, repair).await);
            }
        }
    }
    findings.report("all is well")
}

fn shape(config: &Config) -> String {
    if config.is_embedded() {
        return format!("embedded, in {}", config.data_dir.display());
    }
    let with = |part: Option<&secrecy::SecretString>, name: &'static str| part.map_or("nothing", |_| name);
    let (bus, live) = (config.bus.url.as_ref(), config.live.url.as_ref());
    format!("PostgreSQL, bus: {}, live state: {}", with(bus, "RabbitMQ"), with(live, "Redis"))
}

fn environment(config: &Config) -> String {
    match config.environment() {
        Environment::Production => {
            "production: no demo network, no demo keys, no password everybody knows".into()
        }
        Environment::Demonstration => "a demonstration, not for real people (see `environment`)".into(),
    }
}

async fn examine(app: &App, findings: &mut Findings) {
    for (name, db) in app.named_databases() {
        let name = if name == "all" { "database" } else { name };
        findings.note(
            name,
            db.ping().await.map(|()| "answers, up to date".into()).map_err(|error| error.to_string()),
        );
        let messages = platform_bus::list_dead_letters(db).await;
        findings.note(
            "dead letters",
            messages.map_err(|error| error.to_string()).and_then(|messages| {
                if messages.is_empty() {
                    Ok("none".into())
                } else {
                    Err(format!("{}: see `hubnet dead-letters list`", messages.len()))
                }
            }),
        );
    }
    jobs::examine(app, findings).await;
    storage::examine(app, findings).await;
    if let Some(amqp) = app.amqp() {
        findings.note(
            "RabbitMQ",
            amqp.ping().await.map(|()| "answers".into()).map_err(|error| error.to_string()),
        );
    }
    findings.note(
        "live state",
        app.live().ping().await.map(|()| "answers".into()).map_err(|error| error.to_string()),
    );
}

/// The reader may have closed the pipe (`hubnet doctor | head`).
fn print_line(line: &str) {
    let _read_or_gone = writeln!(std::io::stdout(), "{line}");
}

/// The number of wrong findings so far; each finding is printed at once.
#[derive(Default)]
pub(super) struct Findings {
    wrong: usize,
}

impl Findings {
    /// Reports that all is well, or the number of wrong parts.
    pub(super) fn report(&self, well: &str) -> Result<(), Exit> {
        if self.wrong == 0 {
            print_line(well);
            return Ok(());
        }
        let message = format!("{} of the parts above need attention", self.wrong);
        Err(Exit::new(ExitCode::Unavailable, message))
    }

    /// Prints what a service has found.
    pub(super) fn note_all(&mut self, findings: Vec<Finding>) {
        for Finding { part, outcome } in findings {
            self.note(&part, outcome);
        }
    }

    /// Prints a line for a part, and counts it if it is wrong.
    pub(super) fn note(&mut self, part: &str, finding: Result<String, String>) {
        match finding {
            Ok(well) => print_line(&format!("ok     {part}: {well}")),
            Err(wrong) => {
                self.wrong += 1;
                print_line(&format!("WRONG  {part}: {wrong}"));
            }
        }
    }
}
