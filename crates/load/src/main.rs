//! `load`: the load driver of `cargo xtask bench`, one kind of work per subcommand.
//!
//! Always true: it shares the machine with the server it drives, so it runs on one thread, writes HTTP/1.1 by hand
//! and counts only requests that were answered. It prints its measurements as lines of a word and a number.

mod charges;
mod chips;
mod connection;
mod enroll;
mod flood;
mod graph;
mod measured;
mod reads;
mod rows;
mod touches;
mod uploads;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Drives a hubnet server, or writes the same rows without it.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    work: Work,
}

#[derive(Debug, Subcommand)]
enum Work {
    Enroll(enroll::Arguments),
    Touches(touches::Arguments),
    Reads(reads::Arguments),
    Charges(charges::Arguments),
    Uploads(uploads::Arguments),
    Fixture(rows::fixture::Arguments),
    Rows(rows::Arguments),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    match Arguments::parse().work {
        Work::Enroll(arguments) => enroll::run(arguments).await,
        Work::Touches(arguments) => touches::run(arguments).await,
        Work::Reads(arguments) => reads::run(arguments).await,
        Work::Charges(arguments) => charges::run(arguments).await,
        Work::Uploads(arguments) => uploads::run(arguments).await,
        Work::Fixture(arguments) => rows::fixture::run(arguments).await,
        Work::Rows(arguments) => rows::run(arguments).await,
    }
}
