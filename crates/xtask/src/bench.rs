//! `cargo xtask bench`: the speed of hubnet on this machine, each figure beside the maximum of the machine.
//!
//! A rate alone describes the machine more than hubnet. So every figure has a baseline that is taken in the same
//! round, and the rounds of all figures alternate: a disturbance affects neighbouring figures alike. The result is
//! the median of the rounds. Everything is flushed to disk as in production. docs/BENCHMARKS.md explains each figure.

mod baseline;
mod cpu;
mod driver;
mod figures;
mod rounds;
mod stage;
mod start_up;

use anyhow::Result;

use crate::step;
use crate::workspace;

/// Measures speed, CPU, latency, start-up and memory, each against a baseline of the same run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Fewer and shorter rounds: a minute instead of five.
    #[arg(long)]
    quick: bool,
}

/// Durations and numbers of the measurements.
#[derive(Debug, Clone, Copy)]
struct Pace {
    rounds: usize,
    /// Seconds of check-ins, and of the rows that are their baseline.
    touch_seconds: u64,
    read_seconds: u64,
    members: usize,
    /// Uploads in a round's burst, of 250 visits each.
    uploads: usize,
    /// Charges in a round, timed one by one.
    charges: usize,
    starts: usize,
}

const THOROUGH: Pace =
    Pace { rounds: 5, touch_seconds: 4, read_seconds: 2, members: 4_000, uploads: 8, charges: 40, starts: 7 };
const QUICK: Pace =
    Pace { rounds: 2, touch_seconds: 2, read_seconds: 1, members: 1_000, uploads: 4, charges: 20, starts: 3 };

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let pace = if arguments.quick { QUICK } else { THOROUGH };
    step::announce("building hubnet and the load driver for release; the first time takes some minutes");
    let binaries = workspace::build_release()?;
    let mut figures = figures::Figures::default();
    {
        let stage = stage::Stage::set(&binaries, pace)?;
        for round in 0..pace.rounds {
            step::announce(&format!("round {} of {}", round + 1, pace.rounds));
            rounds::run(&stage, pace, round, &mut figures)?;
        }
    }
    start_up::run(&binaries.hubnet, pace, &mut figures)?;
    step::announce("medians of the rounds; in parentheses the lowest and the highest ratio");
    println!("{figures}");
    Ok(())
}
