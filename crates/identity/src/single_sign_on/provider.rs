//! A provider: what it says of itself, where it wants people sent, and what it says of who comes back.
//!
//! Always true: what it says of itself is kept for an hour, its keys until a token is signed with one that is not among
//! them, and they are asked for once a minute at most; only signatures by public keys count (RS256, ES256, EdDSA); an ID
//! token is for us alone. Nothing that it says about anybody is logged.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, JsonWebKeySet, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, Scope,
    SignatureVerificationError, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
        CoreClientAuthMethod, CoreGrantType, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
        CoreRequestTokenError, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
        CoreTokenResponse, CoreUserInfoClaims,
    },
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tokio::{sync::Mutex, time::timeout};

use super::{
    Journey, ProviderSettings, SettingsError,
    outside::{Outside, OutsideError, PATIENCE},
    settings::secure_url,
};
use crate::EmailAddress;

const METADATA_KEPT: SignedDuration = SignedDuration::from_hours(1);
const KEYS_ASKED_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// The clocks of two machines differ a little.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_SUBJECT: usize = 255;
const ALGORITHMS: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What else we want to know of a provider.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct More {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    code_challenge_methods_supported: Option<Vec<String>>,
}

impl AdditionalProviderMetadata for More {}

/// A provider of the installation.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) settings: ProviderSettings,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    outside: Outside,
    known: Mutex<Option<Known>>,
}

/// What a provider has said of itself.
#[derive(Clone, Debug)]
struct Known {
    metadata: Arc<Metadata>,
    heard_at: Timestamp,
    keys_heard_at: Timestamp,
}

/// What came back with a browser.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) code: &'a str,
    pub(crate) issuer: Option<&'a str>,
}

/// Whom a provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vouched {
    pub(crate) issuer: String,
    /// Who it is there: never given to anybody else.
    pub(crate) subject: String,
    /// Their e-mail, if the provider has seen that they read it.
    pub(crate) email: Option<EmailAddress>,
}

/// A provider does not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProviderError {
    /// It does not answer, or what it says of itself makes no sense.
    #[error("{0}")]
    Away(String),
    /// What came back is not believed.
    #[error("{0}")]
    NotBelieved(String),
}

impl Provider {
    pub(super) fn new(public_url: &str, settings: ProviderSettings) -> Result<Self, SettingsError> {
        let wrong = |key, problem| SettingsError::Wrong { provider: settings.key.clone(), key, problem };
        let base = secure_url(public_url)
            .filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
            .ok_or_else(|| {
                wrong("identity.public_url", "must be https, or http of this machine, without a path")
            })?;
        let redirect = format!("{}/sign-in/{}/answer", base.as_str().trim_end_matches('/'), settings.key);
        Ok(Self {
            redirect: RedirectUrl::new(redirect).map_err(|_bad| wrong("key", "fits no address"))?,
            issuer: IssuerUrl::new(settings.issuer.clone())
                .map_err(|_bad| wrong("issuer", "is no address"))?,
            outside: Outside::of(&settings.issuer)?,
            known: Mutex::new(None),
            settings,
        })
    }

