//! Private PostgreSQL, Redis and RabbitMQ servers, `hubnet` processes and the federation router.
//!
//! The test suite, the benchmark and the demo need real servers on a machine that may already run
//! some. So every server started here has its own temporary folder, its own free ports on the
//! loopback address and an unprivileged account, and nothing system-wide is touched. Always true:
//!
//! - a `start` returns when the server answers, never after a fixed wait;
//! - dropping a server stops it, and a guard process does so if we die without dropping;
//! - a `kill` is SIGKILL and returns when nothing of the server is left; a `restart` keeps its data.
//!
//! ```no_run
//! # fn main() -> private_servers::Result<()> {
//! use private_servers::{Durability, PrivateServers};
//!
//! let servers = PrivateServers::start(Durability::ProcessCrash)?;
//! servers.postgres().create_database("story")?;
//! servers.redis().kill()?;
//! servers.redis().restart()?;
//! # Ok(())
//! # }
//! ```
//!
//! Works on Linux; elsewhere give running servers in [`DATABASE_URL_VARIABLE`],
//! [`REDIS_URL_VARIABLE`] and [`AMQP_URL_VARIABLE`].

mod account;
pub mod cache;
mod error;
mod folder;
mod guard;
mod hubnet;
pub mod packages;
mod ports;
mod postgres;
mod probe;
mod program;
mod rabbitmq;
mod redis;
pub mod router;
mod s3;
mod servers;
mod signal;
mod smtp;

pub use error::{Error, Result};
pub use folder::{PrivateFolder, processes_in};
pub use hubnet::{Hubnet, Launch, Setting, hubnet_command};
pub use ports::free_port;
pub use postgres::{DATABASE_URL_VARIABLE, Postgres};
pub use probe::http_status;
pub use rabbitmq::{AMQP_URL_VARIABLE, RabbitMq};
pub use redis::{REDIS_URL_VARIABLE, Redis};
pub use router::Router;
pub use s3::S3;
pub use servers::PrivateServers;
pub use smtp::Smtp;

/// What a private server's acknowledged writes survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: everything is flushed to disk, as in production. For demo and benchmark.
    PowerCut,
    /// The end of the process, kill -9 included, but not of the machine. For the test suite.
    ProcessCrash,
}
