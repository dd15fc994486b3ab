//! E-mail addresses stored in an outdated form (`kernel::EmailAddress`). A migration left them unchanged because
//! another person has the mailbox, or because they are invalid by today's rules. A lookup does not find their owners.

use std::fmt::Display;

use kernel::{EmailAddress, NetworkId, PersonId};
use uuid::Uuid;

use crate::{DbError, Tx};

/// Rows per read.
const PAGE: usize = 1_000;
/// The most addresses named in a report; the others are only counted.
const NAMED: usize = 20;

/// An e-mail address stored in an outdated form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldAddress {
    /// The owner of the address.
    pub person: PersonId,
    /// The owner of the mailbox in its current form; `None` if the address is invalid today.
    pub holder: Option<PersonId>,
}

/// Lists the outdated e-mail addresses of a network in a table with `network_id`, `person_id` and `email`.
///
/// # Errors
/// Fails if the database refuses.
pub async fn list_old_addresses(
    tx: &Tx,
    table: &'static str,
    network: NetworkId,
) -> Result<Vec<OldAddress>, DbError> {
    let page = format!(
        "select person_id, email from {table} where network_id = $1 and person_id > $2 \
         and email not like 'erased:%' and email not like 'none:%' order by person_id limit {PAGE}"
    );
    let network = Uuid::from(network);
    let (mut after, mut old) = (Uuid::nil(), Vec::new());
    loop {
        let rows = tx.rows(&page, [network.into(), after.into()]).await?;
        for row in &rows {
            after = row.try_get("", "person_id")?;
            let email: String = row.try_get("", "email")?;
            let holder = match EmailAddress::parse(&email) {
                Ok(form) if form.as_str() == email => continue,
                Ok(form) => holder_of(tx, table, network, &form).await?,
                Err(_none_today) => None,
            };
            old.push(OldAddress { person: after.into(), holder });
        }
        if rows.len() < PAGE {
            return Ok(old);
        }
    }
}

async fn holder_of(
    tx: &Tx,
    table: &str,
    network: Uuid,
    email: &EmailAddress,
) -> Result<Option<PersonId>, DbError> {
    let sql = format!("select person_id from {table} where network_id = $1 and email = $2");
    let row = tx.row(&sql, [network.into(), email.as_str().into()]).await?;
    Ok(row.map(|row| row.try_get::<Uuid>("", "person_id")).transpose()?.map(Into::into))
}

/// Reports outdated addresses for `hubnet doctor`: the owner of each and the holder of its mailbox, by their ids and never
/// by the address, and what to do.
///
/// # Errors
/// Fails with the report if there is one.
pub fn describe_old_addresses<I: Display>(old: &[(I, Option<I>)], remedy: &str) -> Result<String, String> {
    if old.is_empty() {
        return Ok("one each".into());
    }
    let name = |(row, holder): &(I, Option<I>)| match holder {
        Some(holder) => format!("{row} has the mailbox of {holder}"),
        None => format!("{row} has an address that is none"),
    };
    let named: Vec<String> = old.iter().take(NAMED).map(name).collect();
    let more = if old.len() > NAMED { format!(", and {} more", old.len() - NAMED) } else { String::new() };
    Err(format!("{}{more}: {remedy}", named.join(", ")))
}
