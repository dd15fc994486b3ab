//! A session: one sign-in of a person, kept alive by refresh tokens that replace each other.
//!
//! Always true: a refresh token works once. If it is presented again within ten seconds, it is taken for a second tab
//! of the same browser; later, for a stolen one, and the whole session ends.

use jiff::{SignedDuration, Timestamp};
use kernel::{NetworkId, PersonId, SessionId};
use secrecy::SecretString;

/// The lifetime of an access token issued for a password, a refresh token or a secret.
pub const ACCESS_LIFETIME: SignedDuration = SignedDuration::from_mins(15);
/// The lifetime of an unused refresh token.
pub(crate) const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The maximum lifetime of a session, regardless of refreshes.
pub(crate) const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(180 * 24);
/// The interval in which two requests of one client may refresh the same token.
const GRACE: SignedDuration = SignedDuration::from_secs(10);

/// One sign-in of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The stable id.
    pub id: SessionId,
    /// The person.
    pub person: PersonId,
    /// The network.
    pub network: NetworkId,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was last refreshed.
    pub used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When it ended, if it did.
    pub ended_at: Option<Timestamp>,
}

/// The reason a session ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The person signed out.
    SignOut,
    /// A refresh token was presented twice.
    Reuse,
    /// The person was suspended.
    Suspension,
    /// The person has a new password.
    NewPassword,
}

kernel::stored_words!(SessionEnd {
    SignOut = "sign_out",
    Reuse = "reuse",
    Suspension = "suspension",
    NewPassword = "new_password",
});

/// The verdict on a presented refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// It is valid, and is replaced now.
    Replace,
    /// It was replaced a moment ago: the same client refreshed twice at once.
    Again,
    /// It was replaced long ago: the token was copied.
    Reused,
    /// It, or its session, has expired.
    Over,
}

impl Session {
    /// Judges a refresh token of this session.
    pub(crate) fn judge(
        &self,
        expires_at: Timestamp,
        replaced_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Refresh {
        if self.ended_at.is_some() || now >= self.expires_at {
            return Refresh::Over;
        }
        match replaced_at {
            Some(replaced_at) if now.duration_since(replaced_at) > GRACE => Refresh::Reused,
            _ if now >= expires_at => Refresh::Over,
            Some(_) => Refresh::Again,
            None => Refresh::Replace,
        }
    }
}

/// The tokens of a signed-in person.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The access token, sent with every request.
    pub access_token: SecretString,
    /// When the access token expires.
    pub access_expires_at: Timestamp,
    /// The refresh token, which works once, for a new pair.
    pub refresh_token: SecretString,
    /// When the refresh token expires.
    pub refresh_expires_at: Timestamp,
    /// The session of both tokens.
    pub session: SessionId,
}

#[cfg(test)]
mod tests {
    use kernel::{Id, World};

    use super::*;

    #[test]
    fn a_refresh_token_is_good_once_again_for_ten_seconds_and_then_a_theft() {
        let world = World::for_test(1);
        let now = world.now();
        let session = Session {
            id: SessionId::generate(&world),
            person: PersonId::generate(&world),
            network: NetworkId::generate(&world),
            started_at: now,
            used_at: now,
            expires_at: now + SESSION_LIFETIME,
            ended_at: None,
        };
        let seconds = |seconds| now + SignedDuration::from_secs(seconds);
        let judge = |replaced_at, at| session.judge(now + REFRESH_LIFETIME, replaced_at, at);
        assert_eq!(judge(None, seconds(1)), Refresh::Replace);
        assert_eq!(judge(Some(now), seconds(10)), Refresh::Again);
        assert_eq!(judge(Some(now), seconds(11)), Refresh::Reused);
        assert_eq!(judge(None, now + REFRESH_LIFETIME), Refresh::Over);
        let ended = Session { ended_at: Some(now), ..session.clone() };
        assert_eq!(ended.judge(now + REFRESH_LIFETIME, None, seconds(1)), Refresh::Over);
    }
}
