//! The parts of an edge.

use std::{
    net::IpAddr,
    sync::{Arc, atomic::AtomicBool},
    time::SystemTime,
};

use jiff::Timestamp;
use kernel::Language;

use crate::{
    Authenticator, Documents, Download, GraphService, Limits, LinkPage, PlainRouteAt, Probe, PublicFile,
    Redirector, SharedCounts, StoredFileRoute,
};

/// The parts of an edge. [`Edge::new`] sets quiet defaults; every field may be set.
#[derive(Clone)]
pub struct Edge {
    /// Executes operations.
    pub service: Arc<dyn GraphService>,
    /// Identifies callers.
    pub authenticator: Arc<dyn Authenticator>,
    /// Reports whether this process can serve requests.
    pub probe: Arc<dyn Probe>,
    /// The limits of one caller's requests.
    pub limits: Limits,
    /// Whether a browser that opens `/graphql` gets an explorer (its scripts come from a public CDN).
    pub graphiql: bool,
    /// Origins (`https://example.org`) whose pages may send requests and open sockets, besides the server's own.
    pub allowed_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether browsers are told to use TLS only; a proxy in front of the server terminates it.
    pub behind_tls: bool,
    /// Set before the process stops: readiness fails and connections end after their next response, while requests are
    /// still served, so that a load balancer has time to send the next ones elsewhere.
    pub leaving: Arc<AtomicBool>,
    /// The trusted documents.
    pub documents: Arc<Documents>,
    /// Where processes add up how many requests callers send.
    pub shared_counts: Option<Arc<dyn SharedCounts>>,
    /// Returns the text of `/metrics`.
    pub metrics_text: Arc<dyn Fn() -> String + Send + Sync>,
    /// Public documents beside the graph: a path, its media type, and its current text.
    pub public_documents: Vec<Document>,
    /// The page that a browser gets at `/`, in its reader's language. `None`: `/` is no route.
    pub front_page: Option<FrontPage>,
    /// Files generated for the caller: their paths and generators.
    pub downloads: Vec<(&'static str, Arc<dyn Download>)>,
    /// Routes that redirect browsers: their paths, in which `{key}` stands for a word, and their redirectors.
    pub redirectors: Vec<(&'static str, Arc<dyn Redirector>)>,
    /// Public files that an address names: the path of each, in which `{key}` stands for a word, and who makes it.
    pub public_files: Vec<(&'static str, Arc<dyn PublicFile>)>,
    /// Pages behind links that carry their own authority: the path of each, in which `{key}` stands for a word.
    pub link_pages: Vec<(String, Arc<dyn LinkPage>)>,
    /// Routes that answer callers with a token with JSON.
    pub plain_routes: Vec<PlainRouteAt>,
    /// Stored files behind links: the path of each route, in which `{key}` stands for a word, and who opens them.
    pub stored_files: Vec<(String, Arc<dyn StoredFileRoute>)>,
    /// Compared with [`Admission::expires_at`](crate::Admission::expires_at).
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Edge {
    /// Creates an edge with default limits and the system clock, without explorer, foreign origins and metrics.
    pub fn new(
        service: Arc<dyn GraphService>,
        authenticator: Arc<dyn Authenticator>,
        probe: Arc<dyn Probe>,
    ) -> Self {
        Self {
            service,
            authenticator,
            probe,
            limits: Limits::default(),
            graphiql: false,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            behind_tls: false,
            leaving: Arc::default(),
            documents: Arc::default(),
            shared_counts: None,
            metrics_text: Arc::new(String::new),
            public_documents: Vec::new(),
            front_page: None,
            downloads: Vec::new(),
            redirectors: Vec::new(),
            public_files: Vec::new(),
            link_pages: Vec::new(),
            plain_routes: Vec::new(),
            stored_files: Vec::new(),
            clock: Arc::new(wall_clock),
        }
    }
}

/// Makes the page at `/` in a language. It may contain styles; scripts and anything from elsewhere are blocked.
pub type FrontPage = Arc<dyn Fn(Language) -> String + Send + Sync>;

/// A public document, such as the keys to verify tokens with.
#[derive(Clone)]
pub struct Document {
    /// The path, such as `/.well-known/jwks.json`.
    pub path: &'static str,
    /// The media type, such as `application/json`.
    pub media_type: &'static str,
    /// Returns the current text.
    pub text: Arc<dyn Fn() -> String + Send + Sync>,
}

fn wall_clock() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::MAX)
}
