//! The parts of the program `hubnet`: configuration, composition, the HTTP edge and the command line.
//!
//! Always true: no domain rule is decided here. The same services, resolvers, outbox and handlers run in all three
//! shapes; only what [`App::open`] puts under them differs:
//!
//! | shape | database | bus | live state | graph |
//! | --- | --- | --- | --- | --- |
//! | embedded | one SQLite file | in process | in process | merged |
//! | distributed | PostgreSQL | RabbitMQ | Redis | merged |
//! | split | PostgreSQL | RabbitMQ | Redis | one subgraph a process, behind a router |

mod app;
mod background;
pub mod cli;
mod config;
mod demo;
mod denials;
pub mod embedded;
mod exit;
mod export;
mod figures;
mod http;
pub mod installation;
mod member_addresses;
mod onboarding;
mod production;
mod revocation_list;
mod services;

pub use app::{App, ServiceSet};
pub use background::{Background, Hush};
pub use config::{
    BusConfig, Config, ConfigError, DatabaseConfig, DocumentsPolicy, Environment, FilesConfig, GraphqlConfig,
    IdentityConfig, LimitsConfig, LiveConfig, MailConfig, RoamingConfig, ServerConfig, SingleSignOnConfig,
    TelemetryConfig,
};
pub use demo::accounts::{DEMO_ACCOUNTS, DemoAccount, open_demo_accounts};
pub use demo::progress::DemoState;
pub use demo::{DemoClock, finish as finish_demo, load as load_demo, state as demo_state};
pub use exit::{Exit, ExitCode};
pub use export::Exports;
pub use http::authenticator::AppAuthenticator;
pub use http::files::{stored_files, upload_routes};
pub use http::front_door::{FrontDoor, GraphError};
pub use http::opening_hours_file::public_files;
pub use http::probe::AppProbe;
pub use http::sign_in::{SignIn, SignInError};
pub use http::single_sign_on::redirectors;
pub use http::unsubscribe::link_pages;
pub use installation::Build;
pub use onboarding::replay::{BadLine, DeviceLog};
pub use onboarding::{Onboarding, OnboardingError};
pub use revocation_list::RevocationsUnavailable;
pub use services::Service;
