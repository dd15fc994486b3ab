//! Completes a sign-in from a provider: finds the person here, and links them the first time.
//!
//! Always true:
//! - An attempt is counted before any other decision, and a refused one stores nothing.
//! - A person is linked by an invitation, or by an e-mail verified on both sides: a statement of one side alone would
//!   let one person wait in another's account. An e-mail leads to one account of a provider only: a new colleague who
//!   inherits the address of a former one does not get their account with it.
//! - A link is a first factor: a second factor is still required.

use kernel::{HandoverId, NetworkId, OpContext};
use platform_db::{DbError, Reach, Tx};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::app::{about, accounts::one_time_code::good_code, roles::offers::accept_invited};
use crate::{
    Account, AccountState, CodePurpose, Identity, IdentityError, SignInLink, SignInOutcome, audit,
    mail::Notice,
    model::machines::secret::{self, SecretKind, ShownSecret},
    model::sign_in_link::Handover,
    store::{account_rows, code_rows, handover_rows, link_rows, try_rows},
};

/// The data that an app brings from a journey.
#[derive(Debug)]
pub struct CompleteSingleSignOn {
    /// The handover.
    pub code: SecretString,
    /// The verifier of the journey's challenge.
    pub code_verifier: SecretString,
    /// The code of an invitation, for a person without an account.
    pub invitation: Option<SecretString>,
}

impl Identity {
    /// Signs in the person a provider vouches for, or requests their second factor.
    ///
    /// # Errors
    /// Fails if the handover is invalid, was used, has expired, or belongs to another app; if the invitation is not
    /// valid; if no account here belongs to this sign-in; if the person is suspended; or after too many attempts.
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

    /// Returns the link of the vouched identity; makes it if its person is known.
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
        // Two browsers of one person may link at once: the later one retries, and finds the link.
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

/// Returns the account that an invitation opens; it needs no password then.
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

/// Returns the account with the e-mail verified by the provider, if the e-mail is verified here, too.
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

/// Returns the key that counts attempts of a provider's account; the table stores neither the account nor a name.
pub(crate) fn link_key(network: NetworkId, issuer: &str, subject: &str) -> String {
    let digest = Sha256::digest(format!("{network} {issuer} {subject}"));
    format!("link {}", hex::encode(digest))
}
