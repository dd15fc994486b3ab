//! The three servers together, started in parallel.

use std::env;
use std::thread;

use crate::error::Result;
use crate::hubnet::Setting;
use crate::packages::{self, Packages};
use crate::{
    AMQP_URL_VARIABLE, DATABASE_URL_VARIABLE, Durability, Postgres, REDIS_URL_VARIABLE, RabbitMq, Redis,
};

/// PostgreSQL, Redis and RabbitMQ; those started here stop when this is dropped.
#[derive(Debug)]
pub struct PrivateServers {
    postgres: Postgres,
    redis: Redis,
    rabbitmq: RabbitMq,
}

impl PrivateServers {
    /// Starts all three servers, and installs missing ones if possible.
    pub fn start(durability: Durability) -> Result<Self> {
        Self::start_unless_given(durability, &Given::default())
    }

    /// Uses the servers that [`DATABASE_URL_VARIABLE`], [`REDIS_URL_VARIABLE`] and [`AMQP_URL_VARIABLE`] give and
    /// starts the others, with the durability that tests need.
    pub fn given_or_start() -> Result<Self> {
        Self::start_unless_given(Durability::ProcessCrash, &Given::from_environment())
    }

    fn start_unless_given(durability: Durability, given: &Given) -> Result<Self> {
        if let Given { database: Some(database), redis: Some(redis), amqp: Some(amqp) } = given {
            return Ok(Self {
                postgres: Postgres::given(database),
                redis: Redis::given(redis),
                rabbitmq: RabbitMq::given(amqp),
            });
        }
        start_in_parallel(&packages::ensure()?, durability, given)
    }

    /// The database server.
    pub fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    /// The Redis server.
    pub fn redis(&self) -> &Redis {
        &self.redis
    }

    /// The RabbitMQ server.
    pub fn rabbitmq(&self) -> &RabbitMq {
        &self.rabbitmq
    }

    /// Returns the settings of a `hubnet` process that serves from this database and prefixes everything it creates
    /// in RabbitMQ and Redis with `prefix`.
    pub fn settings(&self, database: &str, prefix: &str) -> Vec<Setting> {
        let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            // These servers accept every login.
            setting("HUBNET__ENVIRONMENT", "demonstration"),
            setting("HUBNET__DATABASE__URL", &self.postgres.service_url(database)),
            setting("HUBNET__BUS__URL", self.rabbitmq.url()),
            setting("HUBNET__BUS__PREFIX", prefix),
            setting("HUBNET__LIVE__URL", self.redis.url()),
            setting("HUBNET__LIVE__PREFIX", prefix),
        ]
    }

    /// Returns the setting that lets `hubnet migrate` and `hubnet demo` create schemas and roles.
    pub fn owner_setting(&self, database: &str) -> Setting {
        ("HUBNET__DATABASE__OWNER_URL".to_owned(), self.postgres.owner_url(database))
    }
}

/// The URLs of running servers, given by the environment.
#[derive(Debug, Default)]
struct Given {
    database: Option<String>,
    redis: Option<String>,
    amqp: Option<String>,
}

impl Given {
    fn from_environment() -> Self {
        let given = |variable| env::var(variable).ok().filter(|url| !url.is_empty());
        Self {
            database: given(DATABASE_URL_VARIABLE),
            redis: given(REDIS_URL_VARIABLE),
            amqp: given(AMQP_URL_VARIABLE),
        }
    }
}

fn start_in_parallel(packages: &Packages, durability: Durability, given: &Given) -> Result<PrivateServers> {
    thread::scope(|scope| {
        let postgres = scope.spawn(|| match &given.database {
            Some(url) => Ok(Postgres::given(url)),
            None => Postgres::start(packages, durability),
        });
        let redis = scope.spawn(|| match &given.redis {
            Some(url) => Ok(Redis::given(url)),
            None => Redis::start(packages, durability),
        });
        let rabbitmq = match &given.amqp {
            Some(url) => RabbitMq::given(url),
            None => RabbitMq::start(packages)?,
        };
        Ok(PrivateServers {
            postgres: postgres.join().expect("starting a server does not panic")?,
            redis: redis.join().expect("starting a server does not panic")?,
            rabbitmq,
        })
    })
}
