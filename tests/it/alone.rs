//! Tests that need a process of their own, because what they look at belongs to the whole process: its log. Beside
//! another listener of the process, spans that end on a thread of a library's own would be closed in the wrong one, whose
//! panic takes that thread along (<https://github.com/tokio-rs/tracing/issues/2870>).

use std::{env, process::Command};

/// Set for the process that runs one test alone.
const ALONE: &str = "HUBNET_TEST_ALONE";

/// Whether this process runs nothing but the test of that name. Where it does not, one that does has been started and
/// has passed.
///
/// # Panics
/// When the test fails there: with all it printed.
pub(crate) fn is_alone(test: &str) -> bool {
    if env::var(ALONE).is_ok_and(|alone| alone == test) {
        return true;
    }
    let tests = env::current_exe().expect("this test is a program");
    let run = Command::new(tests).args([test, "--exact", "--nocapture"]).env(ALONE, test).output();
    let run = run.expect("the test starts in a process of its own");
    let (printed, complaints) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{test}, alone:\n{printed}\n{complaints}");
    assert!(printed.contains("1 passed"), "there is no test {test}:\n{printed}");
    false
}