    /// Where a browser is sent to begin a journey.
    pub(crate) async fn way_to(&self, journey: &Journey, now: Timestamp) -> Result<String, ProviderError> {
        let metadata = in_time(self.metadata(now)).await?;
        secure_url(metadata.authorization_endpoint().as_str())
            .ok_or_else(|| ProviderError::Away(OutsideError::Insecure.to_string()))?;
        let verifier = PkceCodeVerifier::new(journey.verifier.clone());
        let (state, nonce) = (CsrfToken::new(journey.state.clone()), Nonce::new(journey.nonce.clone()));
        let (url, _, _) = self
            .client(&metadata)
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scope(Scope::new("email".into()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url.into())
    }

    /// Whom the provider vouches for, of what came back from a journey.
    pub(crate) async fn vouch(
        &self,
        journey: &Journey,
        answer: Answer<'_>,
        now: Timestamp,
    ) -> Result<Vouched, ProviderError> {
        in_time(async {
            let metadata = self.metadata(now).await?;
            self.check_issuer(&metadata, answer.issuer)?;
            let tokens = self.exchange(&metadata, journey, answer.code).await?;
            let claims = self.claims(&metadata, &tokens, journey, now).await?;
            self.vouched(&metadata, &tokens, &claims).await
        })
        .await
    }

    /// Whether the provider can be used, and what else there is to know: asked anew.
    pub(crate) async fn examine(&self) -> Result<&'static str, ProviderError> {
        let away = |problem: &str| Err(ProviderError::Away(problem.to_owned()));
        let metadata = in_time(self.discover()).await?;
        let has_code = |types: &[CoreResponseType]| types == [CoreResponseType::Code];
        if !metadata.response_types_supported().iter().any(|types| has_code(types)) {
            return away("does not offer the authorization code flow");
        }
        match &metadata.additional_metadata().code_challenge_methods_supported {
            Some(methods) if methods.iter().any(|method| method == "S256") => Ok("answers, with PKCE"),
            Some(_) => away("does not offer PKCE with S256"),
            None => Ok("answers, and does not say whether it checks PKCE"),
        }
    }

