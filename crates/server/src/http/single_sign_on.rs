//! The routes of single sign-on: `GET /sign-in` lists a network's providers, `GET /sign-in/{key}` redirects a browser
//! to one, `GET /sign-in/{key}/answer` receives it again and redirects it to the app.
//!
//! Always true: the app's result stands behind the `#` of its address, where no server and no `Referer` sees it. A
//! browser is never redirected to an address that is not listed for the provider. The app gets an error only once it is
//! proven that the sign-in began here; otherwise the browser gets it.

use std::sync::Arc;

use async_trait::async_trait;
use identity::{Identity, IdentityError, JourneyAnswer, JourneyOutcome};
use kernel::{Caller, Coded, ErrorCode, OpContext};
use platform_http::{Cookie, HttpError, Redirect, Redirector, Visit};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::App;

const COOKIE: &str = "hubnet_sign_in";
const PATH: &str = "/sign-in";

/// Every route of an application that runs identity, and its redirector.
pub fn redirectors(app: &App) -> Vec<(&'static str, Arc<dyn Redirector>)> {
    let route = |step| -> Arc<dyn Redirector> { Arc::new(Route { app: app.clone(), step }) };
    vec![
        (PATH, route(Step::List)),
        ("/sign-in/{key}", route(Step::Begin)),
        ("/sign-in/{key}/answer", route(Step::Answer)),
    ]
}

#[derive(Clone, Copy)]
enum Step {
    List,
    Begin,
    Answer,
}

struct Route {
    app: App,
    step: Step,
}

#[async_trait]
impl Redirector for Route {
    async fn pass(&self, visit: Visit) -> Result<Redirect, HttpError> {
        let op = OpContext::new(Caller::Anonymous, self.app.world().clone()).with_address(visit.address);
        let away =
            || HttpError { code: ErrorCode::Unavailable, message: "identity does not run here".into() };
        let identity = self.app.identity().ok_or_else(away)?;
        match self.step {
            Step::List => list(identity, &visit).await,
            Step::Begin => begin(identity, &op, &visit).await,
            Step::Answer => answer(identity, &op, &visit).await,
        }
    }
}

async fn list(identity: &Identity, visit: &Visit) -> Result<Redirect, HttpError> {
    let network = visit.parameter("network").unwrap_or_default();
    let providers = identity.list_providers(network).await.map_err(refusal)?;
    Ok(Redirect::Here { json: json!({ "providers": providers }).to_string() })
}

async fn begin(identity: &Identity, op: &OpContext, visit: &Visit) -> Result<Redirect, HttpError> {
    let (return_to, challenge) = (visit.parameter("return_to"), visit.parameter("code_challenge"));
    let begun = identity.begin_journey(op, &visit.key, return_to, challenge).await.map_err(refusal)?;
    let sealed = begun.sealed.expose_secret().to_owned();
    let cookie =
        Cookie { name: COOKIE, path: PATH, value: Some(sealed), lifetime_seconds: begun.lifetime.as_secs() };
    Ok(Redirect::To { location: begun.location, cookie })
}

async fn answer(identity: &Identity, op: &OpContext, visit: &Visit) -> Result<Redirect, HttpError> {
    let answer = JourneyAnswer {
        sealed: visit.cookie(COOKIE),
        state: visit.parameter("state"),
        code: visit.parameter("code").filter(|_| visit.parameter("error").is_none()),
        issuer: visit.parameter("iss"),
    };
    let ended = identity.end_journey(op, &visit.key, answer).await.map_err(refusal)?;
    let outcome = match &ended.outcome {
        JourneyOutcome::HandedOver(handover) => format!("code={}", handover.expose_secret()),
        JourneyOutcome::Denied => "error=denied".into(),
        JourneyOutcome::Refused => "error=refused".into(),
        JourneyOutcome::Unavailable => "error=unavailable".into(),
    };
    let cookie = Cookie { name: COOKIE, path: PATH, value: None, lifetime_seconds: 0 };
    Ok(Redirect::To { location: format!("{}#{outcome}", ended.return_to), cookie })
}

fn refusal(error: IdentityError) -> HttpError {
    let code = error.code();
    let message = match &error {
        IdentityError::ProviderAway => error.to_string(),
        _ if matches!(code, ErrorCode::Internal | ErrorCode::Unavailable) => {
            tracing::error!(%error, "a sign-in by a provider does not go on");
            "this cannot be done now".into()
        }
        _ => error.to_string(),
    };
    HttpError { code, message }
}
