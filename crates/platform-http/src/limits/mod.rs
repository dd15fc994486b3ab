//! The limits of one caller's request. Always true: the defaults are safe for the open internet; whoever composes the
//! server decides on wider limits.

pub(crate) mod address;
pub(crate) mod in_flight;
pub(crate) mod readmission;
pub(crate) mod traffic;

use std::time::Duration;

use crate::{budget::QueryBudget, limits::traffic::TrafficLimits};

/// The limits of a request, a socket and a stream.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The whole body of a `POST`, variables included.
    pub body_bytes: usize,
    /// The body of a caller with a token whose operations are all among [`Self::large_mutations`].
    pub large_body_bytes: usize,
    /// The mutations whose input may be large. By default none.
    pub large_mutations: &'static [&'static str],
    /// One message on a socket.
    pub socket_message_bytes: usize,
    /// From the head of a request to the last byte of its body.
    pub body_timeout: Duration,
    /// From the head of a request to its response. Streams are limited by their token instead.
    pub request_deadline: Duration,
    /// The limits of a GraphQL document.
    pub query: QueryBudget,
    /// Operations running on one socket at a time.
    pub operations_per_socket: usize,
    /// From the opening of a socket to its `connection_init`.
    pub socket_init_timeout: Duration,
    /// How often an idle socket or stream gets a keep-alive. A socket silent for three of them is closed.
    pub keep_alive_interval: Duration,
    /// How often callers may send requests and how many run at once.
    pub traffic: TrafficLimits,
    /// How often the authenticator checks the caller of an open socket or stream again.
    pub readmission_interval: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024,
            large_body_bytes: 1024 * 1024,
            large_mutations: &[],
            socket_message_bytes: 64 * 1024,
            body_timeout: Duration::from_secs(3),
            request_deadline: Duration::from_secs(5),
            query: QueryBudget::default(),
            operations_per_socket: 32,
            socket_init_timeout: Duration::from_secs(10),
            keep_alive_interval: Duration::from_secs(15),
            readmission_interval: Duration::from_secs(30),
            traffic: TrafficLimits::default(),
        }
    }
}

impl Limits {
    /// The limits for a subgraph that only the router can reach. The router has applied the narrow limits to its
    /// client's query, and its own queries are longer.
    pub fn behind_router() -> Self {
        Self {
            body_bytes: 4 * 1024 * 1024,
            large_body_bytes: 4 * 1024 * 1024,
            socket_message_bytes: 1024 * 1024,
            query: QueryBudget::behind_router(),
            operations_per_socket: 10_000,
            traffic: TrafficLimits::unlimited(),
            ..Self::default()
        }
    }
}
