//! The limits of traffic. Always true: the defaults let a whole hub work behind one address.

use crate::CallerClass;

/// A rate of requests with a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests a second; 0 means no limit.
    pub per_second: u32,
    /// Requests that may come at once after a pause.
    pub burst: u32,
}

impl Rate {
    /// No limit.
    pub const UNLIMITED: Self = Self { per_second: 0, burst: 0 };

    /// Whether there is no limit.
    pub(super) const fn is_unlimited(self) -> bool {
        self.per_second == 0
    }
}

/// The limits of a process's callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrafficLimits {
    /// Nameless callers and refused tokens, by address (an IPv6 network of 64 bits counts as one).
    pub per_address: Rate,
    /// A person or integration.
    pub per_person: Rate,
    /// A device.
    pub per_device: Rate,
    /// Sockets and event streams that one address may hold open.
    pub sockets_per_address: usize,
    /// Requests in progress at once; the last fifth is reserved for devices.
    pub requests_at_once: usize,
    /// Requests of nameless callers in progress at once; some more wait for their turn. The rest of the processor and
    /// of the database's connections stays available to known callers.
    pub strangers_at_once: usize,
}

impl Default for TrafficLimits {
    fn default() -> Self {
        Self {
            per_address: Rate { per_second: 100, burst: 500 },
            per_person: Rate { per_second: 50, burst: 200 },
            per_device: Rate { per_second: 200, burst: 1_000 },
            sockets_per_address: 200,
            requests_at_once: 500,
            strangers_at_once: 4,
        }
    }
}

impl TrafficLimits {
    /// The limits for a process whose callers were counted before.
    pub fn unlimited() -> Self {
        Self {
            per_address: Rate::UNLIMITED,
            per_person: Rate::UNLIMITED,
            per_device: Rate::UNLIMITED,
            sockets_per_address: usize::MAX,
            requests_at_once: usize::MAX,
            strangers_at_once: usize::MAX,
        }
    }

    pub(crate) const fn rate(&self, class: CallerClass) -> Rate {
        match class {
            CallerClass::Nameless => self.per_address,
            CallerClass::Person => self.per_person,
            CallerClass::Device => self.per_device,
        }
    }
}
