//! The edge: everything between a socket and the graph.
//!
//! A request passes, in this order: the content type, the rate of nameless callers at its address, the size of its
//! body, the time its body takes, the query budget, the [`Authenticator`], the rate of its caller, the limit of
//! requests at once, and then the [`GraphService`]. `POST` returns JSON or server-sent events, `GET` opens a
//! graphql-transport-ws socket; all three share one [`Limits`], one budget and one authenticator.
//!
//! Always true:
//! - Nothing is parsed as GraphQL before the [`budget`] has counted it.
//! - Every error carries a stable code (docs/ERRORS.md) and a sentence in the caller's language:
//!   `errors[].extensions.code` on `/graphql`, problem+json elsewhere.
//! - A mutation that has begun runs to its end, whether its client, its deadline or the server goes away.
//! - Authenticator and service run on the runtime that built the edge, never on the web server's own threads.
//! - A service's message about an internal fault goes to the log, not to the client.
//!
//! Deliberately absent: pages of sites that are not listed (CORS), cookies that identify callers, mutations by anything
//! but a JSON `POST`, queries by `GET`, batches, compressed request bodies.
//!
//! To add a plain route, register it beside [`configure`] and refuse with [`Problem`]; to add a limit, put it into
//! [`Limits`] and count it before the authenticator.

mod accept;
mod address;
mod authenticator;
mod body;
pub mod budget;
mod client_error;
mod complete;
mod credentials;
mod cross_origin;
mod documents;
mod download;
mod edge;
mod error_format;
mod figures;
mod graphql;
mod health;
mod in_flight;
mod language;
mod limits;
mod nul_characters;
mod operation;
mod operation_stream;
mod parsed;
mod pipeline;
mod problem;
mod public_file;
mod readmission;
mod redirect;
mod request;
mod request_span;
mod routes;
mod server;
mod service;
mod socket;
mod sse;
mod traffic;
mod while_wanted;

pub use authenticator::{Admission, Authenticator, CallerClass, Credentials, HttpError};
pub use documents::{Documents, DocumentsError, DocumentsMode};
pub use download::{Begun, Download};
pub use edge::{Document, Edge, FrontPage};
pub use health::Probe;
pub use kernel::ErrorCode;
pub use limits::Limits;
pub use problem::Problem;
pub use public_file::{FileText, PublicFile};
pub use redirect::{Cookie, Redirect, Redirector, Visit};
pub use request_span::RequestSpan;
pub use routes::{configure, secure_headers};
pub use server::{BindError, Listener, ServeError, bind, serve};
pub use service::{GraphService, SchemaService};
pub use traffic::{Rate, SharedCounts, TrafficLimits};
