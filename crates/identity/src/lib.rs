//! Identity: who is calling, and what they are. Accounts, sessions, roles, signing keys, access tokens.
//!
//! Owns: accounts, second factors, one-time codes, sign-in links to the accounts that organisations gave their people,
//! sessions with their refresh tokens, role assignments, secrets of devices, keys of programs, revocations, mail on its
//! way out. A person's name is membership's; identity knows them by id, and by the e-mail they sign in with.
//!
//! Always true:
//! - An access token is a JWT (RFC 7519) signed with Ed25519 (RFC 8037) by a key of this installation, and lives a
//!   quarter of an hour; every other algorithm, issuer, audience or kind of token is refused, and so is one that is
//!   early, expired or unreadable.
//! - Long-lived secrets are good here only, for an access token; they are kept as hashes.
//! - A refresh token is good once; a copy of it ends the session.
//! - Somebody else's word about who somebody is counts for one network, and links only accounts whose owner is shown
//!   on both sides ([`SingleSignOn`]).
//! - Who has confirmed a second factor gets a session by no other way than with a code of it, or a recovery code.
//! - Whoever asks learns nothing about who has an account.
//! - Roles travel in the token as grants; what a role may do is the kernel's permission table, who may give it, and who
//!   rules whom, is [`policy`](crate::RoleAssignment)'s. Nobody raises themselves, and nobody gains power over somebody
//!   by giving them something (R18).
//! - What ends before its time (a sign-out, a suspension, a change of roles) reaches every process within a minute.
//!
//! Mail: a letter with a one-time code is queued in the transaction of the audit event and sent afterwards; without a mail
//! server the code of an invitation is shown to whoever invites.
//!
//! Emits nothing yet. Hears `membership.network_founded.v1`, `membership.hub_onboarded.v1` and
//! `membership.member_joined.v1`, and keeps where hubs, devices and members belong; `membership.member_erased.v1`, and
//! forgets the person.
//!
//! To add a rule about who may give what: `policy`. To add a use-case: a file of `app` named by its verb, its statement
//! into `store`, its field or mutation into `graphql`.

mod account;
mod api_key;
mod app;
mod audit;
mod challenge;
mod code;
mod consumer;
mod device_secret;
mod error;
pub mod graphql;
mod key;
mod key_ring;
mod letter;
mod mailer;
mod member_addresses;
mod outgoing_mail;
mod password;
pub mod personal;
mod policy;
mod recovery_code;
mod revocation;
mod role_assignment;
mod sealing_key;
mod second_factor;
mod secret;
mod session;
mod sign_in_link;
mod single_sign_on;
pub mod split;
mod store;
mod token;

use std::sync::Arc;

use kernel::{OpContext, World};
use platform_bus::Handler;
use platform_db::Db;

pub use account::{Account, AccountState};
pub use api_key::ApiKey;
pub use app::{
    AcceptInvitation, CompleteSingleSignOn, Exchanged, FactorProof, GrantRole, Invitation, InviteMember,
    InviteStaff, IssueApiKey, JourneyAnswer, SignInWithPassword, WaitingMail,
};
pub use audit::AUDITED_ACTIONS;
pub use challenge::{SignInChallenge, SignInOutcome};
pub use code::CodePurpose;
pub use consumer::CONSUMES;
pub use device_secret::DeviceSecret;
pub use error::{IdentityError, InvalidField};
pub use key::{KeyError, SigningKey};
pub use key_ring::KeyRing;
pub use mailer::{Mailer, MailerError};
pub use member_addresses::MemberAddresses;
pub use revocation::{Revocation, Revocations, Revoked};
pub use role_assignment::{OfferedTo, RoleAssignment};
pub use sealing_key::SealingKey;
pub use second_factor::{Enrolment, FactorState, SecondFactor};
pub use session::{ACCESS_LIFETIME, Session, SessionEnd, SignedIn};
pub use sign_in_link::{JourneyBegun, JourneyEnded, JourneyOutcome, NamedLink, OfferedProvider, SignInLink};
pub use single_sign_on::{ProviderSettings, SettingsError, SingleSignOn};
pub use token::{Claims, LONGEST_LIFETIME, Passport, TokenError, Tokens};

/// The identity service.
#[derive(Clone, Debug)]
pub struct Identity {
    db: Db,
    tokens: Tokens,
    revocations: Revocations,
    passwords: password::Passwords,
    sealing: Arc<SealingKey>,
    mailer: Option<Mailer>,
    single_sign_on: SingleSignOn,
    addresses: Option<Arc<dyn MemberAddresses>>,
}

impl Identity {
    /// The service on its database; what it revokes, this process knows at once.
    pub fn new(db: Db, tokens: Tokens, revocations: Revocations, sealing: SealingKey) -> Self {
        let (passwords, sealing) = (password::Passwords::new(), Arc::new(sealing));
        let single_sign_on = SingleSignOn::default();
        let (mailer, addresses) = (None, None);
        Self { db, tokens, revocations, passwords, sealing, mailer, single_sign_on, addresses }
    }

    /// The same service, which sends codes by mail instead of showing them to whoever invites.
    #[must_use]
    pub fn with_mailer(mut self, mailer: Option<Mailer>) -> Self {
        self.mailer = mailer;
        self
    }

    /// The same service, which can look up the addresses that members gave.
    #[must_use]
    pub fn with_member_addresses(mut self, addresses: Option<Arc<dyn MemberAddresses>>) -> Self {
        self.addresses = addresses;
        self
    }

    /// The same service, whose people may sign in by some providers.
    #[must_use]
    pub fn with_single_sign_on(mut self, single_sign_on: SingleSignOn) -> Self {
        self.single_sign_on = single_sign_on;
        self
    }

    /// Its database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    fn require_mailer(&self) -> Result<(), IdentityError> {
        if self.mailer.is_some() { Ok(()) } else { Err(IdentityError::NoMail) }
    }

    /// What hears the other services.
    pub fn handler(&self, world: World) -> Arc<dyn Handler> {
        Arc::new(consumer::Consumer::new(self.db.clone(), world))
    }

    /// Gives a request what this service's resolvers need.
    pub fn with_request_data(
        &self,
        request: async_graphql::Request,
        op: &OpContext,
    ) -> async_graphql::Request {
        graphql::with_request_data(self, request, op)
    }
}
