//! The edge as its clients meet it: a real server on a free port, a toy graph behind it.

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
