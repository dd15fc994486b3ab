//! CPU time and memory of processes, as the kernel counts them.
//!
//! Always true: times are in hundredths of a second, so they are meaningful only over a second or more.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// The kernel's tick, as programs see it.
const TICK: Duration = Duration::from_millis(10);
/// An idle application uses less than a tenth of a core.
const QUIET: Duration = Duration::from_millis(30);
const GLANCE: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(30);

/// One line of `/proc/PID/stat`.
struct Stat {
    parent: u32,
    own: Duration,
    ended_children: Duration,
}

/// CPU time of a process.
pub(super) fn of(id: u32) -> Result<Duration> {
    Ok(stat(id).with_context(|| format!("process {id} has ended"))?.own)
}

/// CPU time of a process and its children, ended ones included: a PostgreSQL server.
pub(super) fn of_family(id: u32) -> Result<Duration> {
    let head = stat(id).with_context(|| format!("process {id} has ended"))?;
    let children = processes()?.into_iter().filter(|child| child.parent == id).map(|child| child.own);
    Ok(head.own + head.ended_children + children.sum::<Duration>())
}

/// CPU time of every process we have started and waited for.
pub(super) fn of_ended_children() -> Result<Duration> {
    Ok(stat(std::process::id()).context("this process runs")?.ended_children)
}

/// Resident memory of a process in KiB.
pub(super) fn resident_kib(id: u32) -> Result<u32> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).context("the process has ended")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    kib.context("the kernel does not report the process's memory")
}

/// Waits until processes are idle: all events are published and consumed.
pub(super) fn wait_until_quiet(ids: &[u32]) -> Result<()> {
    let total = || ids.iter().map(|id| of_family(*id)).sum::<Result<Duration>>();
    let deadline = Instant::now() + PATIENCE;
    let mut before = total()?;
    while Instant::now() < deadline {
        sleep(GLANCE);
        let now = total()?;
        if now.saturating_sub(before) <= QUIET {
            return Ok(());
        }
        before = now;
    }
    anyhow::bail!("something is still at work after {} s", PATIENCE.as_secs())
}

fn processes() -> Result<Vec<Stat>> {
    let folders = fs::read_dir("/proc").context("only Linux reports the cost of processes")?;
    let ids = folders.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Ok(ids.filter_map(stat).collect())
}

fn stat(id: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

/// The name in parentheses may contain anything, so fields are counted from the last closing parenthesis.
fn parse(line: &str) -> Option<Stat> {
    let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<u32>().ok();
    let time = |user: usize, system: usize| Some(TICK * ticks(user)?.checked_add(ticks(system)?)?);
    Some(Stat { parent: ticks(1)?, own: time(11, 12)?, ended_children: time(13, 14)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_may_be_called_anything() {
        let line = "7 (a) b) S 3 7 7 0 -1 4194304 100 0 0 0 5 2 11 4 20 0 1 0";
        let stat = parse(line).expect("a line of the kernel's");
        assert_eq!(stat.parent, 3);
        assert_eq!(stat.own, Duration::from_millis(70));
        assert_eq!(stat.ended_children, Duration::from_millis(150));
    }
}
