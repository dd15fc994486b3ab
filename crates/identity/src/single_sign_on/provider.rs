//! A provider: its metadata, the redirect to it, and its statement about a returning person.
//!
//! Always true: the vouched identity is read from a verified ID token (`id_token.rs`), and the e-mail only if the
//! provider has verified it. No statement about a person is logged.

use jiff::Timestamp;
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, SignatureVerificationError, TokenResponse,
    core::{
        CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdTokenClaims, CoreRequestTokenError,
        CoreResponseType, CoreTokenResponse, CoreUserInfoClaims,
    },
};
use secrecy::ExposeSecret;

use super::{
    Journey, ProviderSettings, SettingsError,
    discovery::{Discovery, Metadata},
    error::{ProviderError, away, in_time},
    id_token::verifier,
    outside::{Outside, OutsideError},
    settings::secure_url,
};
use kernel::{EmailAddress, ExternalId};

const LONGEST_SUBJECT: usize = 255;
/// A client that knows the provider's endpoints.
pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider of the installation.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) settings: ProviderSettings,
    discovery: Discovery,
    redirect: RedirectUrl,
    outside: Outside,
}

/// The response that a browser brought back.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) code: &'a str,
    pub(crate) issuer: Option<&'a str>,
}

/// The identity that a provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vouched {
    pub(crate) issuer: String,
    /// The subject at the provider; never given to anybody else.
    pub(crate) subject: String,
    /// The e-mail, if the provider has verified it.
    pub(crate) email: Option<EmailAddress>,
}

impl Provider {
    pub(super) fn new(public_url: &str, settings: ProviderSettings) -> Result<Self, SettingsError> {
        let wrong = |key, problem: &str| {
            let (provider, problem) = (settings.key.clone(), problem.to_owned());
            SettingsError::Wrong { provider, key, problem }
        };
        let base = secure_url(public_url)
            .filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
            .ok_or_else(|| {
                wrong("identity.public_url", "must be https, or http of this machine, without a path")
            })?;
        let redirect = format!("{}/sign-in/{}/answer", base.as_str().trim_end_matches('/'), settings.key);
        let issuer = IssuerUrl::new(settings.issuer.clone());
        let issuer = issuer.map_err(|_bad| wrong("issuer", "is no address"))?;
        Ok(Self {
            redirect: RedirectUrl::new(redirect).map_err(|_bad| wrong("key", "fits no address"))?,
            discovery: Discovery::of(issuer),
            outside: Outside::of(&settings.issuer)?,
            settings,
        })
    }

    /// Returns the address that begins a journey in the browser.
    pub(crate) async fn way_to(&self, journey: &Journey, now: Timestamp) -> Result<String, ProviderError> {
        let metadata = in_time(self.discovery.metadata(&self.outside, now)).await?;
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

    /// Returns the identity that the provider vouches for, given a journey's response.
    pub(crate) async fn vouch(
        &self,
        journey: &Journey,
        answer: Answer<'_>,
        now: Timestamp,
    ) -> Result<Vouched, ProviderError> {
        in_time(async {
            let metadata = self.discovery.metadata(&self.outside, now).await?;
            self.check_issuer(&metadata, answer.issuer)?;
            let tokens = self.exchange(&metadata, journey, answer.code).await?;
            let claims = self.claims(&metadata, &tokens, journey, now).await?;
            self.vouched(&metadata, &tokens, &claims).await
        })
        .await
    }

    /// Checks whether the provider can be used, with freshly fetched metadata; returns remarks.
    pub(crate) async fn examine(&self) -> Result<&'static str, ProviderError> {
        let away = |problem: &str| Err(ProviderError::Away(problem.to_owned()));
        let metadata = in_time(self.discovery.anew(&self.outside)).await?;
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

    /// Refuses a response of another provider, mixed up with this one's (RFC 9207).
    fn check_issuer(&self, metadata: &Metadata, issuer: Option<&str>) -> Result<(), ProviderError> {
        let is_required = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match issuer {
            Some(issuer) if issuer == self.discovery.issuer() => Ok(()),
            Some(_) => Err(ProviderError::NotBelieved("the answer is of another issuer".into())),
            None if is_required => Err(ProviderError::NotBelieved("the answer names no issuer".into())),
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
            // The error description may identify the person of the code.
            CoreRequestTokenError::ServerResponse(refusal) => {
                ProviderError::NotBelieved(format!("the provider refuses the code: {}", refusal.error()))
            }
            CoreRequestTokenError::Request(error) => away(&error),
            CoreRequestTokenError::Parse(..) | CoreRequestTokenError::Other(_) => {
                ProviderError::Away("what it answers for the code cannot be read".into())
            }
        })
    }

    /// Returns the claims of a verified ID token.
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
                claims(self.discovery.with_fresh_keys(&self.outside, now).await?.as_ref())
            }
            believed => believed,
        };
        let claims = believed.map_err(|why| ProviderError::NotBelieved(why.to_string()))?;
        let is_ours = claims.authorized_party().is_none_or(|party| party.as_str() == self.settings.client_id);
        if is_ours { Ok(claims) } else { Err(ProviderError::NotBelieved("it is for another party".into())) }
    }

    /// Returns the subject and the e-mail: from the ID token, or else from the provider's user info.
    async fn vouched(
        &self,
        metadata: &Metadata,
        tokens: &CoreTokenResponse,
        claims: &CoreIdTokenClaims,
    ) -> Result<Vouched, ProviderError> {
        let subject = claims.subject().as_str();
        let unbelieved = |error| ProviderError::NotBelieved(format!("the subject {error}"));
        ExternalId::<LONGEST_SUBJECT>::check(subject).map_err(unbelieved)?;
        let mut email = verified(claims.email().map(|email| email.as_str()), claims.email_verified());
        if claims.email().is_none() && metadata.userinfo_endpoint().is_some() {
            let client = self.client(metadata);
            let asking = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
            if let Ok(asking) = asking {
                let info: Result<CoreUserInfoClaims, _> = asking.request_async(&self.outside).await;
                email = info.ok().and_then(|info| {
                    verified(info.email().map(|email| email.as_str()), info.email_verified())
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
}

fn verified(email: Option<&str>, is_verified: Option<bool>) -> Option<EmailAddress> {
    let email = email.filter(|_| is_verified == Some(true))?;
    EmailAddress::parse(email).ok()
}
