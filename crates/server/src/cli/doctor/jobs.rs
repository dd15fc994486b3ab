//! Jobs that have failed: nobody does them again by themselves.

use kernel::JobState;

use super::Findings;
use crate::App;

/// Names the kinds of the jobs that have failed.
pub(super) async fn examine(app: &App, findings: &mut Findings) {
    let mut failed = Vec::new();
    for db in app.databases() {
        match platform_jobs::count_queued(db).await {
            Ok(counts) => failed.extend(counts.into_iter().filter(|count| count.state == JobState::Failed)),
            Err(error) => findings.note("jobs", Err(error.to_string())),
        }
    }
    let kinds: Vec<String> = failed.iter().map(|count| format!("{} {}", count.jobs, count.kind)).collect();
    let finding = if kinds.is_empty() {
        Ok("none has failed".into())
    } else {
        Err(format!("failed: {}; see `hubnet jobs list`, then `hubnet jobs retry`", kinds.join(", ")))
    };
    findings.note("jobs", finding);
}
