//! G13: tampering by a person who can write to the tables, past triggers and privileges, is detected.
//!
//! Each tampering happens in a transaction that is checked from inside and then dropped.

use kernel::{HubId, NetworkId, Role};
use platform_db::{ChainHead, Db, DbConfig, Reach, Tx, Verified, verify_audit};
use rand::{Rng, SeedableRng, rngs::StdRng};
use sea_orm::Value;
use secrecy::ExposeSecret;
use testkit::{TestApp, json};
use uuid::Uuid;

const TAMPERINGS: usize = 1_000;
const CHIP: &str = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_tamperings_are_all_found() {
    let log = Log::written().await;
    let mut dice = StdRng::seed_from_u64(13);
    let mut kinds = std::collections::BTreeMap::<&str, usize>::new();
    for round in 0..TAMPERINGS {
        let tx = log.as_its_owner().await;
        let what = log.tamper(&tx, &mut dice).await;
        let verified = log.verify(&tx, &[]).await;
        assert!(!verified.broken.is_empty(), "round {round}: {what} was not found");
        *kinds.entry(what).or_default() += 1;
    }
    assert_eq!(kinds.len(), 12, "every kind of tampering was tried: {kinds:?}");
    let tx = log.as_its_owner().await;
    assert_eq!(log.verify(&tx, &[]).await.broken, [], "untouched, the log holds");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_broken_link_is_named() {
    let log = Log::written().await;
    let tx = log.as_its_owner().await;
    let change = "update audit set actor = 'system' where chain_id = $1 and sequence = 5";
    tx.run(change, [Uuid::from(log.hub).into()]).await.expect("tampered");
    let broken = log.verify(&tx, &[]).await.broken;
    assert_eq!(broken.len(), 1);
    assert_eq!((broken[0].hub, broken[0].sequence), (Some(log.hub), 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_cut_with_its_head_is_found_by_a_head_kept_elsewhere() {
    let log = Log::written().await;
    let tx = log.as_its_owner().await;
    let heads = log.verify(&tx, &[]).await.heads;
    let chain: Value = Uuid::from(log.hub).into();
    tx.run("delete from audit where chain_id = $1 and sequence > 10", [chain.clone()]).await.expect("cut");
    let moved = "update audit_head set sequence = 10, hash = (select hash from audit where chain_id = $1 \
                 and sequence = 10) where chain_id = $1";
    tx.run(moved, [chain]).await.expect("moved");
    assert_eq!(log.verify(&tx, &[]).await.broken, [], "a chain that ends earlier holds by itself");
    let broken = log.verify(&tx, &heads).await.broken;
    assert_eq!(broken.len(), 1, "but not against the head that was seen");
    tx.run("delete from audit", []).await.expect("deleted");
    tx.run("delete from audit_head", []).await.expect("deleted");
    assert_eq!(log.verify(&tx, &heads).await.broken.len(), heads.len(), "nor does a log that is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_itself_cannot_edit_its_log() {
    let log = Log::written().await;
    let db = &log.app.services().databases()[0];
    for edit in [
        "update audit set actor = 'system'",
        "delete from audit",
        "delete from audit_head",
        "update audit_head set sequence = sequence - 1",
    ] {
        let tx = db.write(Reach::Network(log.network)).await.expect("a transaction");
        assert!(tx.run(edit, []).await.is_err(), "the service may: {edit}");
    }
}

struct Log {
    app: TestApp,
    owner: Db,
    network: NetworkId,
    hub: HubId,
    other: HubId,
    length: i64,
}

impl Log {
    /// Opens a network whose two hubs have written some records each.
    async fn written() -> Self {
        let app = TestApp::new().await;
        let network = app.network("n").await;
        let (hub, other) = (app.hub(&network, "home").await, app.hub(&network, "other").await);
        for at in [&hub, &other] {
            let member = app.member(at, &format!("Eva {}", at.slug)).await;
            let administrator = app.staff(Role::Administrator, at);
            for number in 0..20 {
                let number = format!("04{}{number:08X}", &at.id[at.id.len() - 4..].to_uppercase());
                administrator
                    .ask(CHIP, json!({ "input": { "memberId": member.id, "number": number } }))
                    .await;
                app.pass_minutes(1);
            }
        }
        app.drain().await;
        let owner = match &app.config().database.owner_url {
            None => app.services().databases()[0].clone(),
            Some(url) => {
                let url = url.expose_secret().to_owned();
                let config =
                    DbConfig { url: url.into(), schema: Some("membership".into()), max_connections: 2 };
                Db::connect(&config).await.expect("the owner connects")
            }
        };
        let id = |text: &str| text.parse().expect("an id");
        let (network, hub, other) = (network.id.parse().expect("an id"), id(&hub.id), id(&other.id));
        Self { app, owner, network, hub, other, length: 22 }
    }

    /// Begins a transaction in which nothing prevents tampering.
    async fn as_its_owner(&self) -> Tx {
        let tx = self.owner.write(Reach::Network(self.network)).await.expect("a transaction");
        let unguard: &[&str] = if tx.is_postgres() {
            &["alter table audit disable trigger user", "alter table audit_head disable trigger user"]
        } else {
            &[
                "drop trigger audit_is_not_edited",
                "drop trigger audit_is_not_deleted",
                "drop trigger audit_head_stays",
                "drop trigger audit_head_only_grows",
            ]
        };
        for statement in unguard {
            tx.run(statement, []).await.expect(statement);
        }
        tx
    }

    async fn verify(&self, tx: &Tx, known: &[ChainHead]) -> Verified {
        verify_audit(tx, self.network, None, known).await.expect("verified")
    }

    /// Does one random tampering to the hub's chain; returns its name.
    async fn tamper(&self, tx: &Tx, dice: &mut StdRng) -> &'static str {
        let chain: Value = Uuid::from(self.hub).into();
        let at: i64 = dice.random_range(1..=self.length);
        let to = loop {
            let to: i64 = dice.random_range(1..=self.length);
            if to != at {
                break to;
            }
        };
        let kind = dice.random_range(0..12);
        let text = format!("forged {}", dice.random::<u32>());
        let columns = ["actor", "roles", "action", "object", "detail", "previous_hash", "hash"];
        let column = columns[dice.random_range(0..columns.len())];
        let run = async |sql: &str, values: Vec<Value>| {
            let done = tx.run(sql, values).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            assert!(done.rows_affected() > 0, "{sql} changed nothing");
        };
        match kind {
            0 => {
                let sql = format!("update audit set {column} = $1 where chain_id = $2 and sequence = $3");
                run(&sql, vec![text.into(), chain, at.into()]).await;
                "a changed field"
            }
            1 => {
                let sql = "update audit set at = (select at from audit where chain_id = $1 and sequence = $2) \
                           where chain_id = $3 and sequence = $4";
                // The two first records have the same instant: swapping their times changes nothing.
                let (at, to) = if at.max(to) <= 3 { (1, self.length) } else { (at, to) };
                run(sql, vec![chain.clone(), to.into(), chain, at.into()]).await;
                "a changed time"
            }
            2 => {
                run("delete from audit where chain_id = $1 and sequence = $2", vec![chain, at.into()]).await;
                "a removed record"
            }
            3 => {
                run("delete from audit where chain_id = $1 and sequence >= $2", vec![chain, at.into()]).await;
                "a cut end"
            }
            4 => {
                run("delete from audit where chain_id = $1 and sequence <= $2", vec![chain, at.into()]).await;
                "a cut beginning"
            }
            5 => {
                let sql = "update audit set sequence = $1 where chain_id = $2 and sequence = $3";
                for (from, into) in [(at, 1_000_000), (to, at), (1_000_000, to)] {
                    run(sql, vec![into.into(), chain.clone(), from.into()]).await;
                }
                "two records swapped"
            }
            6 => {
                self.insert(tx, self.length + 1, at).await;
                "a record added at the end"
            }
            7 => {
                let sql =
                    "update audit set sequence = sequence + 1000 where chain_id = $1 and sequence >= $2";
                run(sql, vec![chain.clone(), at.into()]).await;
                let sql =
                    "update audit set sequence = sequence - 999 where chain_id = $1 and sequence >= 1000";
                run(sql, vec![chain.clone()]).await;
                let other = if at == self.length { 1 } else { at + 1 };
                self.insert(tx, at, other).await;
                let sql = "update audit_head set sequence = sequence + 1 where chain_id = $1";
                run(sql, vec![chain]).await;
                "a record slipped in, its followers moved"
            }
            8 => {
                let sql = "update audit_head set sequence = $1 where chain_id = $2";
                run(sql, vec![(at - 1).into(), chain]).await;
                "a head put back"
            }
            9 => {
                run("delete from audit_head where chain_id = $1", vec![chain]).await;
                "a removed head"
            }
            10 => {
                let sql = "update audit_head set hash = (select hash from audit where chain_id = $1 and sequence = $2) \
                           where chain_id = $1";
                let before = at.min(self.length - 1);
                run(sql, vec![chain, before.into()]).await;
                "a head with another record's hash"
            }
            _ => {
                run("delete from audit where chain_id = $1", vec![chain.clone()]).await;
                let sql = "insert into audit (network_id, chain_id, hub_id, sequence, at, actor, roles, action, object, \
                           detail, previous_hash, hash) select network_id, $1, $1, sequence, at, actor, roles, action, \
                           object, detail, previous_hash, hash from audit where chain_id = $2";
                run(sql, vec![chain, Uuid::from(self.other).into()]).await;
                "another hub's chain in its place"
            }
        }
    }

    /// Copies a record to another position with everything adapted to it except its hash.
    async fn insert(&self, tx: &Tx, at: i64, like: i64) {
        let sql = "insert into audit (network_id, chain_id, hub_id, sequence, at, actor, roles, action, object, \
                   detail, previous_hash, hash) select network_id, chain_id, hub_id, $1, at, actor, roles, action, \
                   'forged', detail, hash, hash from audit where chain_id = $2 and sequence = $3";
        let values = [at.into(), Uuid::from(self.hub).into(), like.into()];
        let done = tx.run(sql, values).await.expect("inserted");
        assert_eq!(done.rows_affected(), 1, "the record to copy is there");
    }
}
