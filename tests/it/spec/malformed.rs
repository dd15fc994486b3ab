//! Malformed input: every input of the schema with invalid values; broken bodies, headers and tokens. No response has
//! a status of 5xx or reports an internal fault. Every refusal has a code from the list and names its field and its
//! rule, and leaves the database exactly as it was.
//!
//! Always true: the inputs come from `schema.graphql` and a seed, so a new field is tested at once, and a run can be
//! repeated (`HUBNET_TEST_SEED`).

mod ledger;
mod poison;
mod requests;
mod schema;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kernel::ErrorCode;
use private_servers::Hubnet;
use testkit::{Json, Shape};
use tokio::task::JoinSet;

use self::{
    ledger::Ledger,
    requests::{Known, Request},
};
use crate::{support::front_desk::FrontDesk, support::installation::Installation};

/// The required number; a long run sends more.
const AT_LEAST: usize = 20_000;
const AT_LEAST_LONG: usize = 200_000;
const AT_ONCE: usize = 8;
const ROUNDS: usize = 5;
/// Settings under which one address may send requests as fast as it can.
const UNLIMITED: [(&str, &str); 4] = [
    ("HUBNET__LIMITS__PER_ADDRESS_PER_SECOND", "0"),
    ("HUBNET__LIMITS__PER_PERSON_PER_SECOND", "0"),
    ("HUBNET__LIMITS__PER_DEVICE_PER_SECOND", "0"),
    ("HUBNET__LIMITS__REQUESTS_AT_ONCE", "100000"),
];
/// Inputs that somebody could guess: tries are counted, refused ones too; too many are refused as too many.
const GUESSED_AT: [&str; 5] = [
    "Mutation.signIn",
    "Mutation.changePassword",
    "Mutation.requestPasswordReset",
    "Mutation.resetPassword",
    "Mutation.verifyEmail",
];
/// Faults of the application, or of this test.
const OURS: [ErrorCode; 5] = [
    ErrorCode::Internal,
    ErrorCode::Unavailable,
    ErrorCode::DeadlineExceeded,
    ErrorCode::Overloaded,
    // A rate-limited request was not examined.
    ErrorCode::RateLimited,
];

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_refused_with_a_code_and_change_nothing() {
    let installation = match Shape::of_run() {
        Shape::Embedded => Installation::embedded(),
        Shape::Distributed => {
            Installation::on(testkit::servers(), &format!("malformed_{}", std::process::id()))
        }
    };
    installation.onboard();
    let unlimited = UNLIMITED.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let process = installation.launch().settings(unlimited).start().expect("hubnet serves");
    let known = known(&installation, &process).await;
    let is_long = std::env::var_os("HUBNET_TEST_LONG").is_some();
    let requests = requests::all(&known, if is_long { AT_LEAST_LONG } else { AT_LEAST });
    assert!(requests.len() >= AT_LEAST, "{} inputs", requests.len());
    let ledger = Ledger::of(&installation);

    let mut tally = Tally::default();
    let refused = throw(&process, requests, &mut tally).await;
    let leaves_nothing = |request: &Request| request.is_mutation && !is_guessed_at(request);
    let mutations = refused.into_iter().filter(leaves_nothing).collect();
    assert_refusals_leave_nothing(&process, &ledger, mutations, &mut tally).await;
    println!("{tally:#?}");
    let log = std::fs::read_to_string(process.folder().join("log")).unwrap_or_default();
    assert!(!log.contains("panicked"), "{log}");
}

/// Sends the refused requests once more, between two dumps of the database. If one broken input left a trace that
/// lets another one in the second time, the check is repeated without that one.
async fn assert_refusals_leave_nothing(
    process: &Hubnet,
    ledger: &Ledger,
    mut mutations: Vec<Request>,
    tally: &mut Tally,
) {
    for _ in 0..ROUNDS {
        ledger.drained().await;
        let before = ledger.dump().await;
        let thrown = mutations.len();
        mutations = throw(process, mutations, tally).await;
        if mutations.len() == thrown {
            ledger.drained().await;
            let after = ledger.dump().await;
            for (table, rows) in &before {
                assert!(after.get(table) == Some(rows), "a refused input changed {table}");
            }
            println!("{thrown} refused mutations left nothing");
            return;
        }
    }
    panic!("what is refused is let in again and again: {:#?}", tally.taken);
}

