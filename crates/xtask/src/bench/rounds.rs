//! One round: every figure once, each directly after its baseline.

use anyhow::{Context as _, Result};

use super::Pace;
use super::baseline::{self, Rows};
use super::cpu;
use super::driver::Measured;
use super::figures::{Figure, Figures, micros_each, millis, per_second};
use super::stage::{AT_HOME, AWAY, HOME, ROAMING, Shape, Stage};

/// The figures of one shape.
struct Wanted {
    check_ins: Figure,
    crowded: Figure,
    beside_a_flood: Figure,
    check_in_cpu: Figure,
    /// Present if the database is a server.
    database_cpu: Option<Figure>,
    occupancy: Figure,
    occupancy_cpu: Figure,
    events: Figure,
    charged_half: Figure,
    charged_most: Figure,
}

const ROWS_SQLITE: &str = "the same rows, 1 writer:";
const ROWS_POSTGRES: &str = "one-statement pgbench:";
const ALIVE: &str = "/health/live:";
const WITHOUT: &str = "without it:";
const FLUSH: &str = "one flush:";

const EMBEDDED: Wanted = Wanted {
    check_ins: Figure { what: "check-ins, embedded", unit: "/s", against: ROWS_SQLITE, goal: "" },
    crowded: Figure { what: "check-ins, 32 readers, embedded", unit: "/s", against: ROWS_SQLITE, goal: "" },
    beside_a_flood: Figure {
        what: "check-in beside a stranger's flood, 99 % within, embedded",
        unit: "ms",
        against: WITHOUT,
        goal: "≤ 50 ms",
    },
    check_in_cpu: Figure {
        what: "app and database CPU of a check-in, embedded",
        unit: "µs",
        against: ROWS_SQLITE,
        goal: "app ≤ 250 µs",
    },
    database_cpu: None,
    occupancy: Figure { what: "occupancy, embedded", unit: "/s", against: ALIVE, goal: "" },
    occupancy_cpu: Figure {
        what: "CPU of an occupancy, embedded",
        unit: "µs",
        against: ALIVE,
        goal: "≤ 60 µs",
    },
    events: Figure { what: "events to the receiver, embedded", unit: "/s", against: ROWS_SQLITE, goal: "" },
    charged_half: Figure {
        what: "check-out to charge, half within, embedded",
        unit: "ms",
        against: FLUSH,
        goal: "≤ 2 flushes + 5 ms",
    },
    charged_most: Figure {
        what: "check-out to charge, 99 % within, embedded",
        unit: "ms",
        against: FLUSH,
        goal: "≤ 100 ms",
    },
};

const DISTRIBUTED: Wanted = Wanted {
    check_ins: Figure {
        what: "check-ins, distributed",
        unit: "/s",
        against: ROWS_POSTGRES,
        goal: "≥ 0.40x, later 0.70x",
    },
    crowded: Figure {
        what: "check-ins, 32 readers, distributed",
        unit: "/s",
        against: ROWS_POSTGRES,
        goal: "≥ 0.40x",
    },
    beside_a_flood: Figure {
        what: "check-in beside a stranger's flood, 99 % within, distributed",
        unit: "ms",
        against: WITHOUT,
        goal: "≤ 50 ms",
    },
    check_in_cpu: Figure {
        what: "app CPU of a check-in, distributed",
        unit: "µs",
        against: ROWS_POSTGRES,
        goal: "≤ 250 µs",
    },
    database_cpu: Some(Figure {
        what: "PostgreSQL's CPU of a check-in, distributed",
        unit: "µs",
        against: ROWS_POSTGRES,
        goal: "",
    }),
    occupancy: Figure { what: "occupancy, distributed", unit: "/s", against: ALIVE, goal: "" },
    occupancy_cpu: Figure {
        what: "app CPU of an occupancy, distributed",
        unit: "µs",
        against: ALIVE,
        goal: "≤ 60 µs",
    },
    events: Figure {
        what: "events to the receiver, distributed",
        unit: "/s",
        against: ROWS_POSTGRES,
        goal: "",
    },
    charged_half: Figure {
        what: "check-out to charge, half within, distributed",
        unit: "ms",
        against: FLUSH,
        goal: "≤ 2 flushes + 5 ms",
    },
    charged_most: Figure {
        what: "check-out to charge, 99 % within, distributed",
        unit: "ms",
        against: FLUSH,
        goal: "≤ 100 ms",
    },
};

/// Measures every figure once.
pub(super) fn run(stage: &Stage, pace: Pace, round: usize, figures: &mut Figures) -> Result<()> {
    let one_shape = |shape: &Shape, wanted: &Wanted, rows: &Rows, figures: &mut Figures| {
        let part = Part { stage, shape, wanted, rows, pace, round };
        part.check_ins(figures)?;
        part.crowded(figures)?;
        part.beside_a_flood(figures)?;
        part.occupancy(figures)?;
        part.events(figures)?;
        part.charges(figures)
    };
    let rows = stage.sqlite_rows.write(&stage.driver, pace.touch_seconds)?;
    one_shape(&stage.embedded, &EMBEDDED, &rows, figures)?;
    let rows = baseline::pgbench(&stage.servers, pace.touch_seconds)?;
    one_shape(&stage.distributed, &DISTRIBUTED, &rows, figures)
}

/// The part of one shape in a round.
struct Part<'a> {
    stage: &'a Stage,
    shape: &'a Shape,
    wanted: &'a Wanted,
    /// The maximum of the database.
    rows: &'a Rows,
    pace: Pace,
    round: usize,
}

