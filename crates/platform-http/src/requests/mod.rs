//! The way of a request: its body, its context, its operation and its end.

pub(crate) mod accept;
pub(crate) mod body;
pub(crate) mod complete;
pub(crate) mod graphql;
pub(crate) mod pipeline;
pub(crate) mod request;
pub(crate) mod request_span;
pub(crate) mod service;
