//! `/graphql` over a WebSocket: the graphql-transport-ws protocol.
//!
//! Always true: pages of other sites cannot open a socket. Each operation passes the same budget as a `POST`. Mutations
//! are refused. A socket lives no longer than its caller's token.

mod handshake;
mod operations;
mod protocol;
mod session;

pub(crate) use handshake::open;
