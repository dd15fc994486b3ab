//! What the service can be asked to do, one use-case per file. Always true: the context is asked first; questions read
//! roll-ups, only the check of the roll-ups themselves reads visits.

mod find_counted_visits;
mod list_networks;
mod read_hub_metrics;
mod read_network_metrics;
mod take_in_visits;
mod verify_rollups;

pub(crate) use take_in_visits::take_in_visits;
pub use verify_rollups::Difference;
