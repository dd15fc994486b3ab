//! The program `hubnet`: reads its arguments and its configuration, runs one command, and reports how it ended.

use std::{path::PathBuf, process::ExitCode as ProcessExit};

use clap::{
    Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use platform_telemetry::{LogFormat, TelemetryConfig};
use secrecy::ExposeSecret;
use server::{Build, Config, Exit, ExitCode, Service, cli, installation};

/// The text of `--version` after the name.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (commit ", env!("HUBNET_COMMIT"), ")");
const BUILD: Build = Build { version: env!("CARGO_PKG_VERSION"), commit: env!("HUBNET_COMMIT") };

/// hubnet runs a network of smart hubs: coworking centres, libraries and community houses that share their members.
///
/// Without a command it serves: with nothing configured, from one SQLite file in ./var, with a demo network in it.
#[derive(Parser)]
#[command(name = "hubnet", version = VERSION, about, after_help = EXAMPLES)]
struct Arguments {
    /// A TOML file; every key is explained in deploy/hubnet.toml. The environment overrides it
    /// (HUBNET__SERVER__BIND=…).
    #[arg(long, env = "HUBNET_CONFIG", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "Examples:
  hubnet                                       serve, embedded, with the demo network
  hubnet onboard network.toml humpolec.toml    bring a network and a hub in
  hubnet replay reader.csv --hub humpolec      take in what a reader kept while offline
  hubnet token --as operator --hub humpolec    a sign-in to paste
  hubnet doctor                                what is wrong, and what to do";

const ONBOARD_EXAMPLE: &str = "Example:
  hubnet onboard deploy/demo/network.toml deploy/demo/hubs/humpolec.toml

A file is taken in whole or not at all; what is wrong with it is said with the name of the field.
Correct it and run the same command again.";

const REPLAY_EXAMPLE: &str = "Example:
  hubnet replay reader.csv --hub humpolec

where reader.csv is
  event_id,at,device,credential,direction
  7f3a-0001,2026-11-02T08:00:12Z,reception,04A224B1C35580,in
  7f3a-0002,2026-11-02T11:41:55Z,reception,04A224B1C35580,out

A touch counts for seven days. A log to try it with, dated by the command that makes it:
  printf 'event_id,at,device,credential,direction\nreader-1,%s,reception,04A224B1C35580,in\nreader-2,%s,reception,04A224B1C35580,out\n' \
    $(date -u -d '-26 hours' +%FT%TZ) $(date -u -d '-24 hours' +%FT%TZ) > reader.csv";

const TOKEN_EXAMPLE: &str = "Examples:
  hubnet token --as operator --hub humpolec
  hubnet token --as administrator --as coordinator --hub humpolec --hub piaseczno
  hubnet token --as member --hub humpolec --name alena@example.org
  hubnet token --as device --hub humpolec --name reception

Send it as the header `Authorization: Bearer <token>`.";

const EVENTS_EXAMPLE: &str = "Examples:
  hubnet events replay --to roaming --since 2026-11-02T08:00:00Z
  hubnet events replay --to monitoring --since 2026-11-02T08:00:00Z --again";

const JOBS_EXAMPLE: &str = "Examples:
  hubnet jobs list
  hubnet jobs run tidying
  hubnet jobs retry job_0192f0c1000070008000000000000000";

const INVITE_EXAMPLE: &str = "Examples:
  hubnet invite --role network-administrator --email nora@example.org
  hubnet invite --role operator --hub humpolec --email olga@example.org

The code goes into the mutation acceptInvitation, with the password of their choice.";

#[derive(Subcommand)]
enum Command {
    /// Run the services behind the HTTP edge, until Ctrl-C.
    Serve {
        /// Run only this service, as a federation subgraph behind a router. Several take a port each, counting up from
        /// server.bind.
        #[arg(long = "service", value_name = "NAME", value_parser = service_by_name())]
        services: Vec<Service>,
    },
    /// Bring the database to the version this build knows. PostgreSQL needs database.owner_url.
    Migrate,
    /// Fill an empty installation with the demo network: five hubs, half a year of visits.
    Demo,
    /// Bring networks and hubs in from TOML or YAML files: place, spaces, opening hours, plans, guest tariff, devices.
    #[command(after_help = ONBOARD_EXAMPLE)]
    Onboard {
        /// The files, in order: a network before its hubs. Examples in deploy/demo.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Take in a device's offline log. The same log again changes nothing; the order of its lines does not matter.
    #[command(after_help = REPLAY_EXAMPLE)]
    Replay {
        /// CSV with a header, or JSON Lines: event_id, at (RFC 3339), device, credential, direction (in or out).
        file: PathBuf,
        /// The hub, by its slug.
        #[arg(long)]
        hub: String,
    },
    /// Print the public GraphQL schema, or the federation subgraph of one service.
    Schema {
        /// The service whose subgraph to print; without it, the whole public schema.
        #[arg(long, value_name = "NAME", value_parser = service_by_name())]
        service: Option<Service>,
    },
    /// Events that a service refused for good.
    DeadLetters {
        #[command(subcommand)]
        action: DeadLetters,
    },
    /// Work in the background: what waits, runs or has failed.
    #[command(after_help = JOBS_EXAMPLE)]
    Jobs {
        #[command(subcommand)]
        action: cli::Jobs,
    },
    /// The audit log: who did what.
    Audit {
        #[command(subcommand)]
        action: Audit,
    },
    /// Emitted events, which are kept for `bus.events_kept_days`.
    Events {
        #[command(subcommand)]
        action: Events,
    },
    /// Check every configured part, compare the services with each other, and say what is wrong.
    Doctor {
        /// Mend what the services lack of each other by publishing it again.
        #[arg(long)]
        repair: bool,
    },
    /// Write a copy of the database, whole and with the newest commits, while the server runs. Overwrites nothing.
    /// PostgreSQL has pg_dump: see docs/BACKUP.md.
    Backup {
        /// The file to write.
        file: PathBuf,
    },
    /// Put a backup in the place of the database. Checks it first; needs an empty data folder, and no server running.
    Restore {
        /// What `hubnet backup` wrote.
        file: PathBuf,
        /// Also where there is a database: it is kept beside the new one.
        #[arg(long)]
        replace: bool,
    },
    /// Check that a database is whole and adds up, after a restore: version, damage, rows, ledger, audit log,
    /// indicators.
    Verify,
    /// Invite somebody to a role, and print the code they set their password with: how a network gets its first
    /// administrator.
    #[command(after_help = INVITE_EXAMPLE)]
    Invite(cli::Invite),
    /// The keys that sign tokens: running servers follow by themselves.
    Keys {
        #[command(subcommand)]
        action: cli::Keys,
    },
    /// Print a sign-in that works for twelve hours. Needs the installation's signing keys.
    #[command(after_help = TOKEN_EXAMPLE)]
    Token(cli::Token),
}

impl Command {
    /// Whether signing keys must exist already. A database that was just restored by PostgreSQL's own tools is verified
    /// before anything else exists.
    fn needs_keys(&self) -> bool {
        !matches!(self, Self::Verify)
    }

    /// Whether the command may create an installation; the others need an existing one.
    fn may_install(&self) -> bool {
        matches!(
            self,
            Self::Serve { .. } | Self::Migrate | Self::Demo | Self::Restore { .. } | Self::Schema { .. }
        )
    }
}

#[derive(Subcommand)]
enum DeadLetters {
    /// Show them.
    List,
    /// Offer them to their receivers once more.
    Replay,
}

#[derive(Subcommand)]
enum Events {
    /// Publish to one service again what it consumes. What it has had changes nothing.
    #[command(after_help = EVENTS_EXAMPLE)]
    Replay(cli::ReplayEvents),
}

#[derive(Subcommand)]
enum Audit {
    /// Follow every chain and name the first broken link. Prints the heads of the chains that hold: keep them where
    /// nobody who may write to the database can.
    Verify {
        /// Only this hub, by its slug.
        #[arg(long)]
        hub: Option<String>,
        /// What an earlier run printed; nothing before those heads may have changed.
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
}

/// Reads the name of a service.
fn service_by_name() -> impl TypedValueParser<Value = Service> {
    PossibleValuesParser::new(Service::all().map(Service::name))
        .try_map(|name| Service::named(&name).ok_or("is no service"))
}

#[tokio::main]
async fn main() -> ProcessExit {
    // One crypto library for the whole tree; with two, every TLS client without this call would panic.
    let _already_chosen = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match Box::pin(run(Arguments::parse())).await {
        Ok(()) => ProcessExit::SUCCESS,
        Err(exit) => {
            eprintln!("hubnet: {exit}");
            exit.code.into()
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Exit> {
    let command = arguments.command.unwrap_or(Command::Serve { services: Vec::new() });
    if let Command::Schema { service } = command {
        print!("{}", service.map_or_else(cli::sdl, cli::subgraph_sdl));
        return Ok(());
    }
    let config =
        Config::read(arguments.config.as_deref()).map_err(|error| Exit::because(ExitCode::Config, &error))?;
    if !command.may_install() {
        installation::require(&config, command.needs_keys())?;
    }
    if !matches!(command, Command::Serve { .. }) {
        eprintln!("hubnet: working on {}", installation::place(&config));
    }
    let telemetry = platform_telemetry::init(&telemetry_config(&config, service_name(&command))?)
        .map_err(|error| Exit::because(ExitCode::Config, &error))?;
    let outcome = match command {
        Command::Serve { services } => cli::serve(&config, &services, &telemetry, BUILD).await,
        Command::Migrate => cli::migrate(&config).await,
        Command::Demo => Box::pin(cli::demo(&config)).await,
        Command::Onboard { files } => cli::onboard(&config, &files).await,
        Command::Replay { file, hub } => cli::replay(&config, &file, &hub).await,
        Command::DeadLetters { action } => {
            cli::dead_letters(&config, matches!(action, DeadLetters::Replay)).await
        }
        Command::Jobs { action } => cli::jobs(&config, action).await,
        Command::Audit { action: Audit::Verify { hub, against } } => {
            cli::verify_audit(&config, hub.as_deref(), against.as_deref()).await
        }
        Command::Events { action: Events::Replay(asked) } => cli::replay_events(&config, &asked).await,
        Command::Doctor { repair } => cli::doctor(&config, repair).await,
        Command::Backup { file } => cli::backup(&config, &file).await,
        Command::Restore { file, replace } => cli::restore(&config, &file, replace).await,
        Command::Verify => cli::verify(&config).await,
        Command::Token(asked) => cli::token(&config, asked).await,
        Command::Invite(invite) => cli::invite(&config, invite).await,
        Command::Keys { action } => cli::keys(&config, action),
        Command::Schema { .. } => Ok(()),
    };
    telemetry.shutdown().await;
    outcome
}

/// The name under which traces and metrics are sent: a process that runs one service uses its name.
fn service_name(command: &Command) -> String {
    match command {
        Command::Serve { services } if services.len() == 1 => {
            format!("hubnet-{}", services[0].name())
        }
        _ => "hubnet".into(),
    }
}

fn telemetry_config(config: &Config, service_name: String) -> Result<TelemetryConfig, Exit> {
    let log_format = match config.telemetry.format.as_str() {
        "text" => LogFormat::Text,
        "json" => LogFormat::Json,
        other => {
            return Err(Exit::new(
                ExitCode::Config,
                format!("telemetry.format {other:?} is neither text nor json"),
            ));
        }
    };
    let endpoint = config.telemetry.otlp_endpoint.as_ref();
    Ok(TelemetryConfig {
        service_name,
        log_filter: config.telemetry.log.clone(),
        log_format,
        otlp_endpoint: endpoint.map(|endpoint| endpoint.expose_secret().to_owned()),
    })
}
