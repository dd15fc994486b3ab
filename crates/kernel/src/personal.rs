//! Which columns hold something about a person, and what becomes of it.
//!
//! Always true: every column of every table is in exactly one of a service's lists, personal or not; a test compares
//! the lists with the catalogues of both databases, so a new column cannot slip in unmarked.

/// What a column has to do with a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// It says who somebody is or how to reach them. An export shows it; an erasure overwrites it.
    Identifies,
    /// It says something about somebody. An export shows it; an erasure overwrites or removes it.
    Describes,
    /// It is the id of a person, member or chip, or was derived from what they did. An export shows what it leads to;
    /// an erasure leaves it standing, for it leads to nobody any more.
    Pseudonym,
}

/// A column and what it is to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonalColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What it is.
    pub kind: Personal,
}

impl PersonalColumn {
    /// A column and what it is.
    pub const fn new(table: &'static str, column: &'static str, kind: Personal) -> Self {
        Self { table, column, kind }
    }
}
