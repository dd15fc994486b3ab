//! The rate of each caller in this process.

use std::{num::NonZeroU32, time::Duration};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use super::{Rate, TrafficLimits};
use crate::CallerClass;

/// A limiter and its burst.
type Limiter = (DefaultKeyedRateLimiter<String>, NonZeroU32);

/// One limiter for each class; `None` means no limit.
pub(super) struct Rates {
    nameless: Option<Limiter>,
    persons: Option<Limiter>,
    devices: Option<Limiter>,
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

    /// Counts `times` requests, or returns how long to wait. A count above the burst counts as the burst.
    pub(super) fn check(&self, class: CallerClass, who: &str, times: NonZeroU32) -> Result<(), Duration> {
        let limiter = match class {
            CallerClass::Nameless => &self.nameless,
            CallerClass::Person => &self.persons,
            CallerClass::Device => &self.devices,
        };
        let Some((limiter, burst)) = limiter else { return Ok(()) };
        match limiter.check_key_n(&who.to_owned(), times.min(*burst)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refused)) => Err(refused.wait_time_from(self.clock.now())),
            Err(_never_more_than_the_burst) => Err(Duration::from_secs(1)),
        }
    }

    pub(super) fn forget_quiet_ones(&self) {
        for (limiter, _burst) in [&self.nameless, &self.persons, &self.devices].into_iter().flatten() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

fn limiter(rate: Rate) -> Option<Limiter> {
    let per_second = NonZeroU32::new(rate.per_second)?;
    let burst = NonZeroU32::new(rate.burst).unwrap_or(per_second);
    Some((RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst)), burst))
}
