//! The use cases of the service, one per file. Always true: each checks the context first; queries read roll-ups, and
//! only the check of the roll-ups reads visits.

mod find_counted_visits;
mod list_networks;
mod read_hub_metrics;
mod read_network_metrics;
mod take_in_visits;
mod verify_rollups;

pub(crate) use take_in_visits::take_in_visits;
pub use verify_rollups::Difference;
