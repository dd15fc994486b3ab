//! Files of any service: the bytes in a local folder or an S3 bucket, what is known about them in the service's own
//! database.
//!
//! Always true:
//! - Bytes have a row before they are written and as long as they are there. So nothing is ever searched for in the store:
//!   what nobody wants is found by its row, and a job deletes it ([`Files::jobs`]).
//! - A received file is kept only by a use-case, in its transaction ([`keep`]). What is not kept within a day is deleted.
//! - A file's key in the store is its network and its id. No name that somebody chose is part of a path.
//! - What a file is, its first bytes say ([`FileType`]), not its name and not its sender. Only types that a purpose allows
//!   are stored, none of which a browser runs; SVG and HTML are not among them.
//! - A file is too long as soon as its first byte too many arrives.
//! - A file is read by a link that works for a limited time ([`Files::link`]), or by a service that has checked who asks.
//! - Another network's file is not found. A person's files go with them ([`forget_person`]).

mod figures;
mod file_type;
mod files;
mod link;
mod rows;
mod store;
mod sweep;

pub use file_type::FileType;
pub use files::{FileError, FileRules, Files, NewFile, ReceivedFile, StoredBytes};
pub use link::FileLink;
pub use rows::{FileCounts, StoredFile, Wanted, count, find, forget_person, keep, remove};
pub use store::{FileStore, S3Settings, StoreError};
