//! `[server]`: The HTTP edge.

use std::net::IpAddr;

use serde::Deserialize;

/// The HTTP edge.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port to listen on.
    pub bind: String,
    /// Whether a browser that opens /graphql gets an explorer.
    pub graphiql: bool,
    /// Origins whose pages may send requests and open sockets, besides the server's own.
    pub allowed_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether a proxy in front of this server terminates TLS.
    pub behind_tls: bool,
    /// How many seconds readiness fails before the port closes, when SIGTERM asks the process to end.
    pub shutdown_grace_seconds: u32,
    /// Whether an empty embedded database is filled with the demo network. Absent: only in a demonstration.
    pub demo: Option<bool>,
}
