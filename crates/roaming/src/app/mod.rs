//! The use cases of roaming: one per file, named by its verb. Each checks the context first, opens at most one
//! writing transaction and reads like the policy it implements.

mod check_books;
mod close_settlement;
mod end_roaming_pass;
mod examine_rates;
mod find_guest_tariffs;
mod find_job;
mod find_roaming_passes;
mod follow_absence;
mod forget_member;
mod issue_roaming_pass;
mod list_charges;
mod load_facts;
mod post_charges;
mod publish_tariff;
mod read_settlements;
mod settle_months;

pub use check_books::RatedVisit;
pub use examine_rates::MissingRate;
pub use find_roaming_passes::SeenPass;
pub(crate) use follow_absence::{Absence, follow_absence};
pub(crate) use forget_member::{ErasedMember, forget_member};
pub use issue_roaming_pass::IssueRoamingPass;
pub(crate) use post_charges::post_charges;
pub use publish_tariff::PublishTariff;
pub use settle_months::SETTLE_MONTHS;
