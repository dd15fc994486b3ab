//! The edge as its clients see it: a real server on a free port, with a toy graph.

mod health;
mod http;
mod languages;
mod limits;
mod origins;
mod routes;
mod server_sent_events;
mod shutdown;
mod socket;
mod toy;
mod trace;
mod traffic;
