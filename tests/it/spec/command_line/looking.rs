//! The read-only commands: `doctor`, `schema`, `token`, `dead-letters`, `--help`.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Stdio};

use identity::SealingKey;
use kernel::{ErrorCode, World};
use platform_db::{Db, DbConfig, Reach, no_network};
use platform_jobs::{JobError, Kind, NewJob, Worker, enqueue_for_nobody};
use platform_module::Module as _;
use testkit::{TestApp, json};

use crate::{support::installation::Installation, support::remote::Remote};

const COMMANDS: [&[&str]; 19] = [
    &[],
    &["serve"],
    &["migrate"],
    &["demo"],
    &["onboard"],
    &["replay"],
    &["schema"],
    &["dead-letters"],
    &["dead-letters", "list"],
    &["jobs"],
    &["jobs", "list"],
    &["jobs", "run"],
    &["jobs", "retry"],
    &["events"],
    &["events", "replay"],
    &["doctor"],
    &["audit"],
    &["audit", "verify"],
    &["token"],
];

#[test]
fn every_command_explains_itself_and_each_of_its_arguments() {
    let installation = Installation::embedded();
    for command in COMMANDS {
        let help = installation.succeed(&[command, &["--help"]].concat());
        let purpose = help.lines().next().unwrap_or_default();
        assert!(purpose.len() > 8, "{command:?} does not say what it is for:\n{help}");
        let lines: Vec<&str> = help.lines().map(str::trim).collect();
        for (place, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with(['-', '<'])) {
            // The explanation is beside the argument, or below it if it is long.
            let beside = line.split("  ").filter(|part| !part.is_empty()).count() > 1;
            let below = lines.get(place + 1).is_some_and(|next| !next.is_empty());
            assert!(beside || below, "{command:?} does not explain {line}");
        }
    }
    for command in ["onboard", "replay", "token"] {
        let help = installation.succeed(&[command, "--help"]);
        assert!(help.contains("Example"), "{command} shows no example:\n{help}");
    }
}

#[test]
fn the_doctor_passes_a_healthy_installation_without_dead_letters() {
    let installation = Installation::embedded();
    installation.onboard();
    let seen = installation.succeed(&["doctor"]);
    assert!(seen.ends_with("all is well\n"), "{seen}");
    assert!(!seen.contains("WRONG"), "{seen}");
    assert_eq!(installation.succeed(&["dead-letters", "list"]), "0 dead letters\n");
}

