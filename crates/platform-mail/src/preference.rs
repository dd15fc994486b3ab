//! What a person wants to get: a choice for each category that can be declined. Without a choice, they get it.

use jiff::Timestamp;
use kernel::{MailCategory, NetworkId, PersonId};
use platform_db::{DbError, Ts, Tx};

use crate::queue::{instant, uuid};

/// A person's choice about a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preference {
    /// The category.
    pub category: MailCategory,
    /// Whether they want it.
    pub is_wanted: bool,
    /// When they chose; nothing if they never did.
    pub chosen_at: Option<Timestamp>,
}

/// Records a person's choice. A category that cannot be declined stays as it is.
///
/// # Errors
/// The database is away.
pub async fn set_preference(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    category: MailCategory,
    is_wanted: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    if !category.is_optional() {
        return Ok(());
    }
    let sql = "insert into mail_preference (network_id, person_id, category, is_wanted, chosen_at) \
               values ($1, $2, $3, $4, $5) on conflict (network_id, person_id, category) \
               do update set is_wanted = excluded.is_wanted, chosen_at = excluded.chosen_at \
               where mail_preference.is_wanted <> excluded.is_wanted";
    let values = [uuid(network), uuid(person), category.word().into(), is_wanted.into(), Ts(now).into()];
    tx.run(sql, values).await?;
    Ok(())
}

/// Returns a person's choice for each category that can be declined.
///
/// # Errors
/// The database is away.
pub async fn list_preferences(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
) -> Result<Vec<Preference>, DbError> {
    let sql =
        "select category, is_wanted, chosen_at from mail_preference where network_id = $1 and person_id = $2";
    let rows = tx.rows(sql, [uuid(network), uuid(person)]).await?;
    let mut preferences = Vec::new();
    for category in MailCategory::ALL.into_iter().filter(|category| category.is_optional()) {
        let mut preference = Preference { category, is_wanted: true, chosen_at: None };
        for row in &rows {
            if row.try_get::<String>("", "category")? == category.word() {
                preference.is_wanted = row.try_get("", "is_wanted")?;
                preference.chosen_at = Some(instant(row, "chosen_at")?);
            }
        }
        preferences.push(preference);
    }
    Ok(preferences)
}

pub(crate) async fn is_declined(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    category: MailCategory,
) -> Result<bool, DbError> {
    if !category.is_optional() {
        return Ok(false);
    }
    let preferences = list_preferences(tx, network, person).await?;
    Ok(preferences.iter().any(|it| it.category == category && !it.is_wanted))
}
