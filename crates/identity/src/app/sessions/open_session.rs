//! Opens a session for a person who has proved their identity, and makes their tokens.

use jiff::Timestamp;
use kernel::{Caller, Grant, NetworkId, OpContext, PersonId, Place, Role, SessionId};
use platform_db::Tx;

use crate::{
    ACCESS_LIFETIME, AccountState, Identity, IdentityError, Session, SignedIn,
    model::machines::secret::{self, SecretKind},
    model::sessions::session::{REFRESH_LIFETIME, SESSION_LIFETIME},
    store::{
        account_rows, copies, role_rows,
        session_rows::{self, RefreshRow},
    },
};

/// The caller of a person's token, and its latest expiry.
pub(crate) struct Standing {
    pub(crate) caller: Caller,
    pub(crate) until: Timestamp,
}

impl Identity {
    /// Opens a session, in the transaction that proved the person.
    pub(crate) async fn open_session(
        &self,
        op: &OpContext,
        tx: &Tx,
        network: NetworkId,
        person: PersonId,
    ) -> Result<SignedIn, IdentityError> {
        let now = op.now();
        let session = Session {
            id: op.new_id(),
            person,
            network,
            started_at: now,
            used_at: now,
            expires_at: now + SESSION_LIFETIME,
            ended_at: None,
        };
        session_rows::insert(tx, &session).await?;
        self.tokens_of(op, tx, &session).await
    }

    /// Makes a new pair of tokens for a session.
    pub(crate) async fn tokens_of(
        &self,
        op: &OpContext,
        tx: &Tx,
        session: &Session,
    ) -> Result<SignedIn, IdentityError> {
        let Session { network, person, id, .. } = *session;
        let now = op.now();
        let standing = standing(tx, network, person, now).await?;
        let refresh = RefreshRow {
            id: op.new_id(),
            session: id,
            secret_hash: String::new(),
            expires_at: session.expires_at.min(now + REFRESH_LIFETIME),
            replaced_at: None,
        };
        let (refresh_token, secret_hash) =
            secret::make(SecretKind::Refresh, network, refresh.id.into(), op.world());
        let refresh = RefreshRow { secret_hash, ..refresh };
        session_rows::insert_token(tx, network, &refresh, now).await?;
        let access_token = self.access_token(&standing, id, now)?;
        Ok(SignedIn {
            access_token: access_token.into(),
            access_expires_at: standing.until,
            refresh_token,
            refresh_expires_at: refresh.expires_at,
            session: id,
        })
    }

    fn access_token(
        &self,
        standing: &Standing,
        session: SessionId,
        now: Timestamp,
    ) -> Result<String, IdentityError> {
        let lifetime = standing.until.duration_since(now);
        Ok(self.tokens.issue(&standing.caller, Some(session), now, lifetime)?)
    }
}

/// Returns a person's standing at an instant: their memberships and their roles. A token expires when the first of them
/// ends.
pub(crate) async fn standing(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    now: Timestamp,
) -> Result<Standing, IdentityError> {
    let account = account_rows::find(tx, network, person).await?;
    if !account.is_some_and(|account| matches!(account.state, AccountState::Active { .. })) {
        return Err(IdentityError::WrongCredentials);
    }
    let memberships = copies::list_memberships(tx, network, person).await?;
    let roles = role_rows::list_of_person(tx, network, person, now).await?;
    // Whoever has left keeps the access to their own data, and nothing else of the membership.
    let held_now = || memberships.iter().filter(|it| it.holds_at(now));
    let member = held_now().next().or(memberships.last()).map(|it| it.member);
    let leaves = held_now().filter_map(|it| it.left_at);
    let at_home = held_now().map(|it| Grant { role: Role::Member, at: Place::Hub(it.home) });
    let held = roles.iter().filter(|role| role.is_valid_at(now));
    let grants = at_home.chain(held.clone().map(|role| role.grant)).collect();
    let ends = held.filter_map(|role| role.valid_until).chain(leaves);
    let until = ends.fold(now + ACCESS_LIFETIME, Timestamp::min);
    Ok(Standing { caller: Caller::Person { person, network, member, grants }, until })
}
