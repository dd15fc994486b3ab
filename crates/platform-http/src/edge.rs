//! What an edge is made of.

use std::{
    net::IpAddr,
    sync::{Arc, atomic::AtomicBool},
    time::SystemTime,
};

use jiff::Timestamp;
use kernel::Language;

use crate::{Authenticator, Documents, Download, GraphService, Limits, Probe, Redirector, SharedCounts};

/// The parts of an edge. [`Edge::new`] gives quiet defaults; every field may be set.
#[derive(Clone)]
pub struct Edge {
    /// Answers.
    pub service: Arc<dyn GraphService>,
    /// Says who calls.
    pub authenticator: Arc<dyn Authenticator>,
    /// Says whether this process can answer.
    pub probe: Arc<dyn Probe>,
    /// How much one caller may ask.
    pub limits: Limits,
    /// Whether a browser that opens `/graphql` gets an explorer (its scripts come from a public CDN).
    pub graphiql: bool,
    /// Origins (`https://example.org`) whose pages may ask and open sockets, besides our own.
    pub allowed_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether browsers are told to come by TLS only: something in front of us speaks it.
    pub behind_tls: bool,
    /// Set before the process stops: readiness fails and connections end after their next response, while requests are
    /// still answered, so that a load balancer has time to send the next ones elsewhere.
    pub leaving: Arc<AtomicBool>,
    /// Queries known beforehand.
    pub documents: Arc<Documents>,
    /// Where processes add up how often callers ask.
    pub shared_counts: Option<Arc<dyn SharedCounts>>,
    /// What `/metrics` answers.
    pub metrics_text: Arc<dyn Fn() -> String + Send + Sync>,
    /// Public documents beside the graph: a path, its media type, and what it says at the moment.
    pub public_documents: Vec<Document>,
    /// The page a browser gets at `/`, in its reader's language. `None`: `/` is no route.
    pub front_page: Option<FrontPage>,
    /// Files made for whoever asks: the path of each, and who makes them.
    pub downloads: Vec<(&'static str, Arc<dyn Download>)>,
    /// Routes a browser passes through: the path of each, in which `{key}` stands for a word, and who sends it on.
    pub redirectors: Vec<(&'static str, Arc<dyn Redirector>)>,
    /// Compared with [`Admission::expires_at`](crate::Admission::expires_at).
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Edge {
    /// An edge with default limits, no explorer, no foreign origins, no figures and the clock on the wall.
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
            clock: Arc::new(wall_clock),
        }
    }
}

/// Makes the page at `/` in a language. It may style itself; scripts and anything from elsewhere are blocked.
pub type FrontPage = Arc<dyn Fn(Language) -> String + Send + Sync>;

/// A public document: keys to verify tokens with, and the like.
#[derive(Clone)]
pub struct Document {
    /// Where it is, `/.well-known/jwks.json`.
    pub path: &'static str,
    /// What it is, `application/json`.
    pub media_type: &'static str,
    /// What it says at the moment.
    pub text: Arc<dyn Fn() -> String + Send + Sync>,
}

fn wall_clock() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::MAX)
}
