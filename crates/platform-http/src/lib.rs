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

pub mod budget;
mod callers;
mod documents;
mod edge;
mod figures;
mod health;
mod limits;
mod requests;
mod responses;
mod routes;
mod server;
mod sockets;

pub use callers::authenticator::{Admission, Authenticator, CallerClass, Credentials, HttpError};
pub use documents::{Documents, DocumentsError, DocumentsMode};
pub use edge::{Document, Edge, FrontPage};
pub use health::Probe;
pub use kernel::ErrorCode;
pub use limits::Limits;
pub use limits::traffic::{Rate, SharedCounts, TrafficLimits};
pub use requests::request_span::RequestSpan;
pub use requests::service::{GraphService, SchemaService};
pub use responses::download::{Begun, Download};
pub use responses::link_page::{LinkPage, Page};
pub use responses::plain::{PlainAnswer, PlainMethod, PlainOutcome, PlainRequest, PlainRoute, PlainRouteAt};
pub use responses::problem::Problem;
pub use responses::public_file::{FileText, PublicFile};
pub use responses::redirect::{Cookie, Redirect, Redirector, Visit};
pub use responses::stored_file::{OpenedFile, StoredFileRoute};
pub use routes::{configure, secure_headers};
pub use server::{BindError, Listener, ServeError, bind, serve};
