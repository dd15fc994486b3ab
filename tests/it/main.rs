//! The specification of hubnet: what it does for the people who use it, on every shape it runs on.
//!
//! A stranger should learn the product from the names. `cargo xtask test` runs all of it on SQLite and on PostgreSQL,
//! RabbitMQ and Redis; `--split` adds the tests named `split_…`, through the federation router.

mod architecture;
mod bus;
mod command_line;
mod crash;
mod guides;
mod identity;
mod installation;
mod occupancy;
mod onboarding;
mod presence;
mod reception;
mod remote;
mod split;
mod story;
mod tenancy;
