//! GraphQL over HTTP, audited by the specification's own suite (npm `graphql-http`): every MUST and every SHOULD.

use std::process::Command;

use private_servers::packages;
use testkit::{Json, Shape};

use crate::support::installation::Installation;

const PACKAGE: &str = include_str!("graphql_over_http/package.json");
const SCRIPT: &str = include_str!("graphql_over_http/audit.mjs");
/// How many audits version 1.23 of the suite has.
const AT_LEAST: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn the_audits_of_graphql_over_http_pass() {
    let folder = packages::ensure_npm("graphql-http-audit", PACKAGE).expect("the suite is installed");
    std::fs::write(folder.join("audit.mjs"), SCRIPT).expect("written");
    let installation = match Shape::of_run() {
        Shape::Embedded => Installation::embedded(),
        Shape::Distributed => Installation::on(testkit::servers(), &format!("audit_{}", std::process::id())),
    };
    installation.onboard();
    let process = installation.launch().start().expect("hubnet serves");

    let url = format!("{}/graphql", process.url());
    let output =
        Command::new("node").arg("audit.mjs").arg(url).current_dir(&folder).output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("a text");
    let audits: Vec<Json> = printed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(audits.len() >= AT_LEAST, "{} audits", audits.len());
    for audit in audits {
        let name = audit["name"].as_str().expect("a name");
        // Queries by GET are the one allowed feature that is deliberately absent (docs/adr/0008-graph-edge.md).
        let is_our_decision = audit["status"] == "notice" && name.starts_with("MAY") && name.contains("GET");
        assert!(audit["status"] == "ok" || is_our_decision, "{audit:#}");
    }
}
