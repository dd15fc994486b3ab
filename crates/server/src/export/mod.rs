//! `GET /me/export`: everything the services keep about whoever asks, as a ZIP that is made while it is sent.
//!
//! Always true: the caller exports themselves and nobody else, for there is no way to name anybody else; what is in it
//! each service decides by its marks; a file a service, and a manifest at the end that says what each of them is, how
//! many rows it holds and what is kept back and why. At any moment one piece (at most 500 rows) and what it compresses
//! to are in memory, however long the history.

mod archive;
mod asking;
mod manifest;

use std::{io, sync::Arc};

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use kernel::{Coded, DataSubject, ErrorCode, Export, OpContext};
use migrations::Service;
use platform_http::{Begun, Credentials, Download, HttpError};

use self::{archive::Archive, asking::Asking, manifest::Manifest};
use crate::{App, AppAuthenticator};

/// Where it is.
pub(crate) const PATH: &str = "/me/export";
/// The services, the field each answers its part with, and the marks that say what the part is.
const PARTS: [(Service, &str, &Export); 4] = [
    (Service::Membership, "membershipPersonalData", &membership::personal::EXPORT),
    (Service::Roaming, "roamingPersonalData", &roaming::personal::EXPORT),
    (Service::Events, "eventsPersonalData", &events::personal::EXPORT),
    (Service::Identity, "identityPersonalData", &identity::personal::EXPORT),
];

/// Makes exports, beside identity.
pub struct Exports {
    app: App,
    graph_url: String,
}

impl Exports {
    /// Of an application that runs identity; one that runs it alone asks the others at `graph_url`.
    pub fn new(app: App, graph_url: String) -> Arc<Self> {
        Arc::new(Self { app, graph_url })
    }
}

#[async_trait]
impl Download for Exports {
    async fn begin(&self, credentials: Credentials<'_>) -> Result<Begun, HttpError> {
        let (op, _) = AppAuthenticator::new(self.app.clone()).op(credentials)?;
        // Whoever is nobody is told so before anybody else is asked.
        DataSubject::of(&op).map_err(|refused| refusal(refused.code(), &refused))?;
        let asking = Asking::of(&self.app, &self.graph_url, &op, credentials.bearer);
        // A part that is away is noticed before the export is counted.
        for (_, field, _) in PARTS {
            asking.piece(field, None).await?;
        }
        let subject = self.admit(&op).await?;
        let made_on = op.now().strftime("%Y-%m-%d").to_string();
        Ok(Begun {
            media_type: "application/zip",
            file_name: format!("hubnet-export-{made_on}.zip"),
            pieces: pieces(asking, Manifest::new(subject, op.now())),
        })
    }
}

impl Exports {
    async fn admit(&self, op: &OpContext) -> Result<DataSubject, HttpError> {
        let away =
            || HttpError { code: ErrorCode::Unavailable, message: "identity does not run here".into() };
        let identity = self.app.identity().ok_or_else(away)?;
        identity.begin_export(op).await.map_err(|error| match error.code() {
            code @ (ErrorCode::Internal | ErrorCode::Unavailable) => {
                tracing::error!(%error, "an export did not begin");
                refusal(code, &"the export cannot begin now")
            }
            code => refusal(code, &error),
        })
    }
}

fn refusal(code: ErrorCode, message: &dyn std::fmt::Display) -> HttpError {
    HttpError { code, message: message.to_string() }
}

fn pieces(asking: Asking, mut manifest: Manifest) -> BoxStream<'static, io::Result<Vec<u8>>> {
    Box::pin(async_stream::try_stream! {
        let mut archive = Archive::new(manifest.made_at());
        archive.file("README.txt", manifest::README)?;
        for (service, field, export) in PARTS {
            archive.begin_part(&format!("{}.json", service.name()))?;
            let mut after = None;
            loop {
                let piece = asking.piece(field, after.as_deref()).await.map_err(|refusal| io::Error::other(refusal.message))?;
                for table in &piece.tables {
                    manifest.count(service, &table.name, table.rows.len());
                    archive.rows(&table.name, &table.rows)?;
                }
                // What is ready goes before more is asked for.
                let ready = archive.take();
                if !ready.is_empty() {
                    yield ready;
                }
                match piece.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            archive.end_part()?;
            manifest.explain(service, export);
        }
        manifest.explain_alone(Service::Monitoring, &monitoring::personal::EXPORT);
        archive.file("manifest.json", &manifest.text())?;
        yield archive.finish()?;
    })
}
