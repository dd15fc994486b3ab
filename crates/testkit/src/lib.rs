//! The harness of the specification: a whole application per test, on the shape the run asks for.
//!
//! Always true: every test has a database of its own, a clock that stands still until the test moves it, and ids from
//! a seed; nothing of our own is mocked. `HUBNET_TEST_SHAPE` says `embedded` (SQLite, in process; the default) or
//! `distributed` (PostgreSQL, RabbitMQ and Redis, private to the run). A test that ends with events still waiting
//! fails: call [`TestApp::settle`]. So does one that ran a statement which reads a whole table that grows. Every answer is
//! held to the schema ([`assert_contract`]).

mod app;
mod client;
mod contract;
mod people;
mod phone;
mod plans;

pub use app::{Shape, TestApp, servers};
pub use client::Client;
pub use contract::{assert_contract, assert_explained};
pub use people::{TestHub, TestMember, TestNetwork};
pub use phone::Phone;
pub use plans::statements_of;

pub use serde_json::{Value as Json, json};
