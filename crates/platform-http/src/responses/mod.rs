//! What the edge answers with: errors, problems, files, downloads and redirects.

pub(crate) mod client_error;
pub(crate) mod download;
pub(crate) mod error_format;
pub(crate) mod link_page;
pub(crate) mod plain;
pub(crate) mod problem;
pub(crate) mod public_file;
pub(crate) mod redirect;
pub(crate) mod stored_file;
mod unfit_argument;
