//! Backing up and restoring: everything acknowledged before a backup began is in it, and a backup is checked before
//! it is restored.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::SignedDuration;
use platform_db::{Db, DbConfig, Reach};
use testkit::{Shape, json};

use super::starting::assert_refused;
use crate::{
    support::front_desk::{FrontDesk, now},
    support::installation::{Installation, ended},
    support::remote::Remote,
};

const CHECK_IN: &str = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename \
    ... on CheckedIn { visit { id } } } }";
/// Enough that writes are under way when the backup begins and when it ends.
const BEFORE: usize = 20;
const PEOPLE: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_has_every_check_in_that_was_acknowledged_before_it_began() {
    if Shape::of_run() != Shape::Embedded {
        return;
    }
    let installation = Installation::embedded();
    installation.onboard();
    let process = installation.launch().start().expect("hubnet serves");
    let front_desk = FrontDesk::open(&installation, &process.url()).await;
    let reader =
        Remote::anonymous(&process.url()).with_token(&installation.token(&["device", "--hub", "humpolec"]));
    let hub = front_desk.hub("humpolec").to_owned();
    let stop = Arc::new(AtomicBool::new(false));
    let (report, mut acknowledged) = tokio::sync::mpsc::unbounded_channel();
    let stopped = Arc::clone(&stop);
    let coming = tokio::spawn(async move {
        for place in 0..PEOPLE {
            if stopped.load(Ordering::SeqCst) {
                return;
            }
            let chip = format!("04AC{place:04}");
            front_desk.enrol("humpolec", &format!("Guest {place}"), &chip).await;
            let at = now() - SignedDuration::from_secs(60);
            let input = json!({ "hubId": hub, "chip": chip, "eventId": format!("{place}"), "at": at });
            let answer = reader.ask(CHECK_IN, json!({ "input": input })).await;
            if let Some(visit) = answer["checkIn"]["visit"]["id"].as_str() {
                report.send(visit.to_owned()).expect("the test listens");
            }
        }
    });
    let mut before = Vec::new();
    while before.len() < BEFORE {
        before.push(acknowledged.recv().await.expect("somebody comes"));
    }
    let file = installation.folder().join("backup.db").display().to_string();
    let printed = installation.succeed(&["backup", &file]);
    assert!(printed.contains("checked") && printed.contains("keys"), "{printed}");
    stop.store(true, Ordering::SeqCst);
    coming.await.expect("nobody was refused");

    let again = installation.run(&["backup", &file]);
    assert_refused(&again, 73, &["backup.db", "exists"]);
    let restored = Installation::embedded();
    restored.succeed(&["restore", &file]);
    assert_refused(&restored.run(&["restore", &file]), 65, &["exists", "--replace"]);
    let verified = restored.succeed(&["verify"]);
    assert!(verified.ends_with("the database is whole\n"), "{verified}");
    let kept = visits(restored.folder()).await;
    for visit in &before {
        assert!(kept.contains(visit), "{visit} was acknowledged before the backup began");
    }
    // The server of the first installation still runs: its database cannot be replaced under it.
    let refused = installation.run(&["restore", "--replace", &file]);
    assert_refused(&refused, 69, &["another process", "stop the server"]);
    process.stop().expect("it stops");
    let printed = installation.succeed(&["restore", "--replace", &file]);
    assert!(printed.contains("replaced-1"), "{printed}");
    installation.succeed(&["verify"]);
    assert!(installation.folder().join("hubnet.db.replaced-1").is_file(), "the old one is kept");
}

#[test]
fn a_file_that_is_no_whole_database_is_not_restored() {
    let installation = Installation::embedded();
    installation.succeed(&["migrate"]);
    let whole = installation.folder().join("whole.db").display().to_string();
    installation.succeed(&["backup", &whole]);
    let bytes = fs::read(&whole).expect("the backup");

    let empty = Installation::embedded();
    let text = empty.file("text.db", "this is no database");
    assert_refused(&empty.run(&["restore", &text]), 65, &["text.db"]);
    let cut = empty.folder().join("cut.db");
    fs::write(&cut, &bytes[..bytes.len() / 2]).expect("a file");
    assert_refused(&empty.run(&["restore", &cut.display().to_string()]), 65, &["cut.db"]);
    let nothing = empty.folder().join("nothing.db").display().to_string();
    assert_refused(&empty.run(&["restore", &nothing]), 65, &["nothing.db"]);
    assert!(!empty.folder().join("hubnet.db").exists(), "nothing is left of them");
    assert!(!empty.folder().join("hubnet.db.restoring").exists(), "nothing is left of them");
    empty.succeed(&["restore", &whole]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_postgresql_restored_by_its_own_tools_is_verified() {
    if Shape::of_run() != Shape::Distributed {
        return;
    }
    let servers = testkit::servers();
    let name = format!("dumped_{}", std::process::id());
    let installation = Installation::on(servers, &name);
    installation.onboard();
    assert_refused(&installation.run(&["backup", "some.db"]), 78, &["pg_dump", "docs/BACKUP.md"]);

    let copy = format!("{name}_restored");
    let restored = Installation::on(servers, &copy);
    let dump = installation.folder().join("hubnet.dump").display().to_string();
    let from = installation.owner_url().expect("a database of PostgreSQL");
    let to = restored.owner_url().expect("a database of PostgreSQL");
    run(servers.postgres().tool("pg_dump").args(["--format=custom", "--file", &dump, &from]));
    run(servers.postgres().tool("pg_restore").args(["--exit-on-error", "--dbname", &to, &dump]));
    let printed = restored.succeed(&["verify"]);
    assert!(printed.contains("hub 2") && printed.ends_with("the database is whole\n"), "{printed}");

    let config = DbConfig { url: to.into(), schema: Some("membership".into()), max_connections: 1 };
    let db = Db::connect(&config).await.expect("the restored database");
    let tx = db.write(Reach::Directory).await.expect("a transaction");
    tx.run("update audit_head set hash = ''", []).await.expect("tampered");
    tx.commit().await.expect("tampered");
    let refused = restored.run(&["verify"]);
    assert_eq!(refused.code, Some(69), "{refused:?}");
    assert!(refused.printed.contains("WRONG  audit log"), "{refused:?}");
}

fn run(command: &mut Command) {
    let ended = ended(command);
    assert_eq!(ended.code, Some(0), "{command:?}: {ended:?}");
}

async fn visits(folder: &Path) -> Vec<String> {
    let url = format!("sqlite://{}", folder.join("hubnet.db").display());
    let config = DbConfig { url: url.into(), schema: None, max_connections: 1 };
    let db = Db::connect(&config).await.expect("the restored database");
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let rows = tx.rows("select visit_id from visit", []).await.expect("visits");
    let id = |row: &sea_orm::QueryResult| {
        let id: uuid::Uuid = row.try_get("", "visit_id").expect("an id");
        kernel::VisitId::from(id).to_string()
    };
    rows.iter().map(id).collect()
}
