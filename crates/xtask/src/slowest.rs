//! The slowest tests of a run.
//!
//! The test harness measures each test (`--report-time`), which only a nightly toolchain offers; like every nightly
//! option it is enabled by `RUSTC_BOOTSTRAP`, here for the test programs alone and not for the compiler.

use std::fmt::Write as _;

/// The configuration of cargo that starts each test program with measured tests.
#[cfg(unix)]
pub(crate) const MEASURED: Option<&str> = Some(
    r#"target."cfg(unix)".runner=["sh","-c","RUSTC_BOOTSTRAP=1 exec \"$0\" \"$@\" -Zunstable-options --report-time"]"#,
);
/// Elsewhere tests are not measured.
#[cfg(not(unix))]
pub(crate) const MEASURED: Option<&str> = None;

const SHOWN: usize = 12;

/// Measured tests.
#[derive(Debug, Default)]
pub(crate) struct Slowest(Vec<(f64, String)>);

impl Slowest {
    /// Records the time that a line of the harness states, and returns the line without it.
    pub(crate) fn take<'l>(&mut self, line: &'l str) -> &'l str {
        let Some((verdict, rest)) = line.rsplit_once(" <") else { return line };
        let seconds = rest.strip_suffix("s>").and_then(|seconds| seconds.parse().ok());
        let name = verdict.strip_prefix("test ").and_then(|test| test.split(" ... ").next());
        let (Some(seconds), Some(name)) = (seconds, name) else { return line };
        self.0.push((seconds, name.to_owned()));
        verdict
    }

    /// Returns a table of the slowest tests, or nothing if none was measured.
    pub(crate) fn table(&mut self) -> String {
        self.0.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let mut table = String::new();
        if !self.0.is_empty() {
            table.push_str("the slowest tests:\n");
        }
        for (seconds, name) in self.0.iter().take(SHOWN) {
            let _infallible = writeln!(table, "{seconds:8.1} s  {name}");
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_test_comes_first_and_its_line_is_as_ever() {
        let mut slowest = Slowest::default();
        assert_eq!(slowest.take("test a::quick ... ok <0.012s>"), "test a::quick ... ok");
        assert_eq!(slowest.take("test a::slow ... FAILED <61.500s>"), "test a::slow ... FAILED");
        assert_eq!(slowest.take("left < right <3>"), "left < right <3>");
        assert_eq!(slowest.table(), "the slowest tests:\n    61.5 s  a::slow\n     0.0 s  a::quick\n");
    }
}
