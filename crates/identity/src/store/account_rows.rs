//! Accounts: the table and its rows.
//!
//! Always true: a password's hash leaves this file only to be checked.

use jiff::Timestamp;
use kernel::{EmailAddress, NetworkId, PersonId};
use platform_db::{
    DbError, Tx,
    column::{at, for_update, id, maybe_at, maybe_id, read_id, read_maybe_at, read_maybe_id},
};
use sea_orm::QueryResult;

use crate::{Account, AccountState};

pub(crate) async fn insert(tx: &Tx, account: &Account, now: Timestamp) -> Result<(), DbError> {
    let sql = "insert into sign_in_account (network_id, person_id, email, language, invited_at) \
               values ($1, $2, $3, $4, $5)";
    let values = [
        id(account.network),
        id(account.person),
        account.email.as_str().into(),
        account.language.code().into(),
        at(now),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Stores the inviter, because the invitation is worth what they may do. `None` means the installation itself.
pub(crate) async fn set_invited_by(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    by: Option<PersonId>,
) -> Result<(), DbError> {
    let sql = "update sign_in_account set invited_by = $3 where network_id = $1 and person_id = $2";
    tx.run(sql, [id(network), id(person), maybe_id(by)]).await?;
    Ok(())
}

/// Returns the last inviter of a person.
pub(crate) async fn find_inviter(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
) -> Result<Option<PersonId>, DbError> {
    let sql = "select invited_by from sign_in_account where network_id = $1 and person_id = $2";
    let row = tx.row(sql, [id(network), id(person)]).await?;
    Ok(row.map(|row| read_maybe_id(&row, "invited_by")).transpose()?.flatten())
}

pub(crate) async fn find(tx: &Tx, network: NetworkId, person: PersonId) -> Result<Option<Account>, DbError> {
    let sql = "select * from sign_in_account where network_id = $1 and person_id = $2";
    tx.row(sql, [id(network), id(person)]).await?.map(|row| account(&row)).transpose()
}

/// Returns the same, locked until the commit.
pub(crate) async fn hold(tx: &Tx, network: NetworkId, person: PersonId) -> Result<Option<Account>, DbError> {
    let lock = for_update(tx);
    let sql = format!("select * from sign_in_account where network_id = $1 and person_id = $2 {lock}");
    tx.row(&sql, [id(network), id(person)]).await?.map(|row| account(&row)).transpose()
}

pub(crate) async fn find_by_email(
    tx: &Tx,
    network: NetworkId,
    email: &EmailAddress,
) -> Result<Option<Account>, DbError> {
    let sql = "select * from sign_in_account where network_id = $1 and email = $2";
    tx.row(sql, [id(network), email.as_str().into()]).await?.map(|row| account(&row)).transpose()
}

/// Returns the accounts of several people.
pub(crate) async fn list(tx: &Tx, network: NetworkId, persons: &[PersonId]) -> Result<Vec<Account>, DbError> {
    if persons.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (2..2 + persons.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "select * from sign_in_account where network_id = $1 and person_id in ({})",
        places.join(", ")
    );
    let values = std::iter::once(id(network)).chain(persons.iter().map(|person| id(*person)));
    tx.rows(&sql, values).await?.iter().map(account).collect()
}

/// Returns the hash of the password of an account that can sign in.
pub(crate) async fn find_password_hash(
    tx: &Tx,
    network: NetworkId,
    email: &EmailAddress,
) -> Result<Option<(PersonId, String)>, DbError> {
    let sql = "select person_id, password_hash from sign_in_account \
               where network_id = $1 and email = $2 and password_hash is not null and suspended_at is null";
    let Some(row) = tx.row(sql, [id(network), email.as_str().into()]).await? else { return Ok(None) };
    Ok(Some((read_id(&row, "person_id")?, row.try_get("", "password_hash")?)))
}

/// Sets a password; the first one makes the account active.
pub(crate) async fn set_password(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    hash: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update sign_in_account set password_hash = $3, activated_at = coalesce(activated_at, $4) \
               where network_id = $1 and person_id = $2";
    tx.run(sql, [id(network), id(person), hash.into(), at(now)]).await?;
    Ok(())
}

/// Replaces a hash by another hash of the same password.
pub(crate) async fn renew_hash(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    old: &str,
    new: &str,
) -> Result<(), DbError> {
    let sql = "update sign_in_account set password_hash = $4 \
               where network_id = $1 and person_id = $2 and password_hash = $3";
    tx.run(sql, [id(network), id(person), old.into(), new.into()]).await?;
    Ok(())
}

/// Activates an account that needs no password.
pub(crate) async fn activate(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update sign_in_account set activated_at = coalesce(activated_at, $3) \
               where network_id = $1 and person_id = $2";
    tx.run(sql, [id(network), id(person), at(now)]).await?;
    Ok(())
}

/// Returns whether an account has a password.
pub(crate) async fn has_password(tx: &Tx, network: NetworkId, person: PersonId) -> Result<bool, DbError> {
    let sql = "select person_id from sign_in_account \
               where network_id = $1 and person_id = $2 and password_hash is not null";
    Ok(tx.row(sql, [id(network), id(person)]).await?.is_some())
}

/// Stores that the address is verified; the first time is kept.
pub(crate) async fn set_email_verified(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update sign_in_account set email_verified_at = coalesce(email_verified_at, $3) \
               where network_id = $1 and person_id = $2";
    tx.run(sql, [id(network), id(person), at(now)]).await?;
    Ok(())
}

pub(crate) async fn set_suspended(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    since: Option<Timestamp>,
) -> Result<(), DbError> {
    let sql = "update sign_in_account set suspended_at = $3 where network_id = $1 and person_id = $2";
    tx.run(sql, [id(network), id(person), maybe_at(since)]).await?;
    Ok(())
}

/// Removes an account and all rows that depend on it.
pub(crate) async fn delete(tx: &Tx, network: NetworkId, person: PersonId) -> Result<(), DbError> {
    let tokens = "delete from refresh_token where network_id = $1 and session_id in \
                  (select session_id from session where network_id = $1 and person_id = $2)";
    tx.run(tokens, [id(network), id(person)]).await?;
    for table in [
        "session",
        "one_time_code",
        "sign_in_challenge",
        "sign_in_link",
        "recovery_code",
        "second_factor",
        "role_assignment",
        "sign_in_account",
    ] {
        let sql = format!("delete from {table} where network_id = $1 and person_id = $2");
        tx.run(&sql, [id(network), id(person)]).await?;
    }
    platform_mail::forget_person(tx, network, person).await
}

fn account(row: &QueryResult) -> Result<Account, DbError> {
    let broken = |detail: String| DbError::inconsistent("sign_in_account", detail);
    let (email, language): (String, String) = (row.try_get("", "email")?, row.try_get("", "language")?);
    let state = match (read_maybe_at(row, "suspended_at")?, read_maybe_at(row, "activated_at")?) {
        (Some(since), _) => AccountState::Suspended { since },
        (None, Some(since)) => AccountState::Active { since },
        (None, None) => AccountState::Invited,
    };
    Ok(Account {
        person: read_id(row, "person_id")?,
        network: read_id(row, "network_id")?,
        email: EmailAddress::stored(email),
        email_verified_at: read_maybe_at(row, "email_verified_at")?,
        language: language.parse().map_err(|_bad| broken(format!("language {language:?}")))?,
        state,
    })
}
