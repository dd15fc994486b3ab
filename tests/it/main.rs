//! The specification of hubnet: its behaviour for the people who use it, on every shape.
//!
//! The test names describe the product. `cargo xtask test` runs all of it on SQLite and on PostgreSQL, RabbitMQ and
//! Redis; `--split` adds the tests named `split_…`, through the federation router.

mod admission_cache;
mod alone;
mod architecture;
mod audit;
mod bus;
mod calendar;
mod capacity;
mod clients;
mod command_line;
mod contract;
mod crash;
mod durability;
mod front_desk;
mod fuzzed;
mod graphql_over_http;
mod guides;
mod idempotency;
mod identity;
mod installation;
mod isolation;
mod jobs;
mod leaving;
mod malformed;
mod money;
mod occupancy;
mod onboarding;
mod post;
mod presence;
mod privacy;
mod provider;
mod races;
mod remote;
mod split;
mod story;
mod strangers;
mod tenancy;
mod text;
mod transactions;
