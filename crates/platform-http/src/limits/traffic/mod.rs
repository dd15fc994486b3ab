//! Limits how often callers send requests, how many run at once, and how many sockets one address holds.
//!
//! Always true: nameless callers are counted by address, known callers by account, so a crowd behind one address does
//! not use up its neighbours' rate. Devices have a class of their own and reserved capacity, because people stand in
//! front of them. A request costs as many turns as it has outermost fields, since each queries the database on its own.
//! Nameless callers together have a small share of the capacity and wait only for each other. This process decides
//! alone and at once. If processes share counts, their sum can only make it stricter, and no request waits for that
//! sum.

mod limits;
mod places;
mod rates;
mod shared;

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use kernel::neighbourhood;
pub use limits::{Rate, TrafficLimits};
pub(crate) use places::Place;
pub use shared::SharedCounts;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::{places::Places, rates::Rates, shared::Tally};
use crate::{CallerClass, ErrorCode, responses::client_error::ClientError};

/// How many requests of nameless callers wait for each one in progress.
const STRANGERS_WAITING: usize = 15;

/// The state of a process's traffic limits.
pub(crate) struct Traffic {
    limits: TrafficLimits,
    rates: Rates,
    tally: Option<Tally>,
    requests: Places<()>,
    strangers: Places<()>,
    strangers_at_work: Arc<Semaphore>,
    sockets: Places<IpAddr>,
}

impl Traffic {
    pub(crate) fn new(limits: TrafficLimits, shared: Option<Arc<dyn SharedCounts>>) -> Self {
        Self {
            rates: Rates::new(&limits),
            tally: shared.map(Tally::new),
            requests: Places::default(),
            strangers: Places::default(),
            strangers_at_work: Arc::new(Semaphore::new(limits.strangers_at_once.min(Semaphore::MAX_PERMITS))),
            sockets: Places::default(),
            limits,
        }
    }

    /// Counts a request of a known caller.
    pub(crate) fn pass(&self, class: CallerClass, account: &str, address: IpAddr) -> Result<(), ClientError> {
        if class == CallerClass::Nameless {
            return self.pass_nameless(address);
        }
        self.pass_as(class, account, NonZeroU32::MIN)
    }

    /// Counts a request's fields beyond the first, once it has been read. Devices send one field at a time.
    pub(crate) fn pass_fields(
        &self,
        class: CallerClass,
        account: &str,
        address: IpAddr,
        fields: u32,
    ) -> Result<(), ClientError> {
        let Some(more) = NonZeroU32::new(fields.saturating_sub(1)) else { return Ok(()) };
        match class {
            CallerClass::Nameless => self.pass_as(class, &neighbourhood(address).to_string(), more),
            CallerClass::Person => self.pass_as(class, account, more),
            CallerClass::Device => Ok(()),
        }
    }

    /// Counts a request of a nameless caller or with a refused token.
    pub(crate) fn pass_nameless(&self, address: IpAddr) -> Result<(), ClientError> {
        self.pass_as(CallerClass::Nameless, &neighbourhood(address).to_string(), NonZeroU32::MIN)
    }

    fn pass_as(&self, class: CallerClass, who: &str, times: NonZeroU32) -> Result<(), ClientError> {
        let alone = self.rates.check(class, who, times);
        let count = |tally: &Tally| tally.count(class, who, self.limits.rate(class), times);
        let together = self.tally.as_ref().map_or(Ok(()), count);
        alone.and(together).map_err(too_often)
    }

    /// Admits a request if there is capacity for its class. A nameless caller's waits for its turn.
    pub(crate) async fn enter(&self, class: CallerClass) -> Result<Inside, ClientError> {
        let place = self.take_room(class)?;
        let stranger = match class {
            CallerClass::Nameless => Some(self.take_turn().await?),
            CallerClass::Person | CallerClass::Device => None,
        };
        Ok(Inside { _place: place, _stranger: stranger })
    }

    async fn take_turn(&self) -> Result<Turn, ClientError> {
        let most = self.limits.strangers_at_once.saturating_mul(1 + STRANGERS_WAITING);
        let place = self.strangers.take((), most).ok_or_else(overloaded)?;
        // The semaphore is never closed.
        let permit =
            Arc::clone(&self.strangers_at_work).acquire_owned().await.map_err(|_closed| overloaded())?;
        Ok(Turn { _place: place, _permit: permit })
    }

