//! Signs a person in with e-mail and password.
//!
//! Always true: attempts are counted before anything else is checked, and if they cannot be counted nobody is signed
//! in; an unknown e-mail, a wrong password and a suspended person cost the same work and get the same response.

use jiff::SignedDuration;
use kernel::{EmailAddress, InvalidInput, NetworkId, OpContext, neighbourhood};
use platform_db::{DbError, Reach};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::app::about;
use crate::{
    Identity, IdentityError, SignInOutcome, audit,
    store::{account_rows, copies, try_rows},
};

/// The limits of attempts per account and per address, in a quarter of an hour.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
const TRIES_FOR_ACCOUNT: i64 = 10;
const TRIES_FROM_ADDRESS: i64 = 100;

/// The credentials of a sign-in.
#[derive(Debug)]
pub struct SignInWithPassword {
    /// The e-mail.
    pub email: EmailAddress,
    /// The password.
    pub password: SecretString,
    /// The network; required only if there are several.
    pub network: Option<NetworkId>,
}

impl Identity {
    /// Signs a person in, or requests their second factor.
    ///
    /// # Errors
    /// Fails if e-mail or password is wrong, after too many attempts, or if there are several networks and none is
    /// named.
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
            // With a second factor, the password alone does not prove that these attempts were the person's.
            SignInOutcome::SecondFactorNeeded(_) => audit::CODE_ASKED,
        };
        tx.audit(op, audit::of_outcome(audit_event, about, &outcome)).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    /// Writes a refusal into the person's audit log. The response does not wait for it, so its duration does not reveal
    /// whether the e-mail has an account.
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

    /// Returns the named network, or the only one.
    pub(crate) async fn network_to_sign_in(
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
            _ => Err(InvalidInput::new("networkId", "must say which network: there are several").into()),
        }
    }

    /// Counts an attempt in a transaction of its own, so that it stays counted in any case.
    pub(crate) async fn count_try(&self, op: &OpContext, account: &str) -> Result<(), IdentityError> {
        self.count_tries(op, Some(account)).await
    }

    /// Counts an attempt without an account, for the address it came from.
    pub(crate) async fn count_stray_try(&self, op: &OpContext) -> Result<(), IdentityError> {
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

/// Returns the key that counts an account's attempts; the table stores no e-mail.
pub(crate) fn account_key(network: NetworkId, email: &EmailAddress) -> String {
    let digest = Sha256::digest(format!("{network} {}", email.as_str()));
    format!("account {}", hex::encode(digest))
}

/// Returns every key that counts an e-mail's attempts.
pub(crate) fn every_account_key(network: NetworkId, email: &EmailAddress) -> [String; 4] {
    let key = account_key(network, email);
    [format!("reset {key}"), format!("asked {key}"), format!("verify {key}"), key]
}
