//! Figures from the database itself that no client may query: the outboxes and the ledger.

use platform_db::{Db, DbConfig, Reach};
use server::Service;

use crate::support::installation::Installation;

/// The database of an installation.
pub(crate) enum Books {
    /// One file.
    Sqlite(String),
    /// A database on the servers of the run, or of a test.
    Postgres(String),
}

impl Books {
    /// Returns the database of an installation.
    pub(crate) fn of(installation: &Installation) -> Self {
        match installation.owner_url() {
            Some(url) => Self::Postgres(url),
            None => Self::Sqlite(format!("sqlite://{}", installation.folder().join("hubnet.db").display())),
        }
    }

    /// Returns the number of events that wait in outboxes.
    pub(crate) async fn waiting_events(&self) -> i64 {
        // On PostgreSQL each service has an outbox of its own.
        let outboxes: Vec<String> = match self {
            Self::Sqlite(_) => vec!["outbox".to_owned()],
            Self::Postgres(_) => Service::all().map(|service| format!("{}.outbox", service.name())).collect(),
        };
        let waiting = |outbox: &String| {
            let window = outbox.replace("outbox", "relay_window");
            format!(
                "(select count(*) from {outbox}) + (select cast(coalesce(sum(events), 0) as bigint) from {window})"
            )
        };
        let counts: Vec<_> = outboxes.iter().map(waiting).collect();
        self.number(&format!("select {} as number", counts.join(" + "))).await
    }

    /// Returns the number of ledger transactions that do not sum to zero in every currency.
    pub(crate) async fn unbalanced(&self) -> i64 {
        let schema = if matches!(self, Self::Postgres(_)) { "roaming." } else { "" };
        self.number(&format!(
            "select count(*) as number from (select 1 from {schema}ledger_entry \
             group by transaction_id, currency having sum(amount_minor) <> 0) as unbalanced"
        ))
        .await
    }

    async fn number(&self, sql: &str) -> i64 {
        let (Self::Sqlite(url) | Self::Postgres(url)) = self;
        let config = DbConfig { url: url.clone().into(), schema: None, max_connections: 1 };
        let db = Db::connect(&config).await.expect("the database");
        let tx = db.read(Reach::Directory).await.expect("a transaction");
        let row = tx.row(sql, []).await.expect("an answer").expect("a row");
        row.try_get("", "number").expect("a number")
    }
}
