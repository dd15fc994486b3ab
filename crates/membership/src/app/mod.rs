//! What membership does: one use-case a file, named by its verb. Each begins by asking the scope, opens at most one
//! transaction, and reads like the policy it carries out.

mod close_forgotten_visits;
mod enroll_member;
mod erase_member;
mod export_personal_data;
mod found_network;
mod has_demonstration;
mod issue_chip;
mod list_visit_states;
mod onboard_hub;
mod read;
mod read_audit;
mod reception;
mod record_touches;
mod recount_occupancy;
mod regulars;
mod reread;
mod revoke_chip;
mod touch_log;

pub use enroll_member::EnrollMember;
pub use erase_member::Erased;
pub use found_network::FoundNetwork;
pub use issue_chip::IssueChip;
pub use list_visit_states::VisitState;
pub use onboard_hub::{NewDevice, NewPlan, NewResource, NewSpace, OnboardHub};
pub use read::VisitQuery;
pub(crate) use reception::Reception;
pub(crate) use record_touches::check_event_id;
pub use record_touches::{Reported, Reporter, TouchOutcome, Who};
pub(crate) use regulars::Regulars;

use kernel::{Language, UnknownLanguage};

use crate::MembershipError;

const LONGEST_NAME: usize = 200;
const LONGEST_SLUG: usize = 60;
/// A name for people: something, not too long, without control characters.
fn check_name(field: &str, name: &str) -> Result<(), MembershipError> {
    let is_name = !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.chars().any(char::is_control);
    let rule = || {
        MembershipError::invalid(
            field,
            format!("1 to {LONGEST_NAME} characters, none of them control characters"),
        )
    };
    is_name.then_some(()).ok_or_else(rule)
}

/// A name for addresses and papers: small letters, digits and dashes.
fn check_slug(field: &str, slug: &str) -> Result<(), MembershipError> {
    let is_letter = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit();
    let is_slug = (1..=LONGEST_SLUG).contains(&slug.len())
        && slug.chars().all(|sign| is_letter(sign) || sign == '-')
        && slug.starts_with(is_letter)
        && slug.ends_with(is_letter);
    let rule = || {
        MembershipError::invalid(field, format!("1 to {LONGEST_SLUG} small letters, digits and inner dashes"))
    };
    is_slug.then_some(()).ok_or_else(rule)
}

fn check_language(language: &str) -> Result<(), MembershipError> {
    let parsed: Result<Language, UnknownLanguage> = language.parse();
    parsed.map(drop).map_err(|unknown| MembershipError::invalid("language", unknown))
}
