//! What this process serves over HTTP beside the graph: pages, files, sign-in, readiness.

pub(crate) mod authenticator;
pub(crate) mod files;
pub(crate) mod front_door;
pub(crate) mod front_page;
pub(crate) mod opening_hours_file;
pub(crate) mod probe;
pub(crate) mod sign_in;
pub(crate) mod single_sign_on;
pub(crate) mod unsubscribe;
