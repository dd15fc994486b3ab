//! Files: whether the store takes one, and whether what nobody wants is deleted.

use jiff::SignedDuration;

use super::Findings;
use crate::App;

/// What is due for longer is not swept.
const LONG: SignedDuration = SignedDuration::from_hours(2);

pub(super) async fn examine(app: &App, findings: &mut Findings) {
    let examined = app.file_store().examine().await;
    findings
        .note("files", examined.map(|()| "the store takes them".into()).map_err(|error| error.to_string()));
    for db in app.databases() {
        let counted = platform_files::count(db, app.world().now()).await.map_err(|error| error.to_string());
        match counted {
            Ok(counts) => {
                let now = app.world().now();
                if counts.since.is_some_and(|since| now.duration_since(since) > LONG) {
                    let wrong = format!("{} are not deleted: see `hubnet jobs list`", counts.due);
                    findings.note("unwanted files", Err(wrong));
                }
            }
            Err(error) => findings.note("unwanted files", Err(error)),
        }
    }
}