impl Part<'_> {
    /// Check-ins and check-outs by 8 readers. Their CPU time includes publishing the events up to the last consumer.
    fn check_ins(&self, figures: &mut Figures) -> Result<()> {
        let (app, database) = (self.shape.id()?, self.database()?);
        let before = (cpu::of(app)?, cpu::of_family(database)?);
        let measured = self.touches("8")?;
        let count = measured.count("operations")?;
        let app_cpu = micros_each(cpu::of(app)?.saturating_sub(before.0), count);
        let rate = per_second(count, measured.time("elapsed_us")?);
        figures.record(self.wanted.check_ins, rate, self.rows.per_second);
        figures.record(self.wanted.check_in_cpu, app_cpu, self.rows.cpu_micros);
        if let Some(figure) = self.wanted.database_cpu {
            let database_cpu = micros_each(cpu::of_family(database)?.saturating_sub(before.1), count);
            figures.record(figure, database_cpu, self.rows.cpu_micros);
        }
        Ok(())
    }

    /// The same with 32 readers.
    fn crowded(&self, figures: &mut Figures) -> Result<()> {
        let measured = self.touches("32")?;
        let rate = per_second(measured.count("operations")?, measured.time("elapsed_us")?);
        figures.record(self.wanted.crowded, rate, self.rows.per_second);
        Ok(())
    }

    /// Measures the longest wait of two readers, with and without a stranger who requests the hubs a hundred times a
    /// second, many times in each request.
    fn beside_a_flood(&self, figures: &mut Figures) -> Result<()> {
        let most = |flood| self.touches_beside("2", flood)?.time("p99_us");
        let (without, beside) = (most("0")?, most("100")?);
        figures.record(self.wanted.beside_a_flood, millis(beside), millis(without));
        Ok(())
    }

    /// Lets members come and go for a while, until the last consumer has finished.
    fn touches(&self, readers: &str) -> Result<Measured> {
        self.touches_beside(readers, "0")
    }

    fn touches_beside(&self, readers: &str, flood: &str) -> Result<Measured> {
        let from = (self.round * self.pace.members / self.pace.rounds).to_string();
        let members = self.pace.members.to_string();
        let seconds = self.pace.touch_seconds.to_string();
        let touches = ["touches", "--token", &self.shape.reader, "--hub", HOME, "--series", AT_HOME];
        let how = ["--count", &members, "--from", &from, "--seconds", &seconds, "--connections", readers];
        let measured = self.drive(&[touches.as_slice(), &how, &["--flood", flood]].concat())?;
        self.wait_until_quiet()?;
        Ok(measured)
    }

    fn occupancy(&self, figures: &mut Figures) -> Result<()> {
        let seconds = self.pace.read_seconds.to_string();
        let (alive, alive_cpu) = self.read(&["--seconds", &seconds])?;
        let (occupancy, occupancy_cpu) = self.read(&["--seconds", &seconds, "--hub", HOME])?;
        figures.record(self.wanted.occupancy, occupancy, alive);
        figures.record(self.wanted.occupancy_cpu, occupancy_cpu, alive_cpu);
        Ok(())
    }

    /// Reads for a while; returns reads per second and the CPU time of one.
    fn read(&self, how: &[&str]) -> Result<(f64, f64)> {
        let app = self.shape.id()?;
        let before = cpu::of(app)?;
        let measured = self.drive(&[["reads"].as_slice(), how].concat())?;
        let cpu = cpu::of(app)?.saturating_sub(before);
        let count = measured.count("operations")?;
        Ok((per_second(count, measured.time("elapsed_us")?), micros_each(cpu, count)))
    }

    /// A burst of uploads, until monitoring has counted every visit of it.
    fn events(&self, figures: &mut Figures) -> Result<()> {
        let (uploads, from) = (self.pace.uploads, self.pace.uploads * self.round);
        let (uploads, from) = (uploads.to_string(), from.to_string());
        let members = self.pace.members.to_string();
        let burst = ["uploads", "--token", &self.shape.administrator, "--hub", HOME, "--series", AT_HOME];
        let how = ["--count", &members, "--uploads", &uploads, "--from", &from];
        let measured = self.drive(&[burst.as_slice(), &how].concat())?;
        let rate = per_second(measured.count("events")?, measured.time("elapsed_us")?);
        figures.record(self.wanted.events, rate, self.rows.per_second);
        self.wait_until_quiet()
    }

    /// Roaming visits at a gentle rate, each until its charge can be read.
    fn charges(&self, figures: &mut Figures) -> Result<()> {
        let flush = baseline::flush(self.stage.sqlite_rows.folder())?;
        let (visits, from) = (self.pace.charges, self.pace.charges * self.round);
        let (visits, from) = (visits.to_string(), from.to_string());
        let members = self.stage.roaming_members.to_string();
        let charges = ["charges", "--token", &self.shape.administrator, "--hub", AWAY, "--series", ROAMING];
        let how = ["--count", &members, "--visits", &visits, "--from", &from];
        let measured = self.drive(&[charges.as_slice(), &how].concat())?;
        figures.record(self.wanted.charged_half, millis(measured.time("p50_us")?), millis(flush));
        figures.record(self.wanted.charged_most, millis(measured.time("p99_us")?), millis(flush));
        Ok(())
    }

    fn drive(&self, arguments: &[&str]) -> Result<Measured> {
        let address = self.shape.address();
        self.stage.driver.run(&[arguments, ["--address", &address].as_slice()].concat())
    }

    fn database(&self) -> Result<u32> {
        self.stage.servers.postgres().id().context("the PostgreSQL server is ours")
    }

    fn wait_until_quiet(&self) -> Result<()> {
        cpu::wait_until_quiet(&[self.shape.id()?, self.database()?])
    }
}
