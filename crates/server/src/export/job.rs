//! Exports that are made in the background: `POST /me/exports` begins one, `GET /me/exports/<id>` says when it is there and
//! where.
//!
//! Always true: an export is made in the name of whoever asked for it, and only they find it. The archive is there for a
//! day; a link to it works for some minutes. A job that runs again makes the same file anew.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use jiff::SignedDuration;
use kernel::{Coded, DataSubject, ErrorCode, FileId, JobId, JobState};
use platform_db::Reach;
use platform_files::{FileError, FileRules, FileType, Files, NewFile, StoredFile};
use platform_http::{
    Credentials, HttpError, PlainAnswer, PlainMethod, PlainOutcome, PlainRequest, PlainRoute, PlainRouteAt,
};
use platform_jobs::{JobError, Kind, NewJob, Run};
use serde_json::json;
use uuid::Uuid;

use super::{Exports, Manifest, asking::Asking, parts, pieces, refusal};
use crate::{AppAuthenticator, http::files::file_refusal};

/// The kind of these jobs.
pub(crate) const JOB: &str = "export_archive";
const PATH: &str = "/me/exports";

/// An archive may be long; it is written while it is made.
const RULES: FileRules =
    FileRules { purpose: "export", largest_bytes: 4 * 1024 * 1024 * 1024, types: &[FileType::Zip] };
/// So long an archive is there.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// So long a link to it works; whoever asks again gets a new one.
const LINK: SignedDuration = SignedDuration::from_mins(10);

impl Exports {
    /// The routes.
    pub fn plain_routes(self: &Arc<Self>) -> Vec<PlainRouteAt> {
        let begin: Arc<dyn PlainRoute> = Arc::new(Begin(Arc::clone(self)));
        let look: Arc<dyn PlainRoute> = Arc::new(Look(Arc::clone(self)));
        vec![
            PlainRouteAt { path: PATH, method: PlainMethod::Post, route: begin },
            PlainRouteAt { path: "/me/exports/{key}", method: PlainMethod::Get, route: look },
        ]
    }

    /// The kind of job that makes archives.
    pub(crate) fn kind(self: &Arc<Self>) -> Kind {
        let exports = Arc::clone(self);
        let kind = Kind::new(JOB, move |run| {
            let exports = Arc::clone(&exports);
            async move { exports.make(&run).await }
        });
        kind.at_most(2)
    }

    fn files(&self) -> Result<Files, HttpError> {
        let away = || refusal(ErrorCode::Unavailable, &"identity does not run here");
        self.app.files_of(identity::ABOUT.name).ok_or_else(away)
    }

    /// Makes an archive and keeps it.
    async fn make(&self, run: &Run) -> Result<(), JobError> {
        let op = run.op();
        let subject = DataSubject::of(&op).map_err(|refused| JobError::fail(refused.code(), refused))?;
        let bearer = self.bearer(run)?;
        let asking = Asking::of(&self.app, &self.graph_url, &op, bearer.as_deref());
        let files = self.files().map_err(|away| JobError::retry(away.code, away.message))?;
        let archive = pieces(asking, Manifest::new(subject, op.now()));
        let archive = archive.map(|piece| piece.map(Bytes::from));
        let made_on = op.now().strftime("%Y-%m-%d").to_string();
        let file = NewFile {
            network: subject.network,
            person: Some(subject.person),
            name: &format!("hubnet-export-{made_on}.zip"),
            id: Some(file_of(run.id())),
        };
        let received =
            files.receive(op.world(), &RULES, file, archive).await.map_err(|error| unmade(&error))?;
        let tx = files.db().write(Reach::Network(subject.network)).await?;
        let (now, person) = (op.now(), Some(subject.person));
        let wanted = platform_files::Wanted { id: received.id, person, purpose: RULES.purpose };
        let kept = platform_files::keep(&tx, subject.network, wanted, now, Some(now + KEPT));
        if kept.await?.is_none() {
            return Err(JobError::retry(ErrorCode::Internal, "the archive was removed meanwhile"));
        }
        tx.commit().await?;
        Ok(())
    }

