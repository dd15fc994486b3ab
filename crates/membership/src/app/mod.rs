//! The use cases of membership: one per file, named by its verb. Each checks the context first, opens at most one
//! transaction and reads like the policy it implements.

mod enroll_member;
mod erase_member;
mod examine_addresses;
mod found_network;
mod hub;
mod issue_chip;
mod onboard_hub;
mod people;
mod presence;
mod read;
mod revoke_chip;

pub use enroll_member::EnrollMember;
pub use erase_member::Erased;
pub use found_network::FoundNetwork;
pub use hub::{
    AddResource, AddSpace, ChangeHours, ChangeHub, ChangeResource, ChangeSpace, ChecklistItem, FoundHub,
    HubChange, HubSearch, HubVersion, HubWarning, NewDeviceCode, SpecialHours, StartHub, TakeOut, Target,
    Task, Thing, distance_m,
};
pub use issue_chip::IssueChip;
pub use onboard_hub::{NewDevice, NewPlan, NewResource, NewSpace, OnboardHub};
pub(crate) use people::find_members::MemberPosition;
pub use people::keep_member_records::{AddMemberContact, RecordConsent, WriteMemberNote};
pub use people::{correct_member::CorrectMember, end_membership::EndMembership, find_members::FindMembers};
pub(crate) use presence::admission_cache::AdmissionCache;
pub(crate) use presence::call::check_event_id;
pub use presence::call::{Reported, Reporter, TouchOutcome, Who};
pub use presence::list_visit_states::VisitState;
pub(crate) use presence::touch_batcher::TouchBatcher;
pub use read::VisitQuery;

use kernel::{Label, Language, Slug, UnknownLanguage};

use crate::MembershipError;

const LONGEST_NAME: usize = 200;

/// Parses a line of text and normalises it.
fn line(field: &str, text: &str) -> Result<String, MembershipError> {
    let line = Label::<LONGEST_NAME>::parse(text);
    line.map(Into::into).map_err(|error| MembershipError::invalid(field, error))
}

/// Parses a slug or code.
fn slug(field: &str, text: &str) -> Result<String, MembershipError> {
    Slug::parse(text).map(Into::into).map_err(|error| MembershipError::invalid(field, error))
}

fn check_language(language: &str) -> Result<(), MembershipError> {
    let parsed: Result<Language, UnknownLanguage> = language.parse();
    parsed.map(drop).map_err(|unknown| MembershipError::invalid("language", unknown))
}
