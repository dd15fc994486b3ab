//! R10: what the database itself refuses of the ledger.

use kernel::{ChargeId, TransactionId};
use platform_db::{Reach, Ts, Tx};
use uuid::Uuid;

use crate::house::{House, at};

struct Desk<'h> {
    house: &'h House,
    tx: Tx,
    transaction: Uuid,
}

impl<'h> Desk<'h> {
    async fn open(house: &'h House) -> Self {
        let tx = house.db().write(Reach::Network(house.network)).await.expect("a transaction");
        Self { house, tx, transaction: house.unheard_of::<TransactionId>().into() }
    }

    /// Writes an entry on Humpolec's account for zlotys.
    async fn enter(&self, hub: kernel::HubId, minor: i64) -> bool {
        let sql = "insert into ledger_entry (network_id, transaction_id, owner_id, kind, currency, amount_minor) \
             values ($1, $2, $3, 'open', 'PLN', $4)";
        let network: Uuid = self.house.network.into();
        let values = [network.into(), self.transaction.into(), Uuid::from(hub).into(), minor.into()];
        self.tx.run(sql, values).await.is_ok()
    }

    async fn seal(&self, charge: ChargeId) -> bool {
        let sql = "insert into ledger_transaction (network_id, transaction_id, charge_id, period, posted_at) \
             values ($1, $2, $3, '2026-11', $4)";
        let (network, charge): (Uuid, Uuid) = (self.house.network.into(), charge.into());
        let now = Ts(at("2026-11-03T10:00:00Z"));
        self.tx.run(sql, [network.into(), self.transaction.into(), charge.into(), now.into()]).await.is_ok()
    }
}

/// A house with one free charge, which nothing is posted for, and with accounts.
async fn house() -> (House, ChargeId) {
    let house = House::with_prices().await;
    house.hear(house.ended(house.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z"))).await;
    house.hear(house.ended(house.jana_at_piaseczno("2026-11-02T16:00:00Z", "2026-11-02T16:05:00Z"))).await;
    let told = house.told("charge_posted").await;
    let free = told.iter().find(|charge| charge["amount"]["minor"] == 0).expect("a free charge");
    let id = free["charge_id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    (house, id)
}

#[tokio::test]
async fn a_balanced_transaction_is_taken() {
    let (house, charge) = house().await;
    let desk = Desk::open(&house).await;
    assert!(desk.enter(house.humpolec, -5).await);
    assert!(desk.enter(house.piaseczno, 5).await);
    assert!(desk.seal(charge).await);
    desk.tx.commit().await.expect("it balances");
}

#[tokio::test]
async fn an_unbalanced_transaction_is_refused() {
    let (house, charge) = house().await;
    let desk = Desk::open(&house).await;
    assert!(desk.enter(house.humpolec, -5).await);
    assert!(desk.enter(house.piaseczno, 4).await);
    assert!(!desk.seal(charge).await);
}

#[tokio::test]
async fn a_transaction_without_entries_is_refused() {
    let (house, charge) = house().await;
    assert!(!Desk::open(&house).await.seal(charge).await);
}

#[tokio::test]
async fn entries_without_their_transaction_do_not_commit() {
    let (house, _) = house().await;
    let desk = Desk::open(&house).await;
    assert!(desk.enter(house.humpolec, -5).await);
    assert!(desk.enter(house.piaseczno, 5).await);
    assert!(desk.tx.commit().await.is_err());
    assert_eq!(house.open_balance(house.humpolec, "PLN").await, -12_000, "nothing of it stays");
}

#[tokio::test]
async fn a_posted_transaction_takes_no_more_entries() {
    let (house, charge) = house().await;
    let desk = Desk::open(&house).await;
    assert!(desk.enter(house.humpolec, -5).await);
    assert!(desk.enter(house.piaseczno, 5).await);
    assert!(desk.seal(charge).await);
    assert!(!desk.enter(house.bratislava, 1).await);
}

#[tokio::test]
async fn what_was_charged_and_posted_is_never_edited_or_deleted() {
    let (house, _) = house().await;
    for table in ["charge", "charge_line", "ledger_transaction", "ledger_entry", "account", "tariff"] {
        for change in [format!("update {table} set network_id = network_id"), format!("delete from {table}")]
        {
            let tx = house.db().write(Reach::Network(house.network)).await.expect("a transaction");
            assert!(tx.run(&change, []).await.is_err(), "{change}");
        }
    }
}
