//! Completes a sign-in that comes from a provider: finds out who it is here, linking them the first time.
//!
//! Always true:
//! - A try is counted before anything else is decided, and what is refused leaves nothing behind.
//! - Somebody is linked by an invitation they hold, or by an e-mail that both sides have seen them read: what only one
//!   side says would let one person wait in another's account. An e-mail leads to one account of a provider only: a new
//!   colleague who is given the address of one who left does not get their account with it.
//! - A link is a first factor: who has a second one shows it all the same.

use kernel::{HandoverId, NetworkId, OpContext};
use platform_db::{DbError, Reach, Tx};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::{about, offers::accept_invited, one_time_code::good_code};
use crate::{
    Account, AccountState, CodePurpose, Identity, IdentityError, SignInLink, SignInOutcome, audit,
    letter::Notice,
    secret::{self, SecretKind, ShownSecret},
    sign_in_link::Handover,
    store::{account_rows, code_rows, handover_rows, link_rows, try_rows},
};

/// What an app brings from a journey.
#[derive(Debug)]
pub struct CompleteSingleSignOn {
    /// The handover.
    pub code: SecretString,
    /// The verifier of the challenge the journey began with.
    pub code_verifier: SecretString,
    /// The code of an invitation, of somebody who has no account yet.
    pub invitation: Option<SecretString>,
}

impl Identity {
    /// Signs in whom a provider vouches for, or asks who has a second factor for it.
    ///
    /// # Errors
    /// The handover is none, was used, is too old, or is another app's; the invitation is not good; no account here
    /// belongs to this sign-in; the person is suspended; too many tries.
    #[tracing::instrument(name = "identity.complete_single_sign_on", skip_all)]
    pub async fn complete_single_sign_on(
        &self,
        op: &OpContext,
        cmd: CompleteSingleSignOn,
    ) -> Result<SignInOutcome, IdentityError> {
        let shown = secret::read(SecretKind::Handover, cmd.code.expose_secret());
        let shown = shown.ok_or(IdentityError::SecretRefused)?;
        let (network, now) = (shown.network, op.now());
        let verifier = cmd.code_verifier.expose_secret();
        let tx = self.db.read(Reach::Network(network)).await?;
        let found = handover_rows::find(&tx, network, HandoverId::from(shown.id)).await?;
        drop(tx);
        let Some(found) = found.filter(|found| shown.fits(&found.secret_hash)) else {
            self.count_stray_try(op).await?;
            return Err(IdentityError::SecretRefused);
        };
        let tries = link_key(network, &found.issuer, &found.subject);
        self.count_try(op, &tries).await?;

        let tx = self.db.write(Reach::Network(network)).await?;
        let handover = handover_rows::hold(&tx, network, HandoverId::from(shown.id)).await?;
        let handover = handover.filter(|it| is_good(it, &shown, verifier, op));
        let handover = handover.ok_or(IdentityError::SecretRefused)?;
        handover_rows::delete(&tx, network, HandoverId::from(shown.id)).await?;
        let link = self.link(op, &tx, network, &handover, cmd.invitation).await?;
        let outcome = match self.after_first_factor(op, &tx, network, link.person).await {
            Err(IdentityError::WrongCredentials) => return Err(IdentityError::SecretRefused),
            outcome => outcome?,
        };
        link_rows::note_use(&tx, network, link.id, now).await?;
        if matches!(outcome, SignInOutcome::SignedIn(_)) {
            try_rows::forget(&tx, &tries, now).await?;
        }
        let about = about(&tx, network, link.person, now).await?;
        tx.audit(op, audit::signed_in_by_link(about, &outcome, link.id)).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    /// The link of whom a provider vouches for; made, if it is known whose it is.
    async fn link(
        &self,
        op: &OpContext,
        tx: &Tx,
        network: NetworkId,
        handover: &Handover,
        invitation: Option<SecretString>,
    ) -> Result<SignInLink, IdentityError> {
        let Handover { issuer, subject, .. } = handover;
        if let Some(link) = link_rows::find_by_subject(tx, network, issuer, subject).await? {
            return Ok(link);
        }
        let account = match invitation {
            Some(invitation) => invited(op, tx, network, &invitation).await?,
            None => known_by_email(tx, network, handover).await?,
        };
        let link = SignInLink {
            id: op.new_id(),
            person: account.person,
            network,
            issuer: issuer.clone(),
            subject: subject.clone(),
            linked_at: op.now(),
            used_at: op.now(),
        };
        // Two browsers of one person may link at once: the later one tries again, and finds the link.
        link_rows::insert(tx, &link).await.map_err(|error| match error {
            DbError::Duplicate(_) => {
                IdentityError::Conflict("this sign-in was linked a moment ago: try again")
            }
            other => other.into(),
        })?;
        self.notify(op, tx, (network, account.person), Notice::SignInLinked).await?;
        let about = about(tx, network, account.person, op.now()).await?;
        tx.audit(op, audit::of_link(audit::LINKED, about, link.id)).await?;
        Ok(link)
    }
}

fn is_good(handover: &Handover, shown: &ShownSecret, verifier: &str, op: &OpContext) -> bool {
    shown.fits(&handover.secret_hash)
        && op.now() < handover.expires_at
        && handover.code_challenge.fits(verifier)
}

/// The account an invitation opens, which needs no password then.
async fn invited(
    op: &OpContext,
    tx: &Tx,
    network: NetworkId,
    invitation: &SecretString,
) -> Result<Account, IdentityError> {
    let shown = secret::read(SecretKind::Code, invitation.expose_secret());
    let shown = shown.filter(|shown| shown.network == network).ok_or(IdentityError::SecretRefused)?;
    let code = good_code(op, tx, &shown, CodePurpose::Invitation).await?;
    let account = account_rows::hold(tx, network, code.person).await?;
    let account = account.filter(|account| account.state == AccountState::Invited);
    let account = account.ok_or(IdentityError::SecretRefused)?;
    code_rows::use_up(tx, network, code.id, op.now()).await?;
    account_rows::activate(tx, network, code.person, op.now()).await?;
    if code.mailed {
        account_rows::set_email_verified(tx, network, code.person, op.now()).await?;
    }
    accept_invited(op, tx, &account).await?;
    let about = about(tx, network, code.person, op.now()).await?;
    tx.audit(op, audit::of_person(audit::INVITATION_ACCEPTED, about)).await?;
    Ok(account)
}

/// The account with the e-mail that the provider has seen read, if we have seen it read, too.
async fn known_by_email(tx: &Tx, network: NetworkId, handover: &Handover) -> Result<Account, IdentityError> {
    let email = handover.email.as_ref().ok_or(IdentityError::NotLinked)?;
    let account = account_rows::find_by_email(tx, network, email).await?;
    let account = account.filter(|account| {
        matches!(account.state, AccountState::Active { .. }) && account.email_verified_at.is_some()
    });
    let account = account.ok_or(IdentityError::NotLinked)?;
    let links = link_rows::list(tx, network, account.person).await?;
    let is_somebody_there = links.iter().any(|link| link.issuer == handover.issuer);
    if is_somebody_there { Err(IdentityError::NotLinked) } else { Ok(account) }
}

/// What the tries of an account at a provider are counted under: neither it nor a name stands in that table.
pub(super) fn link_key(network: NetworkId, issuer: &str, subject: &str) -> String {
    let digest = Sha256::digest(format!("{network} {issuer} {subject}"));
    digest.iter().fold("link ".to_owned(), |key, byte| key + &format!("{byte:02x}"))
}
