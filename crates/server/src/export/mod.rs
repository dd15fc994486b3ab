//! `GET /me/export`: all data of the services about the caller, as a ZIP that is generated while it is sent.
//!
//! Always true: callers export only themselves, as there is no way to name another person. Each service's marks decide
//! what is included. There is one file for each service, and a manifest at the end that explains each file, counts its
//! rows, and names what is withheld and why. At any moment only one piece (at most 500 rows) and its compressed form
//! are in memory, however long the history.

mod archive;
mod asking;
pub(crate) mod job;
mod manifest;

use std::{io, sync::Arc};

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use kernel::{Coded, DataSubject, ErrorCode, OpContext};
use platform_http::{Begun, Credentials, Download, HttpError};
use platform_module::About;

use self::{archive::Archive, asking::Asking, manifest::Manifest};
use crate::{App, AppAuthenticator, Service};

/// The path of the route.
pub(crate) const PATH: &str = "/me/export";

/// The services that show something to the subject of an export.
fn parts() -> impl Iterator<Item = &'static About> + Send {
    Service::all().map(Service::about).filter(|about| about.shows_personal_data())
}

/// Generates exports, in a process that runs identity.
pub struct Exports {
    app: App,
    graph_url: String,
}

impl Exports {
    /// Creates the exports of an application that runs identity; if identity runs alone, it queries the others at
    /// `graph_url`.
    pub fn new(app: App, graph_url: String) -> Arc<Self> {
        Arc::new(Self { app, graph_url })
    }
}

#[async_trait]
impl Download for Exports {
    async fn begin(&self, credentials: Credentials<'_>) -> Result<Begun, HttpError> {
        let (op, _) = AppAuthenticator::new(self.app.clone()).op(credentials)?;
        // Refuses an anonymous caller before any service is queried.
        DataSubject::of(&op).map_err(|refused| refusal(refused.code(), &refused))?;
        let asking = Asking::of(&self.app, &self.graph_url, &op, credentials.bearer);
        // Detects an unavailable part before the export is counted.
        for about in parts() {
            asking.piece(about, None).await?;
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
        for about in parts() {
            archive.begin_part(&format!("{}.json", about.name))?;
            let mut after = None;
            loop {
                let piece = asking.piece(about, after.as_deref()).await.map_err(|refusal| io::Error::other(refusal.message))?;
                for table in &piece.tables {
                    manifest.count(about, &table.name, table.rows.len());
                    archive.rows(&table.name, &table.rows)?;
                }
                // Sends what is ready before the next query.
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
            manifest.explain(about);
        }
        for silent in Service::all().map(Service::about).filter(|about| !about.shows_personal_data()) {
            manifest.explain_alone(silent);
        }
        archive.file("manifest.json", &manifest.text())?;
        yield archive.finish()?;
    })
}
