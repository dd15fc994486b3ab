//! The test harness: a whole application per test, on the shape of the run.
//!
//! Always true:
//! - Every test has a database of its own, a clock that stands still until the test moves it, and ids from a seed. No
//!   part of hubnet is mocked.
//! - `HUBNET_TEST_SHAPE` is `embedded` (SQLite, in process; the default) or `distributed` (PostgreSQL, RabbitMQ and
//!   Redis, private to the run).
//! - A test that ends with waiting events fails: call [`TestApp::drain`]. So does a test that ran a statement which
//!   reads a whole growing table.
//! - Every response is checked against the schema ([`assert_contract`]).

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
