//! The SQL that directives stand for; see [`crate::dialect`].

use sea_orm::DbBackend;

/// The owner of a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tenancy {
    /// Every row belongs to one hub (`network_id` and `hub_id`).
    Hub,
    /// Every row belongs to a network (`network_id`).
    Network,
    /// Everybody may read; only the network's own transactions may write (`network_id`).
    Directory,
}

impl Tenancy {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "hub" => Some(Self::Hub),
            "network" => Some(Self::Network),
            "directory" => Some(Self::Directory),
            _ => None,
        }
    }
}

/// Puts a table under row-level security on PostgreSQL. SQLite has none; there the filters of the stores apply.
pub(crate) fn tenant(table: &str, tenancy: Tenancy, backend: DbBackend) -> String {
    if backend != DbBackend::Postgres {
        return String::new();
    }
    // The settings are read in sub-selects, which run once per statement; bare, they would be read again for every
    // row.
    let network = "network_id = (select nullif(current_setting('app.network', true), '')::uuid)";
    let hub = "(select nullif(current_setting('app.hub', true), '')::uuid)";
    let own = match tenancy {
        Tenancy::Hub => format!("{network} and (hub_id = {hub} or {hub} is null)"),
        Tenancy::Network | Tenancy::Directory => network.to_owned(),
    };
    let read = if tenancy == Tenancy::Directory { "true" } else { own.as_str() };
    format!(
        "alter table {table} enable row level security; \
         alter table {table} force row level security; \
         create policy {table}_read on {table} for select using ({read}); \
         create policy {table}_write on {table} using ({own}) with check ({own});"
    )
}

/// Makes the database refuse every update and delete of a table: its rows are only added, never edited.
pub(crate) fn append_only(table: &str, backend: DbBackend) -> String {
    let refusal = format!("the rows of {table} are only ever added");
    if backend == DbBackend::Postgres {
        format!(
            "create function {table}_refuse_change() returns trigger language plpgsql as $$ \
             begin raise exception '{refusal}'; end $$; \
             create trigger {table}_is_append_only before update or delete on {table} \
             for each row execute function {table}_refuse_change();"
        )
    } else {
        format!(
            "create trigger {table}_is_not_edited before update on {table} \
             begin select raise(abort, '{refusal}'); end; \
             create trigger {table}_is_not_deleted before delete on {table} \
             begin select raise(abort, '{refusal}'); end;"
        )
    }
}

/// Switches forced row-level security, under which the owner of a table sees no rows. On PostgreSQL a migration is
/// one transaction, so no other connection sees it switched off.
pub(crate) fn all_rows(table: &str, are_seen: bool, backend: DbBackend) -> String {
    if backend != DbBackend::Postgres {
        return String::new();
    }
    let force = if are_seen { "no force" } else { "force" };
    format!("alter table {table} {force} row level security;")
}
