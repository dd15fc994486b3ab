//! Tests that need a process of their own, because they read the log of the whole process. Beside another log
//! subscriber, spans that end on a library's own thread would be closed in the wrong one, whose panic ends that
//! thread (<https://github.com/tokio-rs/tracing/issues/2870>).

use std::{env, process::Command};

/// Set for the process that runs one test alone.
const ALONE: &str = "HUBNET_TEST_ALONE";

/// Returns whether this process runs only the test of that name. If not, such a process was started and has passed.
///
/// # Panics
/// If the test fails there: with its output.
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
