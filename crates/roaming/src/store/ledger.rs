//! Rows of the ledger. The entries are inserted before their transaction: its row seals them (see the migration).

use std::collections::BTreeSet;

use kernel::NetworkId;
use platform_db::{
    DbError, Ts, Tx,
    column::{id, maybe_id},
};

use crate::model::ledger::{Account, Cause, Transaction};

/// Posts transactions of a network.
pub(crate) async fn post(tx: &Tx, network: NetworkId, transactions: &[Transaction]) -> Result<(), DbError> {
    open_accounts(tx, network, transactions).await?;
    let entries = transactions.iter().flat_map(|transaction| {
        transaction.entries().iter().map(|entry| {
            [
                id(network),
                id(transaction.id),
                entry.account.owner(network).into(),
                entry.account.word().into(),
                entry.amount.currency.code().into(),
                entry.amount.minor.into(),
            ]
        })
    });
    let head =
        "insert into ledger_entry (network_id, transaction_id, owner_id, kind, currency, amount_minor)";
    tx.insert_rows(head, entries.collect(), "").await?;
    let seals = transactions.iter().map(|transaction| {
        let (charge, settlement) = match transaction.cause {
            Cause::Charge(charge) => (Some(charge), None),
            Cause::Settlement(settlement) => (None, Some(settlement)),
        };
        [
            id(network),
            id(transaction.id),
            maybe_id(charge),
            maybe_id(settlement),
            transaction.period.to_string().into(),
            Ts(transaction.posted_at).into(),
        ]
    });
    let head = "insert into ledger_transaction \
         (network_id, transaction_id, charge_id, settlement_id, period, posted_at)";
    tx.insert_rows(head, seals.collect(), "").await?;
    Ok(())
}

/// Opens accounts that are used for the first time.
async fn open_accounts(tx: &Tx, network: NetworkId, transactions: &[Transaction]) -> Result<(), DbError> {
    let entries = transactions.iter().flat_map(Transaction::entries);
    let accounts: BTreeSet<(Account, &str)> =
        entries.map(|entry| (entry.account, entry.amount.currency.code())).collect();
    let rows = accounts.into_iter().map(|(account, currency)| {
        [id(network), account.owner(network).into(), account.word().into(), currency.into()]
    });
    let head = "insert into account (network_id, owner_id, kind, currency)";
    tx.insert_rows(head, rows.collect(), "on conflict do nothing").await?;
    Ok(())
}
