//! What the edge answers with: errors, problems, files, downloads and redirects.

pub(crate) mod client_error;
pub(crate) mod download;
pub(crate) mod error_format;
pub(crate) mod problem;
pub(crate) mod public_file;
pub(crate) mod redirect;
mod unfit_argument;
