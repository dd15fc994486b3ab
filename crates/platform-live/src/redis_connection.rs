//! The connection to Redis that a process uses for everything it keeps there.
//!
//! Always true: it is opened at the first use; nobody waits for Redis longer than [`PATIENCE`]; every key begins with
//! the configured prefix.

use std::time::Duration;

use redis::{
    Client, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

/// The longest time that anybody waits for Redis.
pub(crate) const PATIENCE: Duration = Duration::from_millis(300);

/// The address of Redis and the prefix of the keys.
#[derive(Debug, Clone)]
pub struct LiveConfig {
    /// `redis://…` or `rediss://…`, never printed.
    pub url: SecretString,
    /// Prefix of every key and channel.
    pub prefix: String,
}

/// Redis is away, or refuses.
#[derive(Debug, thiserror::Error)]
#[error("Redis does not answer as it should: {0}")]
pub struct LiveError(#[from] RedisError);

pub(crate) struct RedisConnection {
    client: Client,
    prefix: String,
    manager: OnceCell<ConnectionManager>,
}

impl std::fmt::Debug for RedisConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisConnection").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl RedisConnection {
    pub(crate) fn new(config: &LiveConfig) -> Result<Self, LiveError> {
        let client = Client::open(config.url.expose_secret())?;
        Ok(Self { client, prefix: config.prefix.clone(), manager: OnceCell::new() })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns the name of a key or channel of this installation.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }

    pub(crate) async fn open(&self) -> Result<ConnectionManager, RedisError> {
        let connect = async || {
            let config = ConnectionManagerConfig::new()
                .set_number_of_retries(1)
                .set_connection_timeout(Some(PATIENCE))
                .set_response_timeout(Some(PATIENCE));
            ConnectionManager::new_with_config(self.client.clone(), config).await
        };
        self.manager.get_or_try_init(connect).await.cloned()
    }

    pub(crate) async fn ping(&self) -> Result<(), LiveError> {
        let mut redis = self.open().await?;
        redis::cmd("PING").query_async::<()>(&mut redis).await?;
        Ok(())
    }
}
