//! Signs a person in with e-mail and password.
//!
//! Always true: tries are counted before anything else is looked at, and where they cannot be counted nobody signs in;
//! an unknown e-mail, a wrong password and a suspended person cost the same work and get the same answer.

use jiff::SignedDuration;
use kernel::{EmailAddress, NetworkId, OpContext, neighbourhood};
use platform_db::{DbError, Reach};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::about;
use crate::{
    Identity, IdentityError, InvalidField, SignInOutcome, audit,
    store::{account_rows, copies, try_rows},
};

/// In a quarter of an hour an account takes so many tries, and an address.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
const TRIES_FOR_ACCOUNT: i64 = 10;
const TRIES_FROM_ADDRESS: i64 = 100;

/// What a person signs in with.
#[derive(Debug)]
pub struct SignInWithPassword {
    /// Their e-mail.
    pub email: EmailAddress,
    /// Their password.
    pub password: SecretString,
    /// Their network; needed only where there are several.
    pub network: Option<NetworkId>,
}

impl Identity {
    /// Signs a person in, or asks who has a second factor for it.
    ///
    /// # Errors
    /// E-mail or password is wrong; too many tries; several networks and none named.
    #[tracing::instrument(name = "identity.sign_in", skip_all)]
    pub async fn sign_in(
        &self,
        op: &OpContext,
        cmd: SignInWithPassword,
    ) -> Result<SignInOutcome, IdentityError> {
        let network = self.network_to_sign_in(cmd.network).await?;
        let account = account_key(network, &cmd.email);
        self.count_try(op, &account).await?;
        let tx = self.db.read(Reach::Network(network)).await?;
        let found = account_rows::find_password_hash(&tx, network, &cmd.email).await?;
        drop(tx);
        let (person, hash) = found.unzip();
        let (fit, newer) = self.fits(op, cmd.password, hash).await?;
        let (Some(person), true) = (person, fit) else {
            self.note_refusal(op, network, cmd.email);
            return Err(IdentityError::WrongCredentials);
        };

        let tx = self.db.write(Reach::Network(network)).await?;
        if let Some(newer) = newer {
            newer.keep(&tx, network, person).await?;
        }
        let outcome = self.after_first_factor(op, &tx, network, person).await?;
        let about = about(&tx, network, person, op.now()).await?;
        let audit_event = match &outcome {
            SignInOutcome::SignedIn(_) => {
                try_rows::forget(&tx, &account, op.now()).await?;
                audit::SIGNED_IN
            }
            // Who knows the password only has not shown yet that these tries were theirs.
            SignInOutcome::SecondFactorNeeded(_) => audit::CODE_ASKED,
        };
        tx.audit(op, audit::of_outcome(audit_event, about, &outcome)).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    /// Writes a refusal into the log of whom it was about, beside the answer: what that takes tells nobody whether
    /// somebody has this e-mail.
    fn note_refusal(&self, op: &OpContext, network: NetworkId, email: EmailAddress) {
        let (identity, op) = (self.clone(), op.clone());
        let noting = async move {
            if let Err(error) = identity.audit_refusal(&op, network, &email).await {
                tracing::error!(%error, "a refused sign-in is not in the audit log");
            }
        };
        tokio::spawn(noting);
    }

    async fn audit_refusal(
        &self,
        op: &OpContext,
        network: NetworkId,
        email: &EmailAddress,
    ) -> Result<(), DbError> {
        let tx = self.db.write(Reach::Network(network)).await?;
        let Some(account) = account_rows::find_by_email(&tx, network, email).await? else { return Ok(()) };
        let about = about(&tx, network, account.person, op.now()).await?;
        tx.audit(op, audit::of_person(audit::SIGN_IN_REFUSED, about)).await?;
        tx.commit().await
    }

    /// The network named, or the only one there is.
    pub(super) async fn network_to_sign_in(
        &self,
        named: Option<NetworkId>,
    ) -> Result<NetworkId, IdentityError> {
        if let Some(network) = named {
            return Ok(network);
        }
        let tx = self.db.read(Reach::Directory).await?;
        match copies::list_networks(&tx).await?.as_slice() {
            [only] => Ok(*only),
            [] => Err(IdentityError::WrongCredentials),
            _ => Err(InvalidField::new("networkId", "must say which network: there are several").into()),
        }
    }

    /// Counts a try in a transaction of its own: it stays counted whatever comes of it.
    pub(super) async fn count_try(&self, op: &OpContext, account: &str) -> Result<(), IdentityError> {
        self.count_tries(op, Some(account)).await
    }

    /// Counts a try at something that is nobody's: for the address it came from.
    pub(super) async fn count_stray_try(&self, op: &OpContext) -> Result<(), IdentityError> {
        self.count_tries(op, None).await
    }

    async fn count_tries(&self, op: &OpContext, account: Option<&str>) -> Result<(), IdentityError> {
        let now = op.now();
        let tx = self.db.write(Reach::Directory).await?;
        let mut tries = Vec::new();
        if let Some(account) = account {
            tries.push((try_rows::count(&tx, account, now + WINDOW, now).await?, TRIES_FOR_ACCOUNT));
        }
        if let Some(address) = op.address() {
            let key = format!("address {}", neighbourhood(address));
            tries.push((try_rows::count(&tx, &key, now + WINDOW, now).await?, TRIES_FROM_ADDRESS));
        }
        tx.commit().await?;
        let is_over = tries.iter().any(|(tries, limit)| tries > limit);
        if is_over { Err(IdentityError::TooManyTries) } else { Ok(()) }
    }
}

/// What an account's tries are counted under: no e-mail stands in that table.
pub(super) fn account_key(network: NetworkId, email: &EmailAddress) -> String {
    let digest = Sha256::digest(format!("{network} {}", email.as_str()));
    digest.iter().fold("account ".to_owned(), |key, byte| key + &format!("{byte:02x}"))
}

/// Every key an e-mail's tries are counted under.
pub(super) fn every_account_key(network: NetworkId, email: &EmailAddress) -> [String; 4] {
    let key = account_key(network, email);
    [format!("reset {key}"), format!("asked {key}"), format!("verify {key}"), key]
}
