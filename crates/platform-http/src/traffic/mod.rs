//! How often callers may ask, how many may be inside at once, how many sockets one address may hold.
//!
//! Always true: strangers are counted by address, known callers by who they are, so a crowd behind one address does not
//! use up its neighbours' turns; devices have a class of their own and a reserve of room, for people stand before them.
//! This process decides alone and at once. Where processes share counts, their sum can only make it stricter, and
//! nobody waits for that sum.

mod limits;
mod places;
mod rates;
mod shared;

use std::{net::IpAddr, sync::Arc, time::Duration};

use kernel::neighbourhood;
pub use limits::{Rate, TrafficLimits};
pub(crate) use places::Place;
pub use shared::SharedCounts;

use self::{places::Places, rates::Rates, shared::Tally};
use crate::{CallerClass, ErrorCode, refused::Refused};

/// What a process knows of its callers' pace.
pub(crate) struct Traffic {
    limits: TrafficLimits,
    rates: Rates,
    tally: Option<Tally>,
    requests: Places<()>,
    sockets: Places<IpAddr>,
}

impl Traffic {
    pub(crate) fn new(limits: TrafficLimits, shared: Option<Arc<dyn SharedCounts>>) -> Self {
        Self {
            rates: Rates::new(&limits),
            tally: shared.map(Tally::new),
            requests: Places::default(),
            sockets: Places::default(),
            limits,
        }
    }

    /// Counts a request of a known caller.
    pub(crate) fn pass(&self, class: CallerClass, account: &str, address: IpAddr) -> Result<(), Refused> {
        if class == CallerClass::Nameless {
            return self.pass_nameless(address);
        }
        self.pass_as(class, account)
    }

    /// Counts a request of a stranger, or one whose token is not good.
    pub(crate) fn pass_nameless(&self, address: IpAddr) -> Result<(), Refused> {
        self.pass_as(CallerClass::Nameless, &neighbourhood(address).to_string())
    }

    fn pass_as(&self, class: CallerClass, who: &str) -> Result<(), Refused> {
        let alone = self.rates.check(class, who);
        let together =
            self.tally.as_ref().map_or(Ok(()), |tally| tally.count(class, who, self.limits.rate(class)));
        alone.and(together).map_err(too_often)
    }

    /// Lets a request in, if there is room for its class.
    pub(crate) fn enter(&self, class: CallerClass) -> Result<Place<()>, Refused> {
        let room = match class {
            CallerClass::Device => self.limits.requests_at_once,
            CallerClass::Nameless | CallerClass::Person => self.limits.requests_at_once / 5 * 4,
        };
        self.requests.take((), room).ok_or_else(|| {
            Refused::new(
                ErrorCode::Overloaded,
                "More requests are being answered than this server can carry.",
            )
        })
    }

    /// Lets an address open one socket or stream more.
    pub(crate) fn open(&self, address: IpAddr) -> Result<Place<IpAddr>, Refused> {
        self.sockets.take(neighbourhood(address), self.limits.sockets_per_address).ok_or_else(|| {
            let most = self.limits.sockets_per_address;
            let message = format!("Your address holds {most} sockets and streams open already.");
            Refused::new(ErrorCode::TooManyConnections, message)
        })
    }

    /// Forgets callers that were not heard of lately.
    pub(crate) fn forget_quiet_ones(&self) {
        self.rates.forget_quiet_ones();
    }

    /// Tells the other processes what was counted here and learns what they counted.
    pub(crate) async fn exchange(&self, at_second: i64) {
        if let Some(tally) = &self.tally {
            tally.exchange(at_second).await;
        }
    }
}

fn too_often(wait: Duration) -> Refused {
    let seconds = wait.as_secs() + 1;
    Refused::new(ErrorCode::RateLimited, format!("Too many requests; ask again in {seconds} s."))
        .after_seconds(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(change: impl FnOnce(&mut TrafficLimits)) -> Traffic {
        let mut limits = TrafficLimits::default();
        change(&mut limits);
        Traffic::new(limits, None)
    }

    fn home(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn a_stranger_who_asks_too_often_is_told_to_wait_and_their_neighbours_are_not() {
        let traffic = traffic(|limits| limits.per_address = Rate { per_second: 1, burst: 3 });
        let refused = (0..4).filter(|_| traffic.pass_nameless(home(1)).is_err()).count();
        assert_eq!(refused, 1);
        assert!(traffic.pass_nameless(home(2)).is_ok());
        assert!(
            traffic.pass(CallerClass::Person, "mara", home(1)).is_ok(),
            "known callers are counted as themselves"
        );
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_caller() {
        let traffic = traffic(|limits| limits.per_address = Rate { per_second: 1, burst: 1 });
        assert!(traffic.pass_nameless("2001:db8::1".parse().expect("an address")).is_ok());
        assert!(traffic.pass_nameless("2001:db8::ffff:2".parse().expect("an address")).is_err());
        assert!(traffic.pass_nameless("2001:db8:0:1::1".parse().expect("an address")).is_ok());
    }

    #[test]
    fn nothing_is_limited_where_no_rate_is_set() {
        let traffic = traffic(|limits| limits.per_address = Rate::UNLIMITED);
        assert!((0..10_000).all(|_| traffic.pass_nameless(home(1)).is_ok()));
    }

    #[test]
    fn devices_find_room_when_others_do_not() {
        let traffic = traffic(|limits| limits.requests_at_once = 5);
        let inside: Vec<_> = (0..4).map(|_| traffic.enter(CallerClass::Person)).collect();
        assert!(inside.iter().all(Result::is_ok));
        assert!(traffic.enter(CallerClass::Nameless).is_err());
        let device = traffic.enter(CallerClass::Device);
        assert!(device.is_ok());
        assert!(traffic.enter(CallerClass::Device).is_err(), "the room is full");
        drop(device);
        assert!(traffic.enter(CallerClass::Device).is_ok());
    }

    #[test]
    fn one_address_holds_only_so_many_sockets() {
        let traffic = traffic(|limits| limits.sockets_per_address = 1);
        let first = traffic.open(home(1));
        assert!(first.is_ok());
        assert!(traffic.open(home(1)).is_err());
        assert!(traffic.open(home(2)).is_ok());
        drop(first);
        assert!(traffic.open(home(1)).is_ok());
    }
}