    /// A token for the router, in the name of whoever asked, where the other services are not in this process.
    fn bearer(&self, run: &Run) -> Result<Option<String>, JobError> {
        if self.app.set() == crate::ServiceSet::All {
            return Ok(None);
        }
        let (op, lifetime) = (run.op(), identity::ACCESS_LIFETIME);
        let token = self.app.tokens().issue(op.caller(), None, op.now(), lifetime);
        token.map(Some).map_err(|error| JobError::retry(ErrorCode::Internal, error))
    }
}

/// The file of a job: the same, however often it runs.
fn file_of(job: JobId) -> FileId {
    Uuid::from(job).into()
}

fn unmade(error: &FileError) -> JobError {
    tracing::warn!(%error, "an export is not made");
    let code = match error.code() {
        // The archive breaks off when a part of the service is away.
        ErrorCode::InvalidInput => ErrorCode::Unavailable,
        code => code,
    };
    JobError::retry(code, "the export is not made now")
}

struct Begin(Arc<Exports>);

#[async_trait]
impl PlainRoute for Begin {
    async fn answer(
        &self,
        credentials: Credentials<'_>,
        _request: PlainRequest,
    ) -> Result<PlainAnswer, HttpError> {
        let exports = &self.0;
        let (op, _) = AppAuthenticator::new(exports.app.clone()).op(credentials)?;
        DataSubject::of(&op).map_err(|refused| refusal(refused.code(), &refused))?;
        let asking = Asking::of(&exports.app, &exports.graph_url, &op, credentials.bearer);
        // Detects an unavailable part before the export is counted.
        for about in parts() {
            asking.piece(about, None).await?;
        }
        let subject = exports.admit(&op).await?;
        let files = exports.files()?;
        let queued = async {
            let tx = files.db().write(Reach::Network(subject.network)).await?;
            let job = platform_jobs::enqueue(&tx, &op, subject.network, NewJob::without_input(JOB)).await?;
            tx.commit().await?;
            Ok(job)
        };
        let job = queued.await.map_err(|error: platform_db::DbError| file_refusal(&error.into()))?;
        let path = format!("{PATH}/{job}");
        let json = json!({ "id": job.to_string(), "state": JobState::Waiting.word(), "file": null });
        Ok(PlainAnswer { outcome: PlainOutcome::Begun(path), json: json.to_string() })
    }
}

struct Look(Arc<Exports>);

#[async_trait]
impl PlainRoute for Look {
    async fn answer(
        &self,
        credentials: Credentials<'_>,
        request: PlainRequest,
    ) -> Result<PlainAnswer, HttpError> {
        let exports = &self.0;
        let (op, _) = AppAuthenticator::new(exports.app.clone()).op(credentials)?;
        let subject = DataSubject::of(&op).map_err(|refused| refusal(refused.code(), &refused))?;
        let not_found = || refusal(ErrorCode::NotFound, &"there is no such export");
        let id: JobId = request.key.parse().map_err(|_not_an_id| not_found())?;
        let files = exports.files()?;
        let read = async {
            let job = platform_jobs::find_own(files.db(), &op, subject.network, id).await?;
            let file = files.find(op.world(), subject.network, file_of(id)).await?;
            Ok((job, file))
        };
        let (job, file) = read.await.map_err(|error: platform_db::DbError| file_refusal(&error.into()))?;
        let job = job.filter(|job| job.kind == JOB).ok_or_else(not_found)?;
        let file = file.filter(|file| file.person == Some(subject.person) && job.state == JobState::Done);
        let shown = |file: StoredFile| {
            json!({
                "path": files.link(&file, op.now(), LINK),
                "sizeBytes": file.size_bytes,
                "sha256": file.sha256,
                "expiresAt": file.expires_at.map(|at| at.to_string()),
            })
        };
        let json = json!({
            "id": job.id.to_string(),
            "state": job.state.word(),
            "code": job.code,
            "file": file.map(shown),
        });
        Ok(PlainAnswer { outcome: PlainOutcome::Found, json: json.to_string() })
    }
}
