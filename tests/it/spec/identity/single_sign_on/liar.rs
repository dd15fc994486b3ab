//! A provider whose replies a test chooses: the worst case of the outside world. It implements just enough HTTP.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::{JourneyAnswer, JourneyOutcome};
use kernel::{Caller, OpContext};
use secrecy::ExposeSecret;
use server::SingleSignOnConfig;
use testkit::{Json, TestApp, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::stage::{VERIFIER, challenge};
use crate::support::provider::{APP, url_parameter};

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// A reply at a path, with a delay.
#[derive(Clone)]
struct Reply {
    body: String,
    late: Duration,
}

/// A provider with false replies.
pub(crate) struct Liar {
    pub(super) issuer: String,
    replies: Arc<Mutex<BTreeMap<String, Reply>>>,
    key: Ed25519KeyPair,
}

impl Liar {
    /// Starts a provider that is correct until it is changed.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let replies = Arc::new(Mutex::new(BTreeMap::new()));
        let liar =
            Self { issuer, replies: Arc::clone(&replies), key: Ed25519KeyPair::generate().expect("a key") };
        liar.replies_with(DISCOVERY, &liar.discovery());
        liar.replies_with("/jwks", &json!({ "keys": [liar.jwk("first")] }));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, Arc::clone(&replies)));
            }
        });
        liar
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn discovery(&self) -> Json {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer, "authorization_endpoint": at("/auth"), "token_endpoint": at("/token"),
            "jwks_uri": at("/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA", "ES256"], "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        })
    }

    pub(super) fn replies_with(&self, path: &str, body: &Json) {
        self.replies_late(path, &body.to_string(), Duration::ZERO);
    }

    pub(crate) fn publishes(&self, discovery: &Json) {
        self.replies_with(DISCOVERY, discovery);
    }

    pub(super) fn replies_late(&self, path: &str, body: &str, late: Duration) {
        let reply = Reply { body: body.to_owned(), late };
        self.replies.lock().expect("the replies").insert(path.to_owned(), reply);
    }

    /// Replies to every code with this token.
    pub(super) fn gives(&self, id_token: &str) {
        self.replies_with(
            "/token",
            &json!({ "access_token": "opaque", "token_type": "Bearer", "id_token": id_token }),
        );
    }

    pub(super) fn jwk(&self, kid: &str) -> Json {
        let x = URL_SAFE_NO_PAD.encode(self.key.public_key());
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig" })
    }

    /// Returns a token signed with its key.
    pub(super) fn signed(&self, kid: &str, claims: &Json) -> String {
        let unsigned = unsigned(&json!({ "alg": "EdDSA", "kid": kid, "typ": "JWT" }), claims);
        let signature = self.key.sign(unsigned.as_bytes());
        format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Returns a token signed with a new key on P-256, which it publishes beside its own.
    pub(super) fn signed_on_p256(&self, claims: &Json) -> String {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let shown = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "curve", "use": "sig" });
        self.replies_with("/jwks", &json!({ "keys": [self.jwk("first"), shown] }));
        let unsigned = unsigned(&json!({ "alg": "ES256", "kid": "curve" }), claims);
        let signature = key.sign(&SystemRandom::new(), unsigned.as_bytes()).expect("signed");
        format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Returns a token without a signature.
    pub(super) fn not_signed(claims: &Json) -> String {
        format!("{}.", unsigned(&json!({ "alg": "none" }), claims))
    }

    /// Returns a token whose signature uses a public text as the secret.
    pub(super) fn signed_with_secret(kid: &str, secret: &[u8], claims: &Json) -> String {
        let unsigned = unsigned(&json!({ "alg": "HS256", "kid": kid }), claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), unsigned.as_bytes());
        format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    pub(super) fn public_key(&self) -> Vec<u8> {
        self.key.public_key().as_ref().to_vec()
    }

    /// Returns the operator's configuration of it.
    pub(crate) fn settings(&self, key: &str, network: &str) -> SingleSignOnConfig {
        SingleSignOnConfig {
            key: key.to_owned(),
            name: "Town hall".to_owned(),
            network: network.to_owned(),
            issuer: self.issuer.clone(),
            client_id: "hubnet".to_owned(),
            client_secret: Some("kept by the town hall".to_owned().into()),
            client_secret_file: None,
            return_to: vec![APP.to_owned()],
        }
    }
}

impl Liar {
    /// Returns a handover for a person with this e-mail, as the app gets it that browsers go on to.
    pub(crate) async fn hand_over(&self, app: &TestApp, key: &str, email: &str) -> String {
        let identity = app.services().identity().expect("identity runs here");
        let op = OpContext::new(Caller::Anonymous, app.services().world().clone());
        let challenge = challenge(VERIFIER);
        let begun = identity.begin_journey(&op, key, Some(APP), Some(&challenge)).await.expect("begun");
        let (now, there) = (app.now().as_second(), begun.location);
        let claims = json!({
            "iss": self.issuer, "sub": email, "aud": "hubnet", "iat": now, "exp": now + 300,
            "nonce": url_parameter(&there, "nonce"), "email": email, "email_verified": true,
        });
        self.gives(&self.signed("first", &claims));
        let state = url_parameter(&there, "state");
        let answer = JourneyAnswer {
            sealed: Some(begun.sealed.expose_secret()),
            state: state.as_deref(),
            code: Some("any"),
            issuer: None,
        };
        let ended = identity.end_journey(&op, key, answer).await.expect("ended");
        let JourneyOutcome::HandedOver(handover) = ended.outcome else { panic!("{:?}", ended.outcome) };
        handover.expose_secret().to_owned()
    }
}

fn unsigned(header: &Json, claims: &Json) -> String {
    let part = |value: &Json| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

async fn answer(mut socket: TcpStream, replies: Arc<Mutex<BTreeMap<String, Reply>>>) {
    let mut asked = Vec::new();
    let mut piece = [0; 4096];
    while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
        match socket.read(&mut piece).await {
            Ok(some) if some > 0 => asked.extend_from_slice(&piece[..some]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&asked).into_owned();
    let path = head.split_whitespace().nth(1).unwrap_or_default();
    let reply = replies.lock().expect("the replies").get(path).cloned();
    let (status, reply) = match reply {
        Some(reply) => ("200 OK", reply),
        None => ("404 Not Found", Reply { body: "{}".into(), late: Duration::ZERO }),
    };
    tokio::time::sleep(reply.late).await;
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{}",
        reply.body.len(),
        reply.body
    );
    // The client may have gone.
    let _written = socket.write_all(answer.as_bytes()).await;
    let _closed = socket.shutdown().await;
}
