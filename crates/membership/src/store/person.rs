//! Rows of persons: the only table with names and addresses of people.

use platform_db::{DbError, Tx};
use uuid::Uuid;

use crate::Member;

/// Writes the person behind a new member. An e-mail stands for one human in a network: a second one is a duplicate.
pub(crate) async fn insert(tx: &Tx, member: &Member) -> Result<(), DbError> {
    let sql = "insert into person (person_id, network_id, name, email, language) values ($1, $2, $3, $4, $5)";
    let values = [
        Uuid::from(member.person).into(),
        Uuid::from(member.network).into(),
        member.name.clone().into(),
        member.email.clone().into(),
        member.language.clone().into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}
