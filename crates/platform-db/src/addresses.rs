//! E-mails that are stored in another form than they have today (`kernel::EmailAddress`): those that a migration left as they
//! were, for somebody else has the mailbox, or for they are none by today's rules. Their owners are not found by them.

use kernel::{EmailAddress, NetworkId, PersonId};
use uuid::Uuid;

use crate::{DbError, Tx};

/// So many rows are read at once.
const PAGE: usize = 1_000;

/// An e-mail that is stored in another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldAddress {
    /// Whose.
    pub person: PersonId,
    /// Who has the mailbox in its one form; nobody if the address is none today.
    pub holder: Option<PersonId>,
}

/// Lists the e-mails of a network that stand in a table (with `network_id`, `person_id` and `email`) in another form.
///
/// # Errors
/// The database refuses.
pub async fn list_old_addresses(
    tx: &Tx,
    table: &'static str,
    network: NetworkId,
) -> Result<Vec<OldAddress>, DbError> {
    let page = format!(
        "select person_id, email from {table} where network_id = $1 and person_id > $2 \
         and email not like 'erased:%' order by person_id limit {PAGE}"
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
