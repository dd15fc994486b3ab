//! Writing at once: a whole transaction in one round trip, by a function of the database.
//!
//! Always true: the function says itself whose rows it writes and whether it wrote; its events lie in the outbox beside
//! its rows. Should the connection break under it, it is called once more: it is one that then finds its rows written.

use kernel::CloudEvent;
use sea_orm::Value;

use crate::{Db, DbError, tx::outbox_rows};

impl Db {
    /// Calls a function of PostgreSQL with a text and several JSON texts, the last of them the events for the outbox.
    /// Answers what it answers: whether it wrote.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn write_at_once(
        &self,
        function: &str,
        text: String,
        rows: Vec<String>,
        events: Vec<CloudEvent>,
    ) -> Result<bool, DbError> {
        let tells = !events.is_empty();
        let rows: Vec<String> = rows.into_iter().chain([outbox_rows(events)?.into_json()?]).collect();
        let places: Vec<String> =
            (2..rows.len() + 2).map(|place| format!("cast(${place} as json)")).collect();
        let sql = format!("select {function}($1, {}) as wrote", places.join(", "));
        let values = std::iter::once(text).chain(rows).map(Value::from);
        let answer = self.alone(&sql, values).await?;
        let wrote = match answer.first() {
            Some(row) => row.try_get("", "wrote")?,
            None => false,
        };
        if wrote && tells {
            self.bell().notify_one();
        }
        Ok(wrote)
    }
}