async fn known(installation: &Installation, process: &Hubnet) -> Known {
    let front_desk = FrontDesk::open(installation, &process.url()).await;
    let traveller = front_desk.enrol("humpolec", "Alena", "04AB0001").await;
    front_desk.give_pass(&traveller).await;
    let answer = front_desk.remote().ask("{ network { id } }", testkit::json!({})).await;
    Known {
        hub: front_desk.hub("humpolec").to_owned(),
        network: crate::support::front_desk::word(&answer["network"]["id"]),
        member: traveller.id,
        chip: traveller.chip,
        chip_id: traveller.chip_id,
        administrator: installation.token(&[
            "administrator",
            "--as",
            "network-administrator",
            "--hub",
            "humpolec",
        ]),
    }
}

/// The results.
#[derive(Debug, Default)]
struct Tally {
    thrown: usize,
    answered: usize,
    codes: BTreeMap<String, usize>,
    /// Broken values that were accepted all the same, by the original value: for people to read.
    taken: BTreeMap<String, usize>,
    slowest: Duration,
}

/// Sends requests, several at once; returns the refused ones.
async fn throw(process: &Hubnet, requests: Vec<Request>, tally: &mut Tally) -> Vec<Request> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().expect("a client");
    let url = format!("{}/graphql", process.url());
    let queue = Arc::new(std::sync::Mutex::new(requests.into_iter()));
    let mut throwers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (http, url, queue) = (http.clone(), url.clone(), Arc::clone(&queue));
        throwers.spawn(async move {
            let mut thrown = Vec::new();
            loop {
                let next = queue.lock().expect("no panic").next();
                let Some(request) = next else { return thrown };
                let begun = std::time::Instant::now();
                let verdict = verdict(&http, &url, &request).await;
                thrown.push((request, verdict, begun.elapsed()));
            }
        });
    }
    let mut refused = Vec::new();
    while let Some(thrown) = throwers.join_next().await {
        for (request, verdict, took) in thrown.expect("what comes back is as promised") {
            tally.thrown += 1;
            tally.slowest = tally.slowest.max(took);
            if verdict.is_empty() {
                tally.answered += 1;
                *tally.taken.entry(request.what.clone()).or_default() += 1;
            } else {
                refused.push(request);
            }
            for code in verdict {
                *tally.codes.entry(code).or_default() += 1;
            }
        }
    }
    refused
}

fn is_guessed_at(request: &Request) -> bool {
    GUESSED_AT.iter().any(|mutation| request.what.starts_with(mutation))
}

/// Returns the codes of a refusal; none for a success.
async fn verdict(http: &reqwest::Client, url: &str, request: &Request) -> Vec<String> {
    let mut post = http.post(url).body(request.body.clone());
    for (name, value) in &request.headers {
        post = post.header(*name, value.clone());
    }
    let response = post.send().await.unwrap_or_else(|error| panic!("{request:?}: {error:?}"));
    let status = response.status();
    let body = response.bytes().await.unwrap_or_else(|error| panic!("{request:?}: {error:?}"));
    let shown = || format!("{request:?}\nis answered {status}: {}", String::from_utf8_lossy(&body));
    assert!(!status.is_server_error(), "{}", shown());
    let body: Json = serde_json::from_slice(&body).unwrap_or_else(|_| panic!("no JSON: {}", shown()));
    let Some(errors) = body.get("errors") else {
        assert!(status.is_success() && body.get("data").is_some(), "{}", shown());
        return Vec::new();
    };
    let code = |error: &Json| {
        let code = error["extensions"]["code"].as_str().and_then(ErrorCode::of);
        let code = code.unwrap_or_else(|| panic!("no code of the list: {}", shown()));
        let is_counted = code == ErrorCode::RateLimited && is_guessed_at(request);
        assert!(is_counted || !OURS.contains(&code), "a fault of ours: {}", shown());
        testkit::assert_explained(error);
        code.as_str().to_owned()
    };
    let codes: Vec<String> = errors.as_array().into_iter().flatten().map(code).collect();
    assert!(!codes.is_empty(), "{}", shown());
    codes
}
