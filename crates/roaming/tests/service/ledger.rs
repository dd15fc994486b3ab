//! R10: ledger rows that the database itself rejects.

use kernel::{ChargeId, TransactionId};
use platform_db::{Reach, Ts, Tx};
use uuid::Uuid;

use crate::app::{TestApp, at};

struct Desk<'h> {
    app: &'h TestApp,
    tx: Tx,
    transaction: Uuid,
}

impl<'h> Desk<'h> {
    async fn open(app: &'h TestApp) -> Self {
        let tx = app.db().write(Reach::Network(app.network)).await.expect("a transaction");
        Self { app, tx, transaction: app.earlier_id::<TransactionId>().into() }
    }

    /// Writes an entry on Humpolec's account for zlotys. Returns whether the database accepted it.
    async fn enter(&self, hub: kernel::HubId, minor: i64) -> bool {
        let sql = "insert into ledger_entry (network_id, transaction_id, owner_id, kind, currency, amount_minor) \
             values ($1, $2, $3, 'open', 'PLN', $4)";
        let network: Uuid = self.app.network.into();
        let values = [network.into(), self.transaction.into(), Uuid::from(hub).into(), minor.into()];
        self.tx.run(sql, values).await.is_ok()
    }

    async fn seal(&self, charge: ChargeId) -> bool {
        let sql = "insert into ledger_transaction (network_id, transaction_id, charge_id, period, posted_at) \
             values ($1, $2, $3, '2026-11', $4)";
        let (network, charge): (Uuid, Uuid) = (self.app.network.into(), charge.into());
        let now = Ts(at("2026-11-03T10:00:00Z"));
        self.tx.run(sql, [network.into(), self.transaction.into(), charge.into(), now.into()]).await.is_ok()
    }
}

/// Makes an application with one free charge, which has no entry, and with accounts.
async fn app() -> (TestApp, ChargeId) {
    let app = TestApp::with_prices().await;
    app.receive(app.ended(app.jana_at_piaseczno("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z"))).await;
    app.receive(app.ended(app.jana_at_piaseczno("2026-11-02T16:00:00Z", "2026-11-02T16:05:00Z"))).await;
    let published = app.published("charge_posted").await;
    let free = published.iter().find(|charge| charge["amount"]["minor"] == 0).expect("a free charge");
    let id = free["charge_id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    (app, id)
}

#[tokio::test]
async fn a_balanced_transaction_is_taken() {
    let (app, charge) = app().await;
    let desk = Desk::open(&app).await;
    assert!(desk.enter(app.humpolec, -5).await);
    assert!(desk.enter(app.piaseczno, 5).await);
    assert!(desk.seal(charge).await);
    desk.tx.commit().await.expect("it balances");
}

#[tokio::test]
async fn an_unbalanced_transaction_is_refused() {
    let (app, charge) = app().await;
    let desk = Desk::open(&app).await;
    assert!(desk.enter(app.humpolec, -5).await);
    assert!(desk.enter(app.piaseczno, 4).await);
    assert!(!desk.seal(charge).await);
}

#[tokio::test]
async fn a_transaction_without_entries_is_refused() {
    let (app, charge) = app().await;
    assert!(!Desk::open(&app).await.seal(charge).await);
}

#[tokio::test]
async fn entries_without_their_transaction_do_not_commit() {
    let (app, _) = app().await;
    let desk = Desk::open(&app).await;
    assert!(desk.enter(app.humpolec, -5).await);
    assert!(desk.enter(app.piaseczno, 5).await);
    assert!(desk.tx.commit().await.is_err());
    assert_eq!(app.open_balance(app.humpolec, "PLN").await, -12_000, "nothing of it stays");
}

#[tokio::test]
async fn a_posted_transaction_takes_no_more_entries() {
    let (app, charge) = app().await;
    let desk = Desk::open(&app).await;
    assert!(desk.enter(app.humpolec, -5).await);
    assert!(desk.enter(app.piaseczno, 5).await);
    assert!(desk.seal(charge).await);
    assert!(!desk.enter(app.bratislava, 1).await);
}

#[tokio::test]
async fn what_was_charged_and_posted_is_never_edited_or_deleted() {
    let (app, _) = app().await;
    for table in ["charge", "charge_line", "ledger_transaction", "ledger_entry", "account", "tariff"] {
        for change in [format!("update {table} set network_id = network_id"), format!("delete from {table}")]
        {
            let tx = app.db().write(Reach::Network(app.network)).await.expect("a transaction");
            assert!(tx.run(&change, []).await.is_err(), "{change}");
        }
    }
}
