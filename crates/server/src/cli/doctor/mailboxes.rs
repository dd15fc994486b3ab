//! Checks that one mailbox is one member and one account. Addresses stored before they had one form may have stayed
//! unchanged, because another person has the mailbox. They are named by their ids, never by the address.

use std::fmt::Display;

use super::{Findings, consistency::text};
use crate::App;

/// The most addresses named; the others are only counted.
const NAMED: usize = 20;

pub(super) async fn examine(app: &App, findings: &mut Findings) {
    if let Some(membership) = app.membership() {
        let old = membership.examine_addresses().await.map_err(text);
        findings.note("mailboxes of members", old.and_then(|old| finding(&old, IN_MEMBERSHIP)));
    }
    if let Some(identity) = app.identity() {
        let old = identity.examine_addresses().await.map_err(text);
        let old = old.map(|old| old.iter().map(|it| (it.person, it.holder)).collect::<Vec<_>>());
        findings.note("mailboxes of accounts", old.and_then(|old| finding(&old, IN_IDENTITY)));
    }
}

const IN_MEMBERSHIP: &str = "erase the one that nobody uses";
const IN_IDENTITY: &str =
    "only the second of each pair signs in with it: invite the first to another address";

fn finding<I: Display>(old: &[(I, Option<I>)], remedy: &str) -> Result<String, String> {
    if old.is_empty() {
        return Ok("one each".into());
    }
    let name = |(row, holder): &(I, Option<I>)| match holder {
        Some(holder) => format!("{row} has the mailbox of {holder}"),
        None => format!("{row} has an address that is none"),
    };
    let named: Vec<String> = old.iter().take(NAMED).map(name).collect();
    let more = if old.len() > NAMED { format!(", and {} more", old.len() - NAMED) } else { String::new() };
    Err(format!("{}{more}: {remedy}", named.join(", ")))
}
