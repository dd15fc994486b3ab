//! The specification of hubnet: its behaviour for the people who use it, on every shape.
//!
//! The test names describe the product. `cargo xtask test` runs all of it on SQLite and on PostgreSQL, RabbitMQ and
//! Redis; `--split` adds the tests named `split_…`, through the federation router.

mod spec;
mod support;
