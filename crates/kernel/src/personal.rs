//! The columns that hold data about a person, and their treatment in exports and erasures.
//!
//! Always true: every column of every table is in exactly one of a service's lists, personal or not; a test compares
//! the lists with the catalogues of both databases, so a new column cannot remain unmarked. Exports follow these marks:
//! a personal column is exported unless its mark says why not.

use serde_json::Value;

use crate::{AuthError, Caller, MemberId, NetworkId, OpContext, PersonId};

/// The kind of a column's personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// Identifies or reaches a person. An export shows it; an erasure overwrites it.
    Identifies,
    /// Describes a person. An export shows it; an erasure overwrites or removes it.
    Describes,
    /// The id of a person, member or chip, or data derived from their activity. An export shows it; an erasure keeps
    /// it, because it no longer leads to anybody.
    Pseudonym,
}

/// What an export shows of a personal column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The whole column.
    Always,
    /// Only rows that lead to the person by one of these; in other rows the column is about somebody else.
    When(&'static [Leads]),
    /// Nothing, for this reason.
    Never(&'static str),
}

/// A personal column and its treatment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonalColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The kind of its personal data.
    pub kind: Personal,
    /// What an export shows of it.
    pub shown: Shown,
}

impl PersonalColumn {
    /// Marks a column that an export shows.
    pub const fn new(table: &'static str, column: &'static str, kind: Personal) -> Self {
        Self { table, column, kind, shown: Shown::Always }
    }

    /// Restricts an export to rows that lead to the person by one of these.
    #[must_use]
    pub const fn shown_when(self, leads: &'static [Leads]) -> Self {
        Self { shown: Shown::When(leads), ..self }
    }

    /// Excludes the column from exports, with the reason.
    #[must_use]
    pub const fn kept_back(self, why: &'static str) -> Self {
        Self { shown: Shown::Never(why), ..self }
    }
}

/// The way a row leads to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// The column is the person's id.
    Person(&'static str),
    /// The column is the person's id, and this condition holds: for a table whose indexes each cover a part of it.
    PersonWhere(&'static str, &'static str),
    /// The column is the id of their membership.
    Member(&'static str),
    /// The column equals either id as text.
    Named(&'static str),
    /// The column contains either id as text.
    Mentioned(&'static str),
    /// The column equals the column of the same name in a row of another table that leads to the person.
    Through(&'static str, &'static str, &'static [Self]),
}

/// A table that an export shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportedTable {
    /// The table.
    pub table: &'static str,
    /// The ways its rows lead to a person: any of these.
    pub leads: &'static [Leads],
    /// The key, which orders the rows.
    pub key: &'static [&'static str],
    /// Columns without personal data that an export shows as well, as context.
    pub beside: &'static [&'static str],
}

/// The exported data of a service.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// Every personal column of the service.
    pub columns: &'static [PersonalColumn],
    /// The tables that an export shows.
    pub tables: &'static [ExportedTable],
    /// The tables with personal columns that an export does not show, and why.
    pub not_shown: &'static [(&'static str, &'static str)],
    /// The actions of its audit log.
    pub audit_events: &'static [&'static str],
    /// Whether this service exports requests and their keys when all services share one table of them.
    pub shows_shared_keys: bool,
}

/// The subject of an export: always the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataSubject {
    /// The subject's network.
    pub network: NetworkId,
    /// The person.
    pub person: PersonId,
    /// The subject's membership, if any.
    pub member: Option<MemberId>,
}

impl DataSubject {
    /// Returns the signed-in person. There is no other way to name a subject, so nobody exports anybody else.
    ///
    /// # Errors
    /// Fails if the caller is anonymous, a device, a program or the system itself.
    pub fn of(op: &OpContext) -> Result<Self, AuthError> {
        match op.caller() {
            Caller::Person { person, network, member, .. } => {
                Ok(Self { network: *network, person: *person, member: *member })
            }
            Caller::Anonymous => Err(AuthError::Unauthenticated),
            Caller::Device { .. } | Caller::Program { .. } | Caller::System => Err(AuthError::Forbidden),
        }
    }
}

/// A piece of an export: rows of some tables, in the export's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonalPiece {
    /// The tables and their rows, one JSON object per row.
    pub tables: Vec<(&'static str, Vec<Value>)>,
    /// The position after which to continue; `None` after the last piece.
    pub next: Option<String>,
}
