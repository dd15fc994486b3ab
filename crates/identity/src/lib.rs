//! Identity: authenticates callers and decides their roles. Accounts, sessions, roles, signing keys, access tokens.
//!
//! Owns: accounts, second factors, one-time codes, sign-in links to accounts at organisations' providers, sessions with
//! their refresh tokens, role assignments, secrets of devices, keys of programs, revocations. A person's
//! name belongs to membership; identity knows people by id, and by the e-mail they sign in with.
//!
//! Always true:
//! - An access token is a JWT (RFC 7519) signed with Ed25519 (RFC 8037) by a key of this installation, and lives a
//!   quarter of an hour. Every other algorithm, issuer, audience or kind of token is refused, and so is a token that is
//!   early, expired or unreadable.
//! - Long-lived secrets are accepted here only, in exchange for an access token; they are stored as hashes.
//! - A refresh token works once; a copy of it ends the session.
//! - A provider's statement about a person counts for one network, and links only accounts whose owner is proved on
//!   both sides ([`SingleSignOn`]).
//! - A person with a confirmed second factor gets a session only with one of its codes, or a recovery code.
//! - No response reveals who has an account.
//! - Roles travel in the token as grants. The kernel's permission table decides what a role may do;
//!   [`policy`](crate::RoleAssignment) decides who may assign it and who has power over whom. Nobody can raise their
//!   own power, and nobody gains power over a person by giving them something (R18).
//! - What ends before its time (a sign-out, a suspension, a change of roles) takes effect in every process within a
//!   minute.
//!
//! Mail: a mail with a one-time code is queued in the transaction of the audit event, and written and sent by a job
//! (`platform-mail`). Without a mail server, the code of an invitation is shown to the inviter.
//!
//! Publishes no events yet. Consumes `membership.network_founded.v1`, `hub_onboarded.v2` (and `.v1` of old logs),
//! `hub_changed.v1`, `hub_closed.v1` and `member_joined.v1`, and stores which hubs, devices and members belong where. Consumes
//! `membership.member_erased.v1`, and forgets the person.
//!
//! To add a rule about role assignment: `policy`. To add a use-case: a file of `app` named by its verb, its statement
//! in `store`, its field or mutation in `graphql`.

mod app;
mod audit;
mod consumer;
mod error;
pub mod graphql;
mod mail;
mod member_addresses;
mod model;
mod module;
pub mod personal;
mod single_sign_on;
pub mod split;
mod store;

use std::sync::Arc;

use platform_db::Db;
use platform_jobs::Kind;
use platform_mail::Mailer;

pub use app::{
    AcceptInvitation, CompleteSingleSignOn, Exchanged, FactorProof, GrantRole, Invitation, InviteMember,
    InviteStaff, IssueApiKey, JourneyAnswer, SignInWithPassword,
};
pub use audit::AUDITED_ACTIONS;
pub use consumer::CONSUMES;
pub use error::IdentityError;
pub use member_addresses::MemberAddresses;
pub use model::account::{Account, AccountState};
pub use model::factors::sealing_key::SealingKey;
pub use model::factors::second_factor::{Enrolment, FactorState, SecondFactor};
pub use model::machines::api_key::ApiKey;
pub use model::machines::device_secret::DeviceSecret;
pub use model::roles::role_assignment::{OfferedTo, RoleAssignment};
pub use model::sessions::challenge::{SignInChallenge, SignInOutcome};
pub use model::sessions::code::CodePurpose;
pub use model::sessions::session::{ACCESS_LIFETIME, Session, SessionEnd, SignedIn};
pub use model::sign_in_link::{
    JourneyBegun, JourneyEnded, JourneyOutcome, NamedLink, OfferedProvider, SignInLink,
};
pub use model::tokens::key::{KeyError, SigningKey};
pub use model::tokens::key_ring::KeyRing;
pub use model::tokens::revocation::{Revocation, Revocations, Revoked};
pub use model::tokens::token::{Claims, LONGEST_LIFETIME, Passport, TokenError, Tokens};
pub use module::ABOUT;
pub use single_sign_on::{ProviderSettings, SettingsError, SingleSignOn};

/// The identity service.
#[derive(Clone, Debug)]
pub struct Identity {
    db: Db,
    tokens: Tokens,
    revocations: Revocations,
    passwords: model::factors::password::Passwords,
    sealing: Arc<SealingKey>,
    mailer: Option<Mailer>,
    single_sign_on: SingleSignOn,
    addresses: Option<Arc<dyn MemberAddresses>>,
}

impl Identity {
    /// Makes the service on its database; its own revocations take effect in this process at once.
    pub fn new(db: Db, tokens: Tokens, revocations: Revocations, sealing: SealingKey) -> Self {
        let (passwords, sealing) = (model::factors::password::Passwords::new(), Arc::new(sealing));
        let single_sign_on = SingleSignOn::default();
        let (mailer, addresses) = (None, None);
        Self { db, tokens, revocations, passwords, sealing, mailer, single_sign_on, addresses }
    }

    /// Sends codes by mail instead of showing them to the inviter.
    #[must_use]
    pub fn with_mailer(mut self, mailer: Option<Mailer>) -> Self {
        self.mailer = mailer;
        self
    }

    /// Enables the lookup of addresses that members gave.
    #[must_use]
    pub fn with_member_addresses(mut self, addresses: Option<Arc<dyn MemberAddresses>>) -> Self {
        self.addresses = addresses;
        self
    }

    /// Enables sign-in by some providers.
    #[must_use]
    pub fn with_single_sign_on(mut self, single_sign_on: SingleSignOn) -> Self {
        self.single_sign_on = single_sign_on;
        self
    }

    fn require_mailer(&self) -> Result<(), IdentityError> {
        if self.mailer.is_some() { Ok(()) } else { Err(IdentityError::NoMail) }
    }

    /// Returns the jobs: the sending of mail, if mail is configured.
    pub(crate) fn mail_jobs(&self) -> Vec<Kind> {
        let Some(mailer) = self.mailer.clone() else { return Vec::new() };
        vec![platform_mail::sending(mail::SEND_MAIL, "identity", mailer, Arc::new(self.clone()))]
    }
}
