//! `GET /hubs/<hub id>/opening-hours.ics`: when a hub is open in the weeks to come, for calendars that subscribe to it.
//!
//! Always true: it says what the graph says about a hub to everybody (name, address, hours) and nothing else; it is
//! served where membership runs.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Coded as _, ErrorCode, HubId};
use membership::MembershipError;
use platform_http::{FileText, HttpError, PublicFile};

use crate::App;

const PATH: &str = "/hubs/{key}/opening-hours.ics";
/// How long a cache may answer without asking: a change of the hours is seen everywhere after this time.
const FRESH_FOR_SECONDS: u32 = 3_600;

/// The public files of a process that runs membership, and who makes them.
pub fn public_files(app: &App) -> Vec<(&'static str, Arc<dyn PublicFile>)> {
    let file = OpeningHoursFile { app: app.clone() };
    if app.membership().is_some() { vec![(PATH, Arc::new(file))] } else { Vec::new() }
}

struct OpeningHoursFile {
    app: App,
}

#[async_trait]
impl PublicFile for OpeningHoursFile {
    async fn read(&self, key: &str) -> Result<FileText, HttpError> {
        let no_hub = || refusal(&MembershipError::NotFound("hub"));
        let hub: HubId = key.parse().map_err(|_not_an_id| no_hub())?;
        let membership = self.app.membership().ok_or_else(no_hub)?;
        let text = membership.opening_hours_calendar(hub, self.app.world().now()).await;
        let text = text.map_err(|error| refusal(&error))?;
        let media_type = platform_calendar::Calendar::MEDIA_TYPE;
        Ok(FileText { media_type, text, fresh_for_seconds: FRESH_FOR_SECONDS })
    }
}

fn refusal(error: &MembershipError) -> HttpError {
    let code = error.code();
    let message = if matches!(code, ErrorCode::Internal | ErrorCode::Unavailable) {
        tracing::error!(%error, "a calendar of opening hours cannot be made");
        "the calendar cannot be made now".into()
    } else {
        error.to_string()
    };
    HttpError { code, message }
}
