//! Text at the edge: each sort of text has one type (`kernel::text`), in whatever field it comes.

mod fields;
mod mailboxes;
mod old_rows;
mod passwords;
