//! The edge: everything between a socket and the graph.
//!
//! A request meets, in this order: the content type, the pace of strangers at its address, the size of its body, the
//! time its body takes, the query budget, the [`Gate`] (who calls), the pace of that caller, the room that is left, and
//! only then the [`GraphService`]. `POST` answers JSON or server-sent events, `GET` opens a graphql-transport-ws
//! socket; all three share one [`Limits`], one budget and one gate.
//!
//! Always true:
//! - nothing is parsed as GraphQL before the [`budget`] has counted it;
//! - every refusal carries a stable code (docs/ERRORS.md) and a sentence in the caller's language:
//!   `errors[].extensions.code` on `/graphql`, problem+json elsewhere;
//! - a mutation that has begun runs to its end, whether its client, its deadline or the server goes away;
//! - gate and service run on the runtime that built the edge, never on the web server's own threads;
//! - what the service says about its own faults goes to the log, not to the client.
//!
//! Deliberately absent: pages of sites that are not listed (CORS), cookies that say who calls, mutations by anything but a JSON `POST`,
//! queries by `GET`, batches, compressed request bodies.
//!
//! To add a plain route, register it beside [`configure`] and refuse with [`Problem`]; to add a limit, put it into
//! [`Limits`] and count it before the gate.

mod accept;
mod address;
mod asked;
mod body;
pub mod budget;
mod complete;
mod credentials;
mod cross_origin;
mod documents;
mod download;
mod edge;
mod events;
mod figures;
mod gate;
mod graphql;
mod health;
mod in_flight;
mod language;
mod lease;
mod limits;
mod nul;
mod operation;
mod parsed;
mod passage;
mod pipeline;
mod polish;
mod problem;
mod pump;
mod refused;
mod request_span;
mod routes;
mod server;
mod service;
mod socket;
mod traffic;
mod while_wanted;

pub use documents::{Documents, DocumentsError, DocumentsMode};
pub use download::{Begun, Download};
pub use edge::{Document, Edge, FrontPage};
pub use gate::{Admission, CallerClass, Credentials, Gate, Refusal};
pub use health::Probe;
pub use kernel::ErrorCode;
pub use limits::Limits;
pub use passage::{Cookie, Onward, Passage, Visit};
pub use problem::Problem;
pub use request_span::RequestSpan;
pub use routes::{configure, secure_headers};
pub use server::{BindError, Listener, ServeError, bind, serve};
pub use service::{GraphService, SchemaService};
pub use traffic::{Rate, SharedCounts, TrafficLimits};
