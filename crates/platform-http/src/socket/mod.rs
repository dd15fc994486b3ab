//! `/graphql` over a WebSocket: the graphql-transport-ws protocol.
//!
//! Always true: pages of other sites cannot open one; each operation passes the same budget as a `POST`; mutations are
//! refused; a socket lives no longer than its caller's token.

mod handshake;
mod operations;
mod protocol;
mod session;

pub(crate) use handshake::open;
