//! The pace of each caller in this process.

use std::{num::NonZeroU32, time::Duration};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use super::{Rate, TrafficLimits};
use crate::CallerClass;

/// One limiter a class; `None`: any pace.
pub(super) struct Rates {
    nameless: Option<DefaultKeyedRateLimiter<String>>,
    persons: Option<DefaultKeyedRateLimiter<String>>,
    devices: Option<DefaultKeyedRateLimiter<String>>,
    clock: DefaultClock,
}

impl Rates {
    pub(super) fn new(limits: &TrafficLimits) -> Self {
        Self {
            nameless: limiter(limits.per_address),
            persons: limiter(limits.per_person),
            devices: limiter(limits.per_device),
            clock: DefaultClock::default(),
        }
    }

    /// Counts one request, or says how long to wait.
    pub(super) fn check(&self, class: CallerClass, who: &str) -> Result<(), Duration> {
        let limiter = match class {
            CallerClass::Nameless => &self.nameless,
            CallerClass::Person => &self.persons,
            CallerClass::Device => &self.devices,
        };
        let Some(limiter) = limiter else { return Ok(()) };
        limiter.check_key(&who.to_owned()).map_err(|refused| refused.wait_time_from(self.clock.now()))
    }

    pub(super) fn forget_quiet_ones(&self) {
        for limiter in [&self.nameless, &self.persons, &self.devices].into_iter().flatten() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

fn limiter(rate: Rate) -> Option<DefaultKeyedRateLimiter<String>> {
    let per_second = NonZeroU32::new(rate.per_second)?;
    let burst = NonZeroU32::new(rate.burst).unwrap_or(per_second);
    Some(RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst)))
}
