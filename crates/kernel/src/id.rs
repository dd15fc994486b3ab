//! Typed ids: one newtype per kind of object with an identity, `hub_0192…` on the wire, never a bare UUID inside.
//!
//! Always true: an id is a UUID version 7, so later ids sort later; parsing checks the prefix, so a member's id can
//! never be used as a hub's.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::World;

/// The operations of all typed ids. The `id!` macro below implements it; a new kind of id is one line there.
pub trait Id: Copy + Eq + Ord + fmt::Display + FromStr<Err = IdError> + From<Uuid> + Into<Uuid> {
    /// The prefix on the wire, without the underscore.
    const PREFIX: &'static str;

    /// Returns the instant at which the id was made, to the millisecond.
    fn born_at(self) -> jiff::Timestamp {
        let uuid: Uuid = self.into();
        let (seconds, nanos) = uuid.get_timestamp().map_or((0, 0), |made| made.to_unix());
        let seconds = i64::try_from(seconds).unwrap_or_default();
        jiff::Timestamp::new(seconds, i32::try_from(nanos).unwrap_or_default()).unwrap_or_default()
    }

    /// Returns the smallest id of an instant: every id made then or later is not less.
    fn first_of(at: jiff::Timestamp) -> Self {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or_default();
        Self::from(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
    }

    /// Makes a new id from the world's clock and randomness.
    fn generate(world: &World) -> Self {
        let millis = u64::try_from(world.now().as_millisecond()).unwrap_or_default();
        Self::from(uuid::Builder::from_unix_timestamp_millis(millis, &world.random()).into_uuid())
    }
}

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id like {prefix}_0192f0c1…")]
pub struct IdError {
    prefix: &'static str,
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
        }
        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self { Self(uuid) }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self { id.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                parse($prefix, text).map(Self)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

id! {
    /// A region's association of hubs.
    NetworkId = "net";
    /// One location; the tenant.
    HubId = "hub";
    /// A room of a hub.
    SpaceId = "spc";
    /// A desk, computer or printer in a space.
    ResourceId = "res";
    /// A hub's monthly subscription offer.
    PlanId = "pln";
    /// A reader, kiosk or door of one hub.
    DeviceId = "dev";
    /// One human, with one login everywhere.
    PersonId = "per";
    /// A person's membership at their home hub.
    MemberId = "mem";
    /// A chip, pass or PIN that proves presence.
    CredentialId = "crd";
    /// Somebody whom a hub may call because of a member.
    ContactId = "ctc";
    /// A member's consent to something.
    ConsentId = "cns";
    /// A note of the staff about a member.
    NoteId = "nte";
    /// One attempt to check in or out, as received.
    TouchId = "tch";
    /// A stay at one hub.
    VisitId = "vis";
    /// The right to visit other hubs of the network.
    PassId = "pas";
    /// One version of a hub's guest prices.
    TariffId = "trf";
    /// A rated visit.
    ChargeId = "chg";
    /// A balanced set of ledger entries.
    TransactionId = "txn";
    /// The netting of one month of a network.
    SettlementId = "stl";
    /// A lecture, workshop or meeting at a hub.
    EventId = "evt";
    /// A person's place at an event.
    SeatId = "sea";
    /// One sign-in of a person, with all its refreshed tokens.
    SessionId = "ses";
    /// A refresh token, without its secret.
    RefreshTokenId = "rft";
    /// A one-time code sent to somebody, without its secret.
    CodeId = "cod";
    /// A sign-in that waits for a second factor, without its secret.
    ChallengeId = "chl";
    /// A provider through which people sign in with another organisation's account.
    SignInLinkId = "lnk";
    /// A sign-in on its way from a provider to the app, without its secret.
    HandoverId = "hov";
    /// A role given to a person at a place.
    AssignmentId = "rol";
    /// The long-lived secret of a device, without the secret.
    DeviceSecretId = "sec";
    /// A key with which a program authenticates, without its secret.
    ApiKeyId = "key";
    /// Work that a service does in the background.
    JobId = "job";
    /// A file.
    FileId = "fil";
    /// A mail on its way to a person.
    MailId = "mai";
}

/// Returns the wire prefix of the ids in a column, by the column's name; `None` for ids that are never shown as such.
pub fn prefix_of_column(column: &str) -> Option<&'static str> {
    let prefix = match column {
        "network_id" => NetworkId::PREFIX,
        "hub_id" | "home_hub_id" => HubId::PREFIX,
        "plan_id" => PlanId::PREFIX,
        "device_id" => DeviceId::PREFIX,
        "person_id" | "granted_by" | "revoked_by" | "issued_by" => PersonId::PREFIX,
        "member_id" => MemberId::PREFIX,
        "credential_id" => CredentialId::PREFIX,
        "contact_id" | "guardian_id" => ContactId::PREFIX,
        "consent_id" => ConsentId::PREFIX,
        "note_id" => NoteId::PREFIX,
        "touch_id" => TouchId::PREFIX,
        "visit_id" => VisitId::PREFIX,
        "pass_id" => PassId::PREFIX,
        "tariff_id" => TariffId::PREFIX,
        "charge_id" | "credits" => ChargeId::PREFIX,
        "transaction_id" => TransactionId::PREFIX,
        "settlement_id" => SettlementId::PREFIX,
        "event_id" => EventId::PREFIX,
        "seat_id" => SeatId::PREFIX,
        "session_id" => SessionId::PREFIX,
        "token_id" => RefreshTokenId::PREFIX,
        "code_id" => CodeId::PREFIX,
        "challenge_id" => ChallengeId::PREFIX,
        "link_id" => SignInLinkId::PREFIX,
        "assignment_id" => AssignmentId::PREFIX,
        "secret_id" => DeviceSecretId::PREFIX,
        "key_id" => ApiKeyId::PREFIX,
        "job_id" => JobId::PREFIX,
        "file_id" => FileId::PREFIX,
        "mail_id" => MailId::PREFIX,
        _ => return None,
    };
    Some(prefix)
}

fn parse(prefix: &'static str, text: &str) -> Result<Uuid, IdError> {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|hex| hex.len() == 32 && !hex.contains(char::is_uppercase))
        .and_then(|hex| Uuid::try_parse(hex).ok())
        .ok_or(IdError { prefix })
}

/// A visit has the id of the check-in that opened it: the same touch can never open two visits.
impl From<TouchId> for VisitId {
    fn from(opening: TouchId) -> Self {
        Self(opening.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_wire() {
        let id = HubId::generate(&World::for_test(7));
        assert_eq!(id.to_string().parse::<HubId>(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = HubId::generate(&World::for_test(7));
        assert!(id.to_string().parse::<MemberId>().is_err());
        assert!(id.to_string().to_uppercase().parse::<HubId>().is_err());
    }
}
