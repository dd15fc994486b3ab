//! Which columns hold something about a person, and what becomes of it.
//!
//! Always true: every column of every table is in exactly one of a service's lists, personal or not; a test compares
//! the lists with the catalogues of both databases, so a new column cannot slip in unmarked. An export is read by these
//! marks, so a personal column is in it unless its mark says why not.

use serde_json::Value;

use crate::{AuthError, Caller, MemberId, NetworkId, OpContext, PersonId};

/// What a column has to do with a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// It says who somebody is or how to reach them. An export shows it; an erasure overwrites it.
    Identifies,
    /// It says something about somebody. An export shows it; an erasure overwrites or removes it.
    Describes,
    /// It is the id of a person, member or chip, or was derived from what they did. An export shows it to them; an
    /// erasure leaves it standing, for it leads to nobody any more.
    Pseudonym,
}

/// What an export shows of a personal column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    Always,
    /// Only in rows that lead to the person by one of these: elsewhere it is about somebody else.
    When(&'static [Leads]),
    /// Nothing, and why.
    Never(&'static str),
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
    /// What an export shows of it.
    pub shown: Shown,
}

impl PersonalColumn {
    /// A column and what it is; an export shows it.
    pub const fn new(table: &'static str, column: &'static str, kind: Personal) -> Self {
        Self { table, column, kind, shown: Shown::Always }
    }

    /// The same, shown only where the row leads to the person by one of these.
    #[must_use]
    pub const fn shown_when(self, leads: &'static [Leads]) -> Self {
        Self { shown: Shown::When(leads), ..self }
    }

    /// The same, kept back from exports, and why.
    #[must_use]
    pub const fn kept_back(self, why: &'static str) -> Self {
        Self { shown: Shown::Never(why), ..self }
    }
}

/// How a row leads to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// The column is the person's id.
    Person(&'static str),
    /// The column is the person's id, and this holds besides: for a table whose indexes each hold a part of it.
    PersonWhere(&'static str, &'static str),
    /// The column is the id of their membership.
    Member(&'static str),
    /// The column is either id as it is written.
    Named(&'static str),
    /// Either id is written somewhere in the column.
    Mentioned(&'static str),
    /// The column, of the same name in both, is that of a row of another table which leads to them.
    Through(&'static str, &'static str, &'static [Self]),
}

/// The rows of a table that an export shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportedTable {
    /// The table.
    pub table: &'static str,
    /// How a row of it leads to somebody: by any of these.
    pub leads: &'static [Leads],
    /// Its key: in which order its rows are read.
    pub key: &'static [&'static str],
    /// Columns about nobody, without which those about somebody say little: shown, too.
    pub beside: &'static [&'static str],
}

/// What a service exports.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// Every personal column of the service.
    pub columns: &'static [PersonalColumn],
    /// The tables an export shows.
    pub tables: &'static [ExportedTable],
    /// The tables with personal columns that it does not show, and why.
    pub not_shown: &'static [(&'static str, &'static str)],
    /// The actions of its audit log.
    pub audit_events: &'static [&'static str],
    /// Whether it is this service that shows requests and their keys where all services share one table of them.
    pub shows_shared_keys: bool,
}

/// Whose data an export is about: always the caller's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataSubject {
    /// Their network.
    pub network: NetworkId,
    /// Who.
    pub person: PersonId,
    /// Their membership, if they have one.
    pub member: Option<MemberId>,
}

impl DataSubject {
    /// The signed-in person. Nobody exports anybody else: there is no other way to name a subject.
    ///
    /// # Errors
    /// Nobody is signed in, or a device, a program or the system itself.
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
    /// Tables and the rows of each, a JSON object a row.
    pub tables: Vec<(&'static str, Vec<Value>)>,
    /// After what to go on; nothing after the last piece.
    pub next: Option<String>,
}
