//! The demo network: five hubs drawn from the sources, and a generator of their device logs.
//!
//! Always true:
//! - It is pure. The small files are embedded, and the generator reads no clock, no disk and no system zone data: the
//!   same seed and day give the same people and uploads on every machine.
//! - It does not depend on the product. Its output is onboarding files, people to enrol and device logs, which enter
//!   through the public interfaces.
//!
//! To add a hub: write `hubs/<slug>.toml`, list it in `files`, and describe its profile in `hub`.

mod calendar;
mod demand;
mod device;
mod dice;
mod event;
mod files;
mod generate;
mod hub;
mod hub_day;
mod latin;
mod names;
mod network;
mod person;
mod place;
mod population;
mod stay;
mod touch;
mod travel;
mod upload;
mod visit;
mod window;

pub use event::{Event, EventKind, events};
pub use files::{EVENTS, NETWORK, RATES, hub_files};
pub use generate::{Demo, generate};
pub use network::{Network, network};
pub use person::{LostChip, Person};
pub use upload::{Direction, LogLine, Upload};
pub use window::Window;