    /// An answer of another provider, mixed up with this one's (RFC 9207).
    fn check_issuer(&self, metadata: &Metadata, told: Option<&str>) -> Result<(), ProviderError> {
        let must_tell = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match told {
            Some(issuer) if issuer == self.issuer.as_str() => Ok(()),
            Some(_) => Err(ProviderError::NotBelieved("the answer is of another issuer".into())),
            None if must_tell => Err(ProviderError::NotBelieved("the answer names no issuer".into())),
            None => Ok(()),
        }
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        journey: &Journey,
        code: &str,
    ) -> Result<CoreTokenResponse, ProviderError> {
        let client = self.client(metadata);
        let exchange = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_none| ProviderError::Away("names no token endpoint".into()))?
            .set_pkce_verifier(PkceCodeVerifier::new(journey.verifier.clone()));
        exchange.request_async(&self.outside).await.map_err(|error| match error {
            // Its description may say whose code it was.
            CoreRequestTokenError::ServerResponse(refusal) => {
                ProviderError::NotBelieved(format!("the provider refuses the code: {}", refusal.error()))
            }
            CoreRequestTokenError::Request(error) => away(&error),
            CoreRequestTokenError::Parse(..) | CoreRequestTokenError::Other(_) => {
                ProviderError::Away("what it answers for the code cannot be read".into())
            }
        })
    }

    /// The claims of an ID token that is believed.
    async fn claims(
        &self,
        metadata: &Metadata,
        tokens: &CoreTokenResponse,
        journey: &Journey,
        now: Timestamp,
    ) -> Result<CoreIdTokenClaims, ProviderError> {
        use ClaimsVerificationError::SignatureVerification;
        let nothing = || ProviderError::NotBelieved("there is no ID token".into());
        let token = tokens.id_token().ok_or_else(nothing)?;
        let nonce = Nonce::new(journey.nonce.clone());
        let claims = |metadata: &Metadata| {
            let client = self.client(metadata);
            token.claims(&verifier(&client, now), &nonce).cloned()
        };
        let believed = match claims(metadata) {
            Err(SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                claims(self.with_fresh_keys(now).await?.as_ref())
            }
            believed => believed,
        };
        let claims = believed.map_err(|why| ProviderError::NotBelieved(why.to_string()))?;
        let is_ours = claims.authorized_party().is_none_or(|party| party.as_str() == self.settings.client_id);
        if is_ours { Ok(claims) } else { Err(ProviderError::NotBelieved("it is for another party".into())) }
    }

    /// Who it is, and their e-mail: from the ID token, or else from the provider's own answer about them.
    async fn vouched(
        &self,
        metadata: &Metadata,
        tokens: &CoreTokenResponse,
        claims: &CoreIdTokenClaims,
    ) -> Result<Vouched, ProviderError> {
        let subject = claims.subject().as_str();
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT || subject.contains(char::is_control) {
            return Err(ProviderError::NotBelieved("the subject is none".into()));
        }
        let mut email = verified(claims.email().map(|email| email.as_str()), claims.email_verified());
        if claims.email().is_none() && metadata.userinfo_endpoint().is_some() {
            let client = self.client(metadata);
            let asking = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
            if let Ok(asking) = asking {
                let told: Result<CoreUserInfoClaims, _> = asking.request_async(&self.outside).await;
                email = told.ok().and_then(|told| {
                    verified(told.email().map(|email| email.as_str()), told.email_verified())
                });
            }
        }
        Ok(Vouched { issuer: self.settings.issuer.clone(), subject: subject.to_owned(), email })
    }

    fn client(&self, metadata: &Metadata) -> Client {
        let secret = self.settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let id = ClientId::new(self.settings.client_id.clone());
        let takes = |method: CoreClientAuthMethod| {
            let methods = metadata.token_endpoint_auth_methods_supported();
            methods.is_some_and(|methods| methods.contains(&method))
        };
        let in_the_body =
            takes(CoreClientAuthMethod::ClientSecretPost) && !takes(CoreClientAuthMethod::ClientSecretBasic);
        CoreClient::from_provider_metadata(metadata.clone(), id, secret)
            .set_redirect_uri(self.redirect.clone())
            .set_auth_type(if in_the_body { AuthType::RequestBody } else { AuthType::BasicAuth })
    }

    async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, ProviderError> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| now < known.heard_at + METADATA_KEPT) {
            return Ok(Arc::clone(&known.metadata));
        }
        let metadata = Arc::new(self.discover().await?);
        *known = Some(Known { metadata: Arc::clone(&metadata), heard_at: now, keys_heard_at: now });
        Ok(metadata)
    }

    async fn discover(&self) -> Result<Metadata, ProviderError> {
        let found = Metadata::discover_async(self.issuer.clone(), &self.outside).await;
        found.map_err(|error| away(&error))
    }

    /// What is known, with the provider's keys as they are now, unless they were asked for within a minute.
    async fn with_fresh_keys(&self, now: Timestamp) -> Result<Arc<Metadata>, ProviderError> {
        let mut known = self.known.lock().await;
        let found = known.as_mut().ok_or_else(|| ProviderError::Away("nothing is known of it".into()))?;
        if now >= found.keys_heard_at + KEYS_ASKED_EVERY {
            let keys = JsonWebKeySet::fetch_async(found.metadata.jwks_uri(), &self.outside).await;
            let keys = keys.map_err(|error| away(&error))?;
            found.metadata = Arc::new(Metadata::clone(&found.metadata).set_jwks(keys));
            found.keys_heard_at = now;
        }
        Ok(Arc::clone(&found.metadata))
    }
}

/// What is believed of an ID token: the issuer and the one audience are the library's to check.
fn verifier(client: &Client, now: Timestamp) -> CoreIdTokenVerifier<'_> {
    let instant = |at: Timestamp| chrono::DateTime::from_timestamp(at.as_second(), 0).unwrap_or_default();
    let (earlier, later) = (instant(now - LEEWAY), instant(now + LEEWAY));
    let is_of_the_past = move |issued_at: chrono::DateTime<chrono::Utc>| {
        if issued_at <= later { Ok(()) } else { Err("issued in the future".to_owned()) }
    };
    client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || earlier)
        .set_issue_time_verifier_fn(is_of_the_past)
}

fn verified(email: Option<&str>, is_verified: Option<bool>) -> Option<EmailAddress> {
    let email = email.filter(|_| is_verified == Some(true))?;
    EmailAddress::parse(email).ok()
}

/// A provider that is slow is away.
async fn in_time<T>(asking: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
    let late = |_elapsed| Err(ProviderError::Away("does not answer in time".into()));
    timeout(PATIENCE, asking).await.unwrap_or_else(late)
}

/// What is wrong, with its causes; none of it is about anybody.
fn away(error: &dyn std::error::Error) -> ProviderError {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    ProviderError::Away(told)
}
