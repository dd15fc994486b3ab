//! Revocations: tokens that end before their time, as far as this process knows.
//!
//! Always true:
//! - A revocation names a session, a person, a device or a key, and an instant: tokens made before it are refused.
//! - It is kept as long as a token made before it could live, and no longer.
//! - Every process reads the list every few seconds. A process that has failed to for a minute refuses everybody with
//!   power over others' affairs; readers at doors and members continue until their tokens end.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use jiff::{SignedDuration, Timestamp};
use kernel::{Caller, Role};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Passport;

/// A list older than this is too old for decisions about power.
const STALE_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// One entry of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// The id of the session, person, device or key.
    pub subject: Uuid,
    /// Tokens made before this instant are refused.
    pub not_before: Timestamp,
    /// The entry can be deleted from this instant on.
    pub until: Timestamp,
}

/// The reason for refusing an otherwise valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Revoked {
    /// Signed out, suspended, revoked, or made before a change of roles: refresh, or sign in again.
    #[error("the access token was revoked")]
    Revoked,
    /// It is unknown whether the token was revoked.
    #[error("whether this token was revoked cannot be told at the moment")]
    Unknown,
}

/// The revocations known to this process.
#[derive(Clone, Debug)]
pub struct Revocations(Arc<RwLock<Known>>);

#[derive(Debug)]
struct Known {
    entries: HashMap<Uuid, Revocation>,
    received_at: Timestamp,
}

impl Revocations {
    /// Starts empty; the process has a minute to receive the list.
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(RwLock::new(Known { entries: HashMap::new(), received_at: now })))
    }

    /// Adds the whole list, as it was at an instant.
    pub fn record(&self, list: impl IntoIterator<Item = Revocation>, at: Timestamp) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.received_at = at;
        known.entries.retain(|_, entry| entry.until > at);
        list.into_iter().for_each(|entry| known.add(entry));
    }

    /// Adds an entry that was just made in this process.
    pub fn add(&self, entry: Revocation) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).add(entry);
    }

    /// Adds entries that were just made in this process.
    pub fn add_all(&self, entries: impl IntoIterator<Item = Revocation>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        entries.into_iter().for_each(|entry| known.add(entry));
    }

    /// Returns everything known, for other processes.
    pub fn list(&self) -> Vec<Revocation> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).entries.values().copied().collect()
    }

    /// Checks whether a valid token is still accepted.
    ///
    /// # Errors
    /// See [`Revoked`].
    pub fn check(&self, passport: &Passport, now: Timestamp) -> Result<(), Revoked> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_hit = |subject: &Uuid| {
            known.entries.get(subject).is_some_and(|entry| passport.made_at < entry.not_before)
        };
        if passport.subjects().iter().flatten().any(is_hit) {
            return Err(Revoked::Revoked);
        }
        let is_stale = now.duration_since(known.received_at) > STALE_AFTER;
        if is_stale && has_power(&passport.caller) { Err(Revoked::Unknown) } else { Ok(()) }
    }
}

impl Known {
    fn add(&mut self, entry: Revocation) {
        let known = self.entries.entry(entry.subject).or_insert(entry);
        known.not_before = known.not_before.max(entry.not_before);
        known.until = known.until.max(entry.until);
    }
}

/// Returns whether a caller acts in others' affairs.
fn has_power(caller: &Caller) -> bool {
    match caller {
        Caller::Person { grants, .. } => grants.iter().any(|grant| grant.role != Role::Member),
        Caller::Program { .. } => true,
        Caller::Device { .. } | Caller::Anonymous | Caller::System => false,
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Grant, HubId, Id, NetworkId, PersonId, Place, SessionId, World};

    use super::*;

    fn passport(world: &World, role: Role) -> Passport {
        let network = NetworkId::generate(world);
        let grants = vec![Grant { role, at: Place::Hub(HubId::generate(world)) }];
        let caller = Caller::Person { person: PersonId::generate(world), network, member: None, grants };
        Passport {
            caller: Arc::new(caller),
            session: Some(SessionId::generate(world)),
            made_at: world.now(),
            expires_at: world.now() + SignedDuration::from_mins(15),
        }
    }

    fn entry(subject: Uuid, not_before: Timestamp) -> Revocation {
        Revocation { subject, not_before, until: not_before + SignedDuration::from_mins(16) }
    }

    #[test]
    fn a_token_made_before_the_revocation_of_its_session_or_person_is_refused() {
        let world = World::for_test(1);
        let moment = SignedDuration::from_micros(1);
        for subject in [0, 1] {
            let passport = passport(&world, Role::Member);
            let subject = passport.subjects()[subject].expect("a subject");
            let revocations = Revocations::new(world.now());
            revocations.add(entry(subject, passport.made_at));
            assert_eq!(revocations.check(&passport, world.now()), Ok(()), "made at that instant or later");
            revocations.add(entry(subject, passport.made_at + moment));
            assert_eq!(revocations.check(&passport, world.now()), Err(Revoked::Revoked));
        }
    }

    #[test]
    fn an_entry_is_forgotten_when_no_token_it_could_end_is_left() {
        let world = World::for_test(2);
        let revocations = Revocations::new(world.now());
        revocations.add(entry(Uuid::nil(), world.now()));
        revocations.record([], world.now() + SignedDuration::from_mins(16));
        assert!(revocations.list().is_empty());
    }

    #[test]
    fn staff_are_refused_if_no_revocations_arrived_for_a_minute() {
        let world = World::for_test(3);
        let revocations = Revocations::new(world.now());
        let later = world.now() + SignedDuration::from_secs(61);
        let (operator, member) = (passport(&world, Role::Operator), passport(&world, Role::Member));
        assert_eq!(revocations.check(&operator, later), Err(Revoked::Unknown));
        assert_eq!(revocations.check(&member, later), Ok(()));
        revocations.record([], later);
        assert_eq!(revocations.check(&operator, later), Ok(()));
    }
}