#[test]
fn an_operator_sees_jobs_runs_recurring_ones_and_learns_what_is_missing() {
    let installation = Installation::migrated();
    let listed = installation.succeed(&["jobs", "list"]);
    assert!(listed.ends_with("0 jobs wait, run or have failed\n"), "{listed}");
    assert_eq!(installation.succeed(&["jobs", "run", "tidying"]), "tidying: done\n");
    let listed = installation.succeed(&["jobs", "list"]);
    assert!(
        listed.contains("all tidying every 3600s, next ") && !listed.contains("last done never"),
        "{listed}"
    );
    for (wrong, message) in [
        (["run", "settle_months"], "they are forgotten_visits, member_index, sweep_files, tidying"),
        (["retry", "nonsense"], "expected an id like job_"),
        (["retry", "job_0192f0c1000070008000000000000000"], "is no job that has failed"),
    ] {
        let ended = installation.run(&[&["jobs"], &wrong[..]].concat());
        assert_eq!(ended.code, Some(65), "{ended:?}");
        assert!(ended.complained.contains(message), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_a_failed_job_and_an_operator_retries_it() {
    let installation = Installation::migrated();
    let url = format!("sqlite://{}", installation.folder().join("hubnet.db").display());
    let config = DbConfig { url: url.into(), schema: None, max_connections: 2 };
    let db = Db::connect(&config).await.expect("the installation's database");
    let broken = Kind::new("probe", async |_run| Err(JobError::fail(ErrorCode::Internal, "it is broken")));
    let worker = Worker::new(db.clone(), World::real(), vec![broken]);
    let tx = db.write(Reach::Network(no_network())).await.expect("a transaction");
    let job = NewJob::without_input("probe");
    let id = enqueue_for_nobody(&tx, &World::real(), job).await.expect("queued").to_string();
    tx.commit().await.expect("committed");
    assert_eq!(worker.run_due().await.expect("run"), 1);

    let seen = installation.run(&["doctor"]);
    assert!(seen.printed.contains("WRONG  jobs: failed: 1 probe; see `hubnet jobs list`"), "{seen:?}");
    let listed = installation.succeed(&["jobs", "list"]);
    assert!(
        listed.contains(&format!("all {id} probe failed, run 1 times: INTERNAL: it is broken\n")),
        "{listed}"
    );
    assert!(listed.ends_with("1 jobs wait, run or have failed\n"), "{listed}");
    let retried = installation.succeed(&["jobs", "retry", &id]);
    assert!(retried.starts_with(&format!("{id} is queued")), "{retried}");
    assert!(
        installation.succeed(&["jobs", "list"]).contains(&format!("all {id} probe waiting, run 0 times"))
    );
    let seen = installation.succeed(&["doctor"]);
    assert!(seen.contains("ok     jobs: none has failed"), "{seen}");
}

#[test]
fn the_doctor_notices_a_sealing_key_that_others_can_read_or_that_is_none() {
    let installation = Installation::embedded();
    installation.onboard();
    let key = installation.folder().join("keys/sealing.key");
    let mode = |bits| fs::set_permissions(&key, fs::Permissions::from_mode(bits)).expect("changed");
    mode(0o644);
    let seen = installation.run(&["doctor"]);
    assert!(seen.printed.contains("WRONG  sealing key: "), "{seen:?}");
    mode(0o600);
    fs::write(&key, "too short").expect("written");
    let seen = installation.run(&["doctor"]);
    assert_eq!(seen.code, Some(69), "{seen:?}");
    assert!(seen.printed.contains("WRONG  sealing key: "), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealing_key_opens_only_what_it_sealed() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Eva").await;
    let invite = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { code } }";
    let input = json!({ "input": { "memberId": member.id, "email": member.email, "language": "cs" } });
    let invited = app.administrator(&hub).ask(invite, input).await["inviteMember"].clone();
    let tokens = app.accept(&invited, "correct horse battery").await;
    let identity = app.services().identity().expect("identity runs here");
    assert_eq!(identity.examine_sealing_key().await.expect("well"), 0);
    let eva = app.with_token(tokens["accessToken"].as_str().expect("a token"));
    app.second_factor(&eva, "correct horse battery").await;
    assert_eq!(identity.examine_sealing_key().await.expect("well"), 1);
    let folder = tempfile::tempdir().expect("a folder");
    let another = SealingKey::open(folder.path()).expect("a key");
    let (tokens, revocations) = (app.services().tokens().clone(), app.services().revocations().clone());
    let identity = identity::Identity::new(identity.db().clone(), tokens, revocations, another);
    let lost = identity.examine_sealing_key().await.expect_err("another key");
    assert!(lost.to_string().contains("sealing.key"), "{lost}");
}

#[test]
fn the_doctor_ends_quietly_when_its_reader_closes_the_pipe() {
    let installation = Installation::migrated();
    let mut doctor = installation.command(&["doctor"]);
    let mut doctor = doctor.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(doctor.stdout.take());
    let ended = doctor.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
}

#[test]
fn the_audit_log_of_an_installation_holds_and_its_heads_can_be_kept() {
    let installation = Installation::embedded();
    installation.onboard();
    let heads = installation.succeed(&["audit", "verify"]);
    assert!(heads.starts_with("ok all net_") && heads.ends_with("every chain holds\n"), "{heads}");
    let kept = installation.file("heads", &heads);
    installation.succeed(&["audit", "verify", "--against", &kept]);
    let forged: Vec<String> = heads.lines().map(|line| format!("{}x", &line[..line.len() - 1])).collect();
    let forged = installation.file("forged", &forged.join("\n"));
    let ended = installation.run(&["audit", "verify", "--against", &forged]);
    assert_eq!(ended.code, Some(65), "{}", ended.complained);
    assert!(ended.printed.contains("BROKEN all net_"), "{}", ended.printed);
}

#[test]
fn the_schema_is_the_one_in_the_repository() {
    let installation = Installation::embedded();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql");
    let committed = fs::read_to_string(committed).expect("schema.graphql");
    assert!(installation.succeed(&["schema"]) == committed, "run `cargo xtask schema`");
    let subgraph = installation.succeed(&["schema", "--service", "roaming"]);
    assert!(subgraph.contains("@key(fields: \"id\")"), "{subgraph}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_from_the_command_line_is_somebody_at_the_server() {
    let installation = Installation::embedded();
    installation.onboard();
    let server = installation.launch().start().expect("hubnet serves");
    let anonymous = Remote::anonymous(&server.url());
    for (who, role, hub) in [
        ("operator", "OPERATOR", json!({ "slug": "humpolec" })),
        ("administrator", "ADMINISTRATOR", json!({ "slug": "humpolec" })),
        ("coordinator", "COORDINATOR", json!(null)),
        ("network-administrator", "NETWORK_ADMINISTRATOR", json!(null)),
    ] {
        let somebody = anonymous.with_token(&installation.token(&[who, "--hub", "humpolec"]));
        let answer = somebody.ask("{ me { roles { role hub { slug } } network { slug } } }", json!({})).await;
        let me = json!({ "roles": [{ "role": role, "hub": hub }], "network": { "slug": "central" } });
        assert_eq!(answer["me"], me, "{who}");
    }
    let both = ["administrator", "--as", "network-administrator", "--hub", "humpolec", "--hub", "piaseczno"];
    let somebody = anonymous.with_token(&installation.token(&both));
    let answer = somebody.ask("{ me { roles { role hub { slug } } } }", json!({})).await;
    let roles = json!([
        { "role": "ADMINISTRATOR", "hub": { "slug": "humpolec" } },
        { "role": "ADMINISTRATOR", "hub": { "slug": "piaseczno" } },
        { "role": "NETWORK_ADMINISTRATOR", "hub": null },
    ]);
    assert_eq!(answer["me"]["roles"], roles);
    let device = anonymous.with_token(&installation.token(&["device", "--hub", "humpolec"]));
    let answer = device.ask("{ me { id roles { role } } }", json!({})).await;
    assert!(answer["me"]["id"].as_str().is_some_and(|id| id.starts_with("dev_")), "{answer}");

    for (who, missing) in [(["--hub", "nowhere"], "hub"), (["--name", "nobody@example.org"], "member")] {
        let refused = installation.run(&[&["token", "--as", "member"], &who[..]].concat());
        assert_eq!(refused.code, Some(65), "{refused:?}");
        assert!(refused.complained.contains(missing), "{refused:?}");
    }
    let refused = installation.run(&["token", "--as", "device", "--as", "operator"]);
    assert_eq!(refused.code, Some(65), "{refused:?}");
    let forged = anonymous.with_token("not-a-token").response("{ me { id } }", json!({})).await;
    assert_eq!(forged["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}
