//! A disk that is full for a while: acknowledged changes are kept, everything else is refused, the process reports
//! that it is not ready, and it recovers as soon as there is room.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use platform_http::Probe as _;
use server::AppProbe;
use testkit::{Json, Shape, TestApp, TestHub, json};

use super::{fill, free, from_outside, number, version};

const ENROL: &str = "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
const CHECK_IN: &str = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
/// A full file refuses a row well before this number.
const MOST_ROWS: usize = 5_000;
const REFUSED_IN_A_ROUND: usize = 6;
/// The next write attempt is due one second after the last one.
const READY_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_unready_while_writes_fail_and_ready_again_when_they_succeed() {
    if Shape::of_run() != Shape::Embedded {
        return;
    }
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let probe = AppProbe::new(app.services().clone());
    let outside = from_outside(&app).await;
    let before = version(&outside).await;
    assert_eq!(probe.ready().await, Ok(()));
    assert_eq!(version(&outside).await, before, "a probe writes nothing while writes succeed");

    let mut answered = 0;
    let refusal = loop {
        assert!(answered < MOST_ROWS, "the file is never full");
        fill(&app, &outside, 0).await;
        let response = app.operator(&hub).response(ENROL, member(&hub, answered)).await;
        if response["errors"].is_null() {
            answered += 1;
        } else {
            break response;
        }
    };
    assert_eq!(refusal["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{refusal}");
    fill(&app, &outside, 0).await;
    assert_eq!(probe.ready().await, Err(vec!["database: writes fail".to_owned()]));
    free(&app).await;
    becomes_ready(&probe).await;
    app.operator(&hub).ask(ENROL, member(&hub, answered)).await;
    assert_eq!(members(&app).await, i64::try_from(answered + 1).expect("a few"));
    assert_eq!(number(&outside, "select count(*) from inbox where consumer like 'health%'").await, 0);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_disk_that_fills_up_and_is_freed_loses_nothing_that_was_acknowledged() {
    if Shape::of_run() != Shape::Embedded {
        return;
    }
    let Some(disk) = SmallDisk::mount(24) else {
        // This is no failure: the rule is tested above without a separate disk.
        eprintln!(
            "SKIPPED: a tmpfs cannot be mounted here (not root, or not permitted); run as root to try a real full disk"
        );
        return;
    };
    let app = TestApp::configured(|config| config.data_dir = disk.folder.clone()).await;
    let hub = app.hub_with(&app.network("n").await, "home", json!({ "capacity": 500 })).await;
    let probe = AppProbe::new(app.services().clone());
    let mut chips = Vec::new();
    for _guest in 0..10 {
        chips.push(app.member(&hub, &format!("Guest{}", chips.len())).await.chip);
    }
    let mut enrolled = members(&app).await;
    let mut seen_unready = false;
    let mut tried = 0;
    for chip in &chips {
        disk.fill_up();
        // The write-ahead log may still have room inside its file, so the first writes succeed on a full disk.
        let mut refused = 0;
        while refused < REFUSED_IN_A_ROUND {
            assert!(tried < MOST_ROWS, "the disk is never full");
            let response = app.operator(&hub).response(ENROL, member(&hub, tried)).await;
            tried += 1;
            enrolled += i64::from(response["errors"].is_null());
            refused += usize::from(!response["errors"].is_null());
        }
        let touch = app.system().response(CHECK_IN, touch(&hub, chip)).await;
        if !touch["errors"].is_null() {
            seen_unready |= probe.ready().await.is_err();
        }
        disk.make_room();
        let touch = app.system().response(CHECK_IN, self::touch(&hub, chip)).await;
        assert!(touch["errors"].is_null(), "there is room again: {touch}");
        becomes_ready(&probe).await;
    }
    assert!(seen_unready, "the process said that it was not ready");
    app.drain().await;
    assert_eq!(members(&app).await, enrolled, "what was acknowledged is stored, and nothing else");
    let outside = from_outside(&app).await;
    assert_eq!(number(&outside, "select count(*) from visit where ended_at is null").await, 10);
    assert_eq!(
        number(&outside, "select count(*) from pragma_integrity_check where integrity_check <> 'ok'").await,
        0
    );
}

async fn becomes_ready(probe: &AppProbe) {
    let deadline = Instant::now() + READY_WITHIN;
    while let Err(missing) = probe.ready().await {
        assert!(Instant::now() < deadline, "{missing:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Counts members as another process reads them, from the file.
async fn members(app: &TestApp) -> i64 {
    number(&from_outside(app).await, "select count(*) from member").await
}

fn member(hub: &TestHub, number: usize) -> Json {
    json!({ "input": {
        "hubId": hub.id, "name": format!("Member {number}"), "email": format!("m{number}@example.org"),
        "language": "cs", "category": "RESIDENT",
    } })
}

fn touch(hub: &TestHub, chip: &str) -> Json {
    json!({ "input": { "hubId": hub.id, "chip": chip } })
}

/// A disk of a given number of megabytes.
struct SmallDisk {
    folder: PathBuf,
    _parent: tempfile::TempDir,
}

impl SmallDisk {
    fn mount(megabytes: u32) -> Option<Self> {
        let parent = tempfile::tempdir().expect("a temporary folder");
        let folder = parent.path().join("disk");
        fs::create_dir(&folder).expect("a folder");
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder).output();
        let is_mounted = mounted.is_ok_and(|output| output.status.success());
        is_mounted.then_some(Self { folder, _parent: parent })
    }

    /// Writes a file as long as there is room.
    fn fill_up(&self) {
        let mut file = fs::File::options().append(true).create(true).open(self.ballast()).expect("a file");
        for size in [1 << 20, 1 << 12, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.ballast()).expect("the file is removed");
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        unmount(&self.folder);
    }
}

fn unmount(folder: &Path) {
    // The unmount is lazy: the database of the test may still be open.
    let _gone_with_the_folder = Command::new("umount").arg("-l").arg(folder).status();
}
