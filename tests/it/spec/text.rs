//! Text at the edge: each kind of text has one type (`kernel::text`), in every field.

mod fields;
mod mailboxes;
mod old_rows;
mod passwords;
