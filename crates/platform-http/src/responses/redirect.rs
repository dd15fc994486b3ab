//! Plain routes that redirect a browser, with a cookie for the way back, or show it an address.
//!
//! Always true: such a route shows no page and stores nothing by itself. Its cookie is unreadable to pages, returns to
//! these routes alone, and authenticates nobody. Requests here count as those of nameless callers. A parameter that
//! comes twice counts as missing.

use std::{net::IpAddr, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie as HttpCookie, SameSite, time::Duration as CookieAge},
    http::header,
    web,
};
use async_trait::async_trait;
use tokio::time::{Instant, timeout_at};

use crate::{
    ErrorCode, HttpError,
    callers::credentials::KeptCredentials,
    callers::language,
    limits::address,
    requests::pipeline::{self, Pipeline},
    responses::client_error::ClientError,
};

/// Redirects browsers.
#[async_trait]
pub trait Redirector: Send + Sync + 'static {
    /// Redirects a browser.
    ///
    /// # Errors
    /// Fails if the browser may not use the route, or not now.
    async fn pass(&self, visit: Visit) -> Result<Redirect, HttpError>;
}

/// A browser's request to a redirecting route.
#[derive(Clone, Default)]
pub struct Visit {
    /// The text in the place of `{key}` in the route's path.
    pub key: String,
    /// The query parameters in order.
    pub query: Vec<(String, String)>,
    /// The request's cookies.
    pub cookies: Vec<(String, String)>,
    /// The address the request came from.
    pub address: Option<IpAddr>,
}

impl Visit {
    /// The value of a query parameter that occurs once.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        one(&self.query, name)
    }

    /// The value of a cookie that occurs once.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        one(&self.cookies, name)
    }
}

fn one<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut named = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    named.next().filter(|_| named.next().is_none())
}

/// The response of a redirecting route.
#[derive(Clone, Debug)]
pub enum Redirect {
    /// A redirect to another address, with a cookie that is set or cleared.
    To {
        /// The address.
        location: String,
        /// The cookie.
        cookie: Cookie,
    },
    /// No redirect, but JSON.
    Here {
        /// The JSON text.
        json: String,
    },
}

/// A cookie of these routes.
#[derive(Clone)]
pub struct Cookie {
    /// The name.
    pub name: &'static str,
    /// The path, and below, that the cookie returns to.
    pub path: &'static str,
    /// The value; `None` clears the cookie.
    pub value: Option<String>,
    /// How long the cookie lasts.
    pub lifetime_seconds: i64,
}

impl std::fmt::Debug for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cookie").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Cookie {
    fn written(self, by_tls_only: bool) -> HttpCookie<'static> {
        let age = if self.value.is_some() { self.lifetime_seconds } else { 0 };
        HttpCookie::build(self.name, self.value.unwrap_or_default())
            .path(self.path)
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(by_tls_only)
            .max_age(CookieAge::seconds(age))
            .finish()
    }
}

/// `GET` of such a route.
pub(crate) async fn pass(
    http: HttpRequest,
    pipeline: web::Data<Pipeline>,
    redirector: Arc<dyn Redirector>,
) -> HttpResponse {
    let pipeline = pipeline.into_inner();
    match redirect(&http, &pipeline, redirector).await {
        Ok(response) => response,
        Err(refused) => {
            pipeline.figures.refused(refused.code());
            refused.respond_plainly(language::of(http.headers()))
        }
    }
}

async fn redirect(
    http: &HttpRequest,
    pipeline: &Arc<Pipeline>,
    redirector: Arc<dyn Redirector>,
) -> Result<HttpResponse, ClientError> {
    let deadline = Instant::now() + pipeline.edge.limits.request_deadline;
    let address = address::of(http, &pipeline.edge.trusted_proxies);
    // A token has no effect here: its owner counts as a nameless caller.
    let credentials = KeptCredentials::of(&header::HeaderMap::new(), address)?;
    pipeline.authenticate(&credentials).await?;
    let _place = pipeline.traffic.enter(crate::CallerClass::Nameless).await?;
    let visit = visit(http, address)?;
    let passing = pipeline.spawn(async move { redirector.pass(visit).await });
    let redirect =
        timeout_at(deadline, passing).await.unwrap_or_else(|_elapsed| Err(pipeline::too_late()))??;
    Ok(match redirect {
        Redirect::Here { json } => HttpResponse::Ok().content_type("application/json").body(json),
        Redirect::To { location, cookie } => HttpResponse::SeeOther()
            .insert_header((header::LOCATION, location))
            .cookie(cookie.written(pipeline.edge.behind_tls))
            .finish(),
    })
}

fn visit(http: &HttpRequest, address: IpAddr) -> Result<Visit, ClientError> {
    let unread = |_rubbish| ClientError::new(ErrorCode::InvalidInput, "The query cannot be read.");
    let query = web::Query::<Vec<(String, String)>>::from_query(http.query_string()).map_err(unread)?;
    let unread = |_rubbish| ClientError::new(ErrorCode::InvalidInput, "The cookies cannot be read.");
    let cookies = http.cookies().map_err(unread)?;
    let pair = |cookie: &HttpCookie<'static>| (cookie.name().to_owned(), cookie.value().to_owned());
    Ok(Visit {
        key: http.match_info().get("key").unwrap_or_default().to_owned(),
        query: query.into_inner(),
        cookies: cookies.iter().map(pair).collect(),
        address: Some(address),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_comes_twice_counts_as_none() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let query = vec![pair("code", "a"), pair("state", "b"), pair("code", "c")];
        let visit = Visit { query, ..Visit::default() };
        assert_eq!(visit.parameter("code"), None);
        assert_eq!(visit.parameter("state"), Some("b"));
        assert_eq!(visit.parameter("iss"), None);
    }

    #[test]
    fn a_cookie_is_for_these_routes_alone_and_behind_tls_for_tls_alone() {
        let cookie = |value: Option<&str>| Cookie {
            name: "hubnet_sign_in",
            path: "/sign-in",
            value: value.map(str::to_owned),
            lifetime_seconds: 600,
        };
        let set = cookie(Some("sealed")).written(true).to_string();
        assert_eq!(set, "hubnet_sign_in=sealed; HttpOnly; SameSite=Lax; Secure; Path=/sign-in; Max-Age=600");
        let cleared = cookie(None).written(false).to_string();
        assert_eq!(cleared, "hubnet_sign_in=; HttpOnly; SameSite=Lax; Path=/sign-in; Max-Age=0");
    }
}
