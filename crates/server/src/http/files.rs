//! Files over HTTP: `POST /files?purpose=<purpose>` receives one, `GET /files/<service>/<token>` sends one to whoever has its
//! link.
//!
//! Always true: only signed-in people send files, each for a purpose that a service has declared, with its limits. A file that
//! was received is nowhere to be seen until a use-case keeps it.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{AuthError, Caller, Coded, ErrorCode, OpContext};
use membership::FILE_PURPOSES;
use platform_files::{FileError, Files, NewFile};
use platform_http::{
    Credentials, HttpError, OpenedFile, PlainAnswer, PlainMethod, PlainOutcome, PlainRequest, PlainRoute,
    PlainRouteAt, StoredFileRoute,
};
use platform_module::Module;
use serde_json::json;

use crate::{App, AppAuthenticator};

const PATH: &str = "/files";

/// Where files are received: in a process that runs membership, which has purposes for them.
pub fn upload_routes(app: &App) -> Vec<PlainRouteAt> {
    let Some(files) = app.files_of(membership::ABOUT.name) else { return Vec::new() };
    let route: Arc<dyn PlainRoute> = Arc::new(Upload { app: app.clone(), files });
    vec![PlainRouteAt { path: PATH, method: PlainMethod::Post, route }]
}

/// Where files are sent from: a route for each service of the process.
pub fn stored_files(app: &App) -> Vec<(String, Arc<dyn StoredFileRoute>)> {
    let route = |module: &Arc<dyn Module>| {
        let service = module.about().name;
        let files = app.files_of(service)?;
        let route: Arc<dyn StoredFileRoute> = Arc::new(Sending { app: app.clone(), files });
        Some((format!("{PATH}/{service}/{{key}}"), route))
    };
    app.modules().iter().filter_map(route).collect()
}

struct Upload {
    app: App,
    files: Files,
}

#[async_trait]
impl PlainRoute for Upload {
    async fn answer(
        &self,
        credentials: Credentials<'_>,
        request: PlainRequest,
    ) -> Result<PlainAnswer, HttpError> {
        let (op, _) = AppAuthenticator::new(self.app.clone()).op(credentials)?;
        let (network, person) = sender(&op).map_err(|error| refusal(error.code(), &error))?;
        let purpose = request.parameter("purpose").unwrap_or_default();
        let rules = FILE_PURPOSES.iter().find(|rules| rules.purpose == purpose).ok_or_else(|| {
            let known: Vec<&str> = FILE_PURPOSES.iter().map(|rules| rules.purpose).collect();
            refusal(ErrorCode::InvalidInput, &format!("purpose must be one of {}", known.join(", ")))
        })?;
        let name = request.parameter("name").unwrap_or_default().to_owned();
        let file = NewFile { network, person: Some(person), name: &name, id: None };
        let received = self.files.receive(op.world(), rules, file, request.body).await;
        let received = received.map_err(|error| file_refusal(&error))?;
        let json = json!({
            "id": received.id.to_string(),
            "mediaType": received.file_type.media_type(),
            "sizeBytes": received.size_bytes,
            "sha256": received.sha256,
        });
        Ok(PlainAnswer { outcome: PlainOutcome::Made, json: json.to_string() })
    }
}

fn sender(op: &OpContext) -> Result<(kernel::NetworkId, kernel::PersonId), AuthError> {
    match op.caller() {
        Caller::Person { person, network, .. } => Ok((*network, *person)),
        Caller::Anonymous => Err(AuthError::Unauthenticated),
        Caller::Device { .. } | Caller::Program { .. } | Caller::System => Err(AuthError::Forbidden),
    }
}

struct Sending {
    app: App,
    files: Files,
}

#[async_trait]
impl StoredFileRoute for Sending {
    async fn open(&self, key: &str) -> Result<OpenedFile, HttpError> {
        let not_found = || refusal(ErrorCode::NotFound, &"there is no such file, or not any more");
        let world = self.app.world();
        let link = self.files.read_link(key, world.now()).ok_or_else(not_found)?;
        let found = self.files.find(world, link.network, link.file).await;
        let file = found.map_err(|error| file_refusal(&error.into()))?.ok_or_else(not_found)?;
        let bytes = self.files.read(&file).await.map_err(|error| file_refusal(&error))?;
        Ok(OpenedFile {
            media_type: file.file_type.media_type(),
            name: file.name,
            size_bytes: file.size_bytes,
            version: file.sha256,
            bytes,
        })
    }
}

/// A store's and a database's own words go to the log.
pub(crate) fn file_refusal(error: &FileError) -> HttpError {
    let code = error.code();
    if matches!(code, ErrorCode::Internal | ErrorCode::Unavailable) {
        tracing::error!(%error, "a file is not received or sent");
        return refusal(code, &"files cannot be received or sent now");
    }
    refusal(code, error)
}

fn refusal(code: ErrorCode, message: &dyn std::fmt::Display) -> HttpError {
    HttpError { code, message: message.to_string() }
}
