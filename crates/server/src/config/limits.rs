//! `[limits]`: the limits of traffic.

use platform_http::{Rate, TrafficLimits};
use serde::Deserialize;

/// How often callers may send requests, and how many run at once. A rate of 0 means no limit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Nameless callers and refused tokens of one address: requests a second.
    pub per_address_per_second: u32,
    /// The burst of one address after a pause.
    pub per_address_burst: u32,
    /// A person or integration: requests a second.
    pub per_person_per_second: u32,
    /// The burst of a person or integration after a pause.
    pub per_person_burst: u32,
    /// A device: requests a second.
    pub per_device_per_second: u32,
    /// The burst of a device after a pause.
    pub per_device_burst: u32,
    /// Sockets and event streams that one address may hold open.
    pub sockets_per_address: usize,
    /// Requests in progress at once; the last fifth is reserved for devices.
    pub requests_at_once: usize,
    /// Requests of nameless callers in progress at once.
    pub strangers_at_once: usize,
}

impl LimitsConfig {
    /// The limits in the edge's form.
    pub fn traffic(&self) -> TrafficLimits {
        let rate = |per_second, burst| Rate { per_second, burst };
        TrafficLimits {
            per_address: rate(self.per_address_per_second, self.per_address_burst),
            per_person: rate(self.per_person_per_second, self.per_person_burst),
            per_device: rate(self.per_device_per_second, self.per_device_burst),
            sockets_per_address: self.sockets_per_address,
            requests_at_once: self.requests_at_once,
            strangers_at_once: self.strangers_at_once,
        }
    }
}
