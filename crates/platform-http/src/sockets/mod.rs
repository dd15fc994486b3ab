//! Operations that go on: graphql-transport-ws sockets and server-sent events.

pub(crate) mod operation_stream;
pub(crate) mod socket;
pub(crate) mod sse;
pub(crate) mod while_wanted;