    fn take_room(&self, class: CallerClass) -> Result<Place<()>, ClientError> {
        let room = match class {
            CallerClass::Device => self.limits.requests_at_once,
            CallerClass::Nameless | CallerClass::Person => self.limits.requests_at_once / 5 * 4,
        };
        self.requests.take((), room).ok_or_else(overloaded)
    }

    /// Admits one more socket or stream of an address.
    pub(crate) fn open(&self, address: IpAddr) -> Result<Place<IpAddr>, ClientError> {
        self.sockets.take(neighbourhood(address), self.limits.sockets_per_address).ok_or_else(|| {
            let most = self.limits.sockets_per_address;
            let message = format!("Your address holds {most} sockets and streams open already.");
            ClientError::new(ErrorCode::TooManyConnections, message)
        })
    }

    /// Forgets callers without recent requests.
    pub(crate) fn forget_quiet_ones(&self) {
        self.rates.forget_quiet_ones();
    }

    /// Sends this process's counts to the shared place and fetches the totals.
    pub(crate) async fn exchange(&self, at_second: i64) {
        if let Some(tally) = &self.tally {
            tally.exchange(at_second).await;
        }
    }
}

/// A request in progress; dropping it frees its capacity.
pub(crate) struct Inside {
    _place: Place<()>,
    _stranger: Option<Turn>,
}

/// A nameless caller's part of the shared capacity.
struct Turn {
    _place: Place<()>,
    _permit: OwnedSemaphorePermit,
}

fn overloaded() -> ClientError {
    ClientError::new(ErrorCode::Overloaded, "More requests are being answered than this server can carry.")
}

fn too_often(wait: Duration) -> ClientError {
    let seconds = wait.as_secs() + 1;
    ClientError::new(ErrorCode::RateLimited, format!("Too many requests; ask again in {seconds} s."))
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
    fn a_stranger_who_asks_too_often_waits_and_their_neighbours_do_not() {
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

    #[tokio::test]
    async fn devices_find_room_when_others_do_not() {
        let traffic = traffic(|limits| limits.requests_at_once = 5);
        let mut inside = Vec::new();
        for _place in 0..4 {
            inside.push(traffic.enter(CallerClass::Person).await);
        }
        assert!(inside.iter().all(Result::is_ok));
        assert!(traffic.enter(CallerClass::Nameless).await.is_err());
        let device = traffic.enter(CallerClass::Device).await;
        assert!(device.is_ok());
        assert!(traffic.enter(CallerClass::Device).await.is_err(), "the room is full");
        drop(device);
        assert!(traffic.enter(CallerClass::Device).await.is_ok());
    }

    #[tokio::test]
    async fn strangers_wait_for_each_other_and_known_callers_do_not_wait_for_them() {
        let traffic = traffic(|limits| limits.strangers_at_once = 1);
        let first = traffic.enter(CallerClass::Nameless).await;
        assert!(first.is_ok());
        let mut second = std::pin::pin!(traffic.enter(CallerClass::Nameless));
        assert!(futures_util::poll!(second.as_mut()).is_pending(), "the share is in use");
        for class in [CallerClass::Person, CallerClass::Device] {
            assert!(traffic.enter(class).await.is_ok());
        }
        drop(first);
        assert!(second.await.is_ok());
    }

    #[tokio::test]
    async fn only_so_many_strangers_wait() {
        let traffic = traffic(|limits| limits.strangers_at_once = 1);
        let mut all: Vec<_> =
            (0..=STRANGERS_WAITING).map(|_| Box::pin(traffic.enter(CallerClass::Nameless))).collect();
        let mut begun = Vec::new();
        for one in &mut all {
            begun.push(futures_util::poll!(one.as_mut()));
        }
        assert!(begun.iter().skip(1).all(std::task::Poll::is_pending));
        assert!(traffic.enter(CallerClass::Nameless).await.is_err(), "the queue is full");
    }

    #[test]
    fn a_request_costs_as_many_turns_as_it_has_fields() {
        let traffic = traffic(|limits| {
            limits.per_address = Rate { per_second: 1, burst: 30 };
            limits.per_person = Rate { per_second: 1, burst: 30 };
        });
        for class in [CallerClass::Nameless, CallerClass::Person] {
            let ask = |fields| {
                traffic
                    .pass(class, "mara", home(1))
                    .and_then(|()| traffic.pass_fields(class, "mara", home(1), fields))
            };
            assert!(ask(30).is_ok(), "{class:?}");
            assert!(ask(1).is_err(), "{class:?} has used up the turns");
        }
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
