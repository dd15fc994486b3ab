//! The key files of an installation: private files that are made once, and the key that signs links.
//!
//! Always true: a key file that other users can read is refused; of several processes that start at once, one makes
//! the key and all read the same.

mod file;
mod link_key;

pub use file::{KeyFileError, make_private, read_private};
pub use link_key::LinkKey;
