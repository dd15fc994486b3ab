//! `cargo xtask`: every repeated task, with one command each.
//!
//! A chore is a module with its arguments and a `run`; to add one, add a line to [`Chore`].

mod bench;
mod ci;
mod demo;
mod docs;
mod errors;
mod fuzz;
mod schema;
mod slowest;
mod step;
mod test;
mod tools;
mod watched;
mod words;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The chores of hubnet.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    Test(test::Arguments),
    Demo(demo::Arguments),
    Schema(schema::Arguments),
    Errors(errors::Arguments),
    Docs(docs::Arguments),
    Bench(bench::Arguments),
    Fuzz(fuzz::Arguments),
    Ci(ci::Arguments),
}

impl Chore {
    fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::Test(arguments) => test::run(arguments),
            Self::Demo(arguments) => demo::run(arguments),
            Self::Schema(arguments) => schema::run(arguments),
            Self::Errors(arguments) => errors::run(arguments),
            Self::Docs(arguments) => docs::run(arguments),
            Self::Bench(arguments) => bench::run(arguments),
            Self::Fuzz(arguments) => fuzz::run(arguments),
            Self::Ci(arguments) => ci::run(arguments),
        }
    }
}

fn main() -> ExitCode {
    match Arguments::parse().chore.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
