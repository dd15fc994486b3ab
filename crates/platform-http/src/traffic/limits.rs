//! The figures of traffic. Always true: the defaults let a whole hub work behind one address.

use crate::CallerClass;

/// So many a second, and so many at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests a second; 0 means any number.
    pub per_second: u32,
    /// Requests that may come at once after a pause.
    pub burst: u32,
}

impl Rate {
    /// Any number.
    pub const UNLIMITED: Self = Self { per_second: 0, burst: 0 };

    /// Whether any number may come.
    pub(super) const fn is_unlimited(self) -> bool {
        self.per_second == 0
    }
}

/// What callers may do to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrafficLimits {
    /// Strangers and refused tokens, by address (an IPv6 network of 64 bits counts as one).
    pub per_address: Rate,
    /// A person or integration.
    pub per_person: Rate,
    /// A device.
    pub per_device: Rate,
    /// Sockets and event streams one address may hold open.
    pub sockets_per_address: usize,
    /// Requests being answered at once; the last fifth is kept for devices.
    pub requests_at_once: usize,
    /// Requests of strangers being worked on at once; some more wait for their turn. Whatever they ask for, the rest of
    /// the processor and of the database's connections is for known callers.
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
    /// For a process whose callers were counted before.
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
