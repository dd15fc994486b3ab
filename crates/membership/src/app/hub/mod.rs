//! The use cases that change a hub and find it. Each edit is a function of the whole place, run by [`change`].

mod change;
mod describe_hub;
mod devices;
mod find_hubs;
mod life;
mod opening_hours;
mod spaces;

pub(crate) use change::keep_version;
pub use change::{HubChange, HubWarning, Target};
pub use describe_hub::ChangeHub;
pub use devices::NewDeviceCode;
pub use find_hubs::{FoundHub, HubSearch, distance_m};
pub use life::{ChecklistItem, HubVersion, StartHub, Task};
pub use opening_hours::{ChangeHours, SpecialHours};
pub use spaces::{AddResource, AddSpace, ChangeResource, ChangeSpace, TakeOut, Thing};
