//! Writing at once: a whole transaction in one round trip, by a function of the database.
//!
//! Always true: the function itself sets whose rows it writes, and returns whether it wrote. Its events go into the
//! outbox with its rows. If the connection breaks, the function is called once more and then finds its rows written.

use kernel::CloudEvent;
use sea_orm::Value;

use crate::{Db, DbError, tx::outbox_rows};

impl Db {
    /// Calls a PostgreSQL function with a text and several JSON texts, the last of them the events for the outbox.
    /// Returns the function's result: whether it wrote.
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
        let emits = !events.is_empty();
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
        if wrote && emits {
            self.emitted_notify().notify_one();
        }
        Ok(wrote)
    }
}
