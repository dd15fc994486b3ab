//! Rows of persons: the only table with names and addresses of people.

use kernel::{NetworkId, PersonId};
use platform_db::{DbError, Tx};
use uuid::Uuid;

/// The person with this e-mail, made if there is none yet: one human, one login everywhere.
pub(crate) async fn find_or_insert(
    tx: &Tx,
    network: NetworkId,
    new: PersonId,
    name: &str,
    email: &str,
    language: &str,
) -> Result<PersonId, DbError> {
    let network = Uuid::from(network);
    let sql = "insert into person (person_id, network_id, name, email, language) values ($1, $2, $3, $4, $5) \
               on conflict (network_id, email) do nothing";
    let values = [Uuid::from(new).into(), network.into(), name.into(), email.into(), language.into()];
    tx.run(sql, values).await?;
    let sql = "select person_id from person where network_id = $1 and email = $2";
    let row = tx.row(sql, [network.into(), email.into()]).await?;
    let row = row.ok_or_else(|| DbError::inconsistent("person", "gone as soon as inserted"))?;
    Ok(row.try_get::<Uuid>("", "person_id")?.into())
}
