//! Generates six months of logs from a seed: people, then visits, then touches, then uploads.

use jiff::civil::Date;

use crate::device::Device;
use crate::dice::Dice;
use crate::person::Person;
use crate::place::places;
use crate::population::population;
use crate::touch::device_lines;
use crate::upload::Upload;
use crate::visit::visits;
use crate::window::Window;

/// All people who ever joined and all uploads of the devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demo {
    /// The days covered, which also give the founding of the network.
    pub window: Window,
    /// Ordered by the time they joined.
    pub people: Vec<Person>,
    /// Ordered by the time they arrived.
    pub uploads: Vec<Upload>,
}

/// Generates the demo for the six full months and the running one before `until`.
///
/// Within the window there are at least 20,000 check-ins. The same seed and day give the same demo.
pub fn generate(seed: u64, until: Date) -> Demo {
    let window = Window::before(until);
    let mut dice = Dice::new(seed);
    let places = places();
    let members = population(&places, window, &mut dice);
    let visits = visits(&places, &members, window, &mut dice);
    let logs = device_lines(&places, &members, &visits, window, &mut dice);
    let mut uploads: Vec<Upload> = logs
        .into_iter()
        .flat_map(|((place, code), lines)| {
            Device::new(&places[place], code, window).uploads(lines, &mut dice)
        })
        .collect();
    uploads.sort_by_key(|upload| (upload.at, upload.hub, upload.device));
    Demo { window, people: members.into_iter().map(|member| member.person).collect(), uploads }
}
