//! Sends a browser to a provider, and receives it back.
//!
//! Always true: the begin of a journey stores nothing, and its end only what a provider vouched for; the provider is
//! called with no transaction open; the browser does not learn which account it is.

use kernel::{AuthError, HandoverId, InvalidInput, NetworkId, OpContext};
use platform_db::Reach;
use secrecy::SecretString;

use crate::{
    Identity, IdentityError, JourneyBegun, JourneyEnded, JourneyOutcome, OfferedProvider,
    model::machines::secret::{self, SecretKind},
    model::sign_in_link::{HANDOVER_LIFETIME, Handover},
    single_sign_on::{Answer, CodeChallenge, JOURNEY_LIFETIME, Journey, Provider, ProviderError, Vouched},
    store::{copies, handover_rows},
};

/// The data that came back from a provider.
#[derive(Clone, Copy)]
pub struct JourneyAnswer<'a> {
    /// The browser's sealed data.
    pub sealed: Option<&'a str>,
    /// The state, which the provider returns unchanged.
    pub state: Option<&'a str>,
    /// The provider's authorization code; `None` if it returns an error.
    pub code: Option<&'a str>,
    /// The issuer that the response names.
    pub issuer: Option<&'a str>,
}

impl Identity {
    /// Begins a journey to a provider, for an app that knows the verifier of a challenge.
    ///
    /// # Errors
    /// Fails if there is no such provider, if the app's address is not listed, if the challenge is invalid, or if the
    /// provider does not respond.
    #[tracing::instrument(name = "identity.begin_journey", skip_all)]
    pub async fn begin_journey(
        &self,
        op: &OpContext,
        provider: &str,
        return_to: Option<&str>,
        code_challenge: Option<&str>,
    ) -> Result<JourneyBegun, IdentityError> {
        let provider = self.single_sign_on.find(provider).ok_or(AuthError::NotFound)?;
        let settings = &provider.settings;
        let return_to = return_to.filter(|address| settings.return_to.iter().any(|known| known == address));
        let return_to = return_to.ok_or_else(|| {
            InvalidInput::new("return_to", "must be one of the addresses that are listed for this provider")
        })?;
        let code_challenge = code_challenge.and_then(CodeChallenge::parse).ok_or_else(|| {
            InvalidInput::new("code_challenge", "must be the S256 challenge of a verifier, 43 signs long")
        })?;
        let journey = Journey::begin(op.world(), &settings.key, return_to, code_challenge);
        let location = provider.way_to(&journey, op.now()).await;
        let location = location.map_err(|error| {
            tracing::warn!(provider = settings.key, %error, "a provider cannot be used");
            IdentityError::ProviderAway
        })?;
        let sealed = journey.seal(&self.sealing).ok_or(IdentityError::Unsealed)?;
        Ok(JourneyBegun { location, sealed: sealed.into(), lifetime: JOURNEY_LIFETIME })
    }

    /// Ends a journey: hands over to the app what the provider vouches for.
    ///
    /// # Errors
    /// Fails if there is no such provider, or if the journey is not from here, belongs to another provider, or has
    /// expired. The app receives later failures as an outcome.
    #[tracing::instrument(name = "identity.end_journey", skip_all)]
    pub async fn end_journey(
        &self,
        op: &OpContext,
        provider: &str,
        answer: JourneyAnswer<'_>,
    ) -> Result<JourneyEnded, IdentityError> {
        let provider = self.single_sign_on.find(provider).ok_or(AuthError::NotFound)?;
        let key = &provider.settings.key;
        let journey = answer
            .sealed
            .zip(answer.state)
            .and_then(|(sealed, state)| Journey::open(&self.sealing, sealed, key, state, op.now()));
        let journey = journey.ok_or(IdentityError::NoJourney)?;
        let outcome = match answer.code {
            None => JourneyOutcome::Denied,
            Some(code) => {
                let answer = Answer { code, issuer: answer.issuer };
                match provider.vouch(&journey, answer, op.now()).await {
                    Ok(vouched) => self.hand_over(op, provider, &journey, vouched).await?,
                    Err(error) => refused(key, &error),
                }
            }
        };
        Ok(JourneyEnded { return_to: journey.return_to, outcome })
    }

    /// Returns the providers that vouch for a network's people, by its slug or id; an unknown network has none.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn list_providers(&self, network: &str) -> Result<Vec<OfferedProvider>, IdentityError> {
        let tx = self.db.read(Reach::Directory).await?;
        let Some(network) = copies::find_network(&tx, network).await? else { return Ok(Vec::new()) };
        let mut offered = Vec::new();
        for provider in self.single_sign_on.all() {
            let settings = &provider.settings;
            if copies::find_network(&tx, &settings.network).await? == Some(network) {
                let (key, name) = (settings.key.clone(), settings.name.clone());
                offered.push(OfferedProvider { start: format!("/sign-in/{key}"), key, name });
            }
        }
        Ok(offered)
    }

    /// Checks every provider: returns its key, and its condition or its problem.
    pub async fn examine_providers(&self) -> Vec<(String, Result<String, String>)> {
        let mut findings = Vec::new();
        for provider in self.single_sign_on.all() {
            let finding = match self.network_of(provider).await {
                Err(IdentityError::NetworkUnknown) => {
                    Err(format!("there is no network {:?} here", provider.settings.network))
                }
                Err(error) => Err(error.to_string()),
                Ok(_) => {
                    let examined = provider.examine().await;
                    examined.map(str::to_owned).map_err(|error| error.to_string())
                }
            };
            findings.push((provider.settings.key.clone(), finding));
        }
        findings
    }

    async fn hand_over(
        &self,
        op: &OpContext,
        provider: &Provider,
        journey: &Journey,
        vouched: Vouched,
    ) -> Result<JourneyOutcome, IdentityError> {
        let network = match self.network_of(provider).await {
            Err(error @ IdentityError::NetworkUnknown) => {
                tracing::error!(provider = provider.settings.key, %error, "nobody can be signed in");
                return Ok(JourneyOutcome::Unavailable);
            }
            found => found?,
        };
        let id: HandoverId = op.new_id();
        let (text, secret_hash) = secret::make(SecretKind::Handover, network, id.into(), op.world());
        let Vouched { issuer, subject, email } = vouched;
        let code_challenge = journey.code_challenge.clone();
        let expires_at = op.now() + HANDOVER_LIFETIME;
        let row = Handover { issuer, subject, email, code_challenge, secret_hash, expires_at };
        let tx = self.db.write(Reach::Network(network)).await?;
        handover_rows::insert(&tx, network, id, &row, op.now()).await?;
        tx.commit().await?;
        Ok(JourneyOutcome::HandedOver(SecretString::from(text)))
    }

    /// Returns the network for whose people a provider vouches.
    async fn network_of(&self, provider: &Provider) -> Result<NetworkId, IdentityError> {
        let tx = self.db.read(Reach::Directory).await?;
        let found = copies::find_network(&tx, &provider.settings.network).await?;
        found.ok_or(IdentityError::NetworkUnknown)
    }
}

fn refused(provider: &str, error: &ProviderError) -> JourneyOutcome {
    tracing::warn!(provider, %error, "a sign-in by a provider comes to nothing");
    match error {
        ProviderError::Away(_) => JourneyOutcome::Unavailable,
        ProviderError::NotBelieved(_) => JourneyOutcome::Refused,
    }
}
