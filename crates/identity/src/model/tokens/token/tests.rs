//! Every known way to forge or misuse an access token.

use aws_lc_rs::{encoding::AsDer, rsa, signature::Ed25519KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use kernel::{Id, Place, Role, World};
use serde_json::{Value, json};

use super::*;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

struct Forge {
    world: World,
    tokens: Tokens,
    caller: Caller,
}

impl Forge {
    fn new() -> Self {
        let world = World::for_test(1);
        let network = NetworkId::generate(&world);
        let grants = vec![Grant { role: Role::Operator, at: Place::Hub(HubId::generate(&world)) }];
        let caller = Caller::Person { person: PersonId::generate(&world), network, member: None, grants };
        Self { tokens: Tokens::new(KeyRing::ephemeral().expect("a key")), world, caller }
    }

    fn token(&self) -> String {
        self.tokens.issue(&self.caller, None, self.world.now(), HOUR).expect("a token")
    }

    fn key(&self) -> crate::SigningKey {
        self.tokens.keys().signing(self.world.now()).expect("a key")
    }

    fn is_good(&self, token: &str) -> bool {
        self.tokens.read(token, self.world.now()).is_ok()
    }

    /// The honest token's header and claims, to be modified.
    fn parts(&self) -> (Value, Value) {
        let token = self.token();
        let mut parts = token.split('.').map(|part| {
            let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64");
            serde_json::from_slice(&bytes).unwrap_or(Value::Null)
        });
        (parts.next().expect("a header"), parts.next().expect("claims"))
    }

    /// Signs any claims with the installation's own key: only the claims are wrong.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        signed(header, claims, &self.key().signs, Algorithm::EdDSA)
    }

    fn with_header(&self, change: impl FnOnce(&mut Value)) -> String {
        let (mut header, claims) = self.parts();
        change(&mut header);
        self.sign(&header, &claims)
    }

    fn with_claims(&self, change: impl FnOnce(&mut Value)) -> String {
        let (header, mut claims) = self.parts();
        change(&mut claims);
        self.sign(&header, &claims)
    }
}

fn signed(header: &Value, claims: &Value, key: &EncodingKey, algorithm: Algorithm) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).expect("signed");
    format!("{message}.{signature}")
}

#[test]
fn a_token_speaks_for_the_caller_it_was_issued_to() {
    let forge = Forge::new();
    let (world, tokens) = (&forge.world, &forge.tokens);
    let network = NetworkId::generate(world);
    let hub = HubId::generate(world);
    let device = Caller::Device {
        device: DeviceId::generate(world),
        hub,
        network,
        capability: Permission::RecordPresence,
    };
    let scopes = vec![Scoped { permission: Permission::ReadIndicators, at: Place::Network(network) }];
    let program = Caller::Program { key: ApiKeyId::generate(world), network, scopes };
    for caller in [forge.caller.clone(), device, program] {
        let session = Some(SessionId::generate(world));
        let token = tokens.issue(&caller, session, world.now(), HOUR).expect("a token");
        for _verified_then_remembered in 0..2 {
            let read = tokens.read(&token, world.now()).expect("read");
            assert_eq!((read.caller.as_ref(), read.session), (&caller, session));
            assert_eq!((read.made_at, read.expires_at), (world.now(), world.now() + HOUR));
        }
    }
}

#[test]
fn a_token_signed_anew_with_nothing_changed_is_good() {
    let forge = Forge::new();
    assert!(
        forge.is_good(&forge.with_header(|_header| {})) && forge.is_good(&forge.with_claims(|_claims| {}))
    );
}

#[test]
fn anonymous_and_system_callers_have_no_token() {
    let forge = Forge::new();
    for caller in [Caller::Anonymous, Caller::System] {
        assert!(forge.tokens.issue(&caller, None, forge.world.now(), HOUR).is_err());
    }
}

#[test]
fn an_expired_token_is_refused_even_if_it_is_remembered() {
    let forge = Forge::new();
    let token = forge.token();
    assert!(forge.is_good(&token));
    assert!(forge.tokens.read(&token, forge.world.now() + HOUR).is_err());
}

#[test]
fn a_token_is_not_good_before_its_time_but_for_a_clock_five_seconds_behind() {
    let forge = Forge::new();
    let seconds = |seconds| forge.world.now() - SignedDuration::from_secs(seconds);
    assert!(forge.tokens.read(&forge.token(), seconds(5)).is_ok());
    let token = forge.tokens.issue(&forge.caller, None, forge.world.now(), HOUR - HOUR / 2).expect("a token");
    assert!(forge.tokens.read(&token, seconds(6)).is_err());
}

#[test]
fn a_token_of_another_installation_is_refused() {
    let (forge, other) = (Forge::new(), Forge::new());
    assert!(forge.is_good(&forge.token()) && !forge.is_good(&other.token()));
    // A token that claims to be signed by the installation's key is refused, too.
    let (header, claims) = forge.parts();
    assert!(!forge.is_good(&other.sign(&header, &claims)));
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let forge = Forge::new();
    let token = forge.token();
    let body = token.split('.').nth(1).expect("a body");
    for algorithm in ["none", "None", "NONE"] {
        let header = json!({ "typ": TYPE, "alg": algorithm, "kid": forge.key().id });
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        for signature in ["", "AAAA"] {
            assert!(!forge.is_good(&format!("{header}.{body}.{signature}")), "{algorithm} {signature:?}");
        }
    }
    let (message, _) = token.rsplit_once('.').expect("a signature");
    assert!(!forge.is_good(&format!("{message}.")) && !forge.is_good(message));
}

#[test]
fn our_public_key_is_no_secret_to_sign_with() {
    let forge = Forge::new();
    let jwk = forge.tokens.keys().jwks()["keys"][0].clone();
    let public = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().expect("x")).expect("base64");
    let (mut header, claims) = forge.parts();
    for (name, algorithm) in
        [("HS256", Algorithm::HS256), ("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)]
    {
        header["alg"] = name.into();
        for secret in [public.clone(), jwk.to_string().into_bytes(), jwk["x"].to_string().into_bytes()] {
            let key = EncodingKey::from_secret(&secret);
            assert!(!forge.is_good(&signed(&header, &claims, &key, algorithm)), "{name}");
        }
    }
}

#[test]
fn another_algorithm_is_refused_whoever_signs() {
    let forge = Forge::new();
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect("a key");
    let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).expect("der");
    let pkcs8 = der.as_ref();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        base64::engine::general_purpose::STANDARD.encode(pkcs8)
    );
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("an RSA key");
    let (mut header, claims) = forge.parts();
    for (name, algorithm) in [("RS256", Algorithm::RS256), ("PS256", Algorithm::PS256)] {
        header["alg"] = name.into();
        assert!(!forge.is_good(&signed(&header, &claims, &key, algorithm)), "{name}");
    }
    header["alg"] = "ES256".into();
    assert!(!forge.is_good(&signed(&header, &claims, &forge.key().signs, Algorithm::EdDSA)));
}

#[test]
fn a_key_that_the_token_brings_along_or_points_to_is_not_looked_at() {
    let forge = Forge::new();
    let attacker = Ed25519KeyPair::generate().expect("a key");
    let pkcs8 = attacker.to_pkcs8().expect("a key");
    let key = EncodingKey::from_ed_der(pkcs8.as_ref());
    let x = {
        use aws_lc_rs::signature::KeyPair;
        URL_SAFE_NO_PAD.encode(attacker.public_key().as_ref())
    };
    let (honest, claims) = forge.parts();
    let baits = [
        ("jwk", json!({ "kty": "OKP", "crv": "Ed25519", "x": x })),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!([x])),
    ];
    for (name, bait) in baits {
        let mut header = honest.clone();
        header[name] = bait;
        assert!(!forge.is_good(&signed(&header, &claims, &key, Algorithm::EdDSA)), "{name}");
    }
}

#[test]
fn a_key_is_named_among_ours_or_not_at_all() {
    let forge = Forge::new();
    let names = ["", "nobody", "../first", "/dev/null", "first.key", "' or 1=1 --", "\0", "%2e%2e%2ffirst"];
    for name in names {
        assert!(!forge.is_good(&forge.with_header(|header| header["kid"] = name.into())), "{name:?}");
    }
    let unnamed = forge.with_header(|header| {
        header.as_object_mut().expect("an object").remove("kid");
    });
    assert!(!forge.is_good(&unnamed));
    assert!(!forge.is_good(&forge.with_header(|header| header["kid"] = json!(["a"]))));
}

#[test]
fn another_kind_of_token_and_unknown_demands_are_refused() {
    let forge = Forge::new();
    for other in ["JWT", "at+JWT ", "id+jwt", "dpop+jwt", ""] {
        assert!(!forge.is_good(&forge.with_header(|header| header["typ"] = other.into())), "{other:?}");
    }
    assert!(!forge.is_good(&forge.with_header(|header| {
        header.as_object_mut().expect("an object").remove("typ");
    })));
    assert!(!forge.is_good(&forge.with_header(|header| header["crit"] = json!(["exp"]))));
}

#[test]
fn a_token_for_others_or_by_others_is_refused() {
    let forge = Forge::new();
    for audience in [json!("another-api"), json!(["another-api"]), json!(""), json!(7), Value::Null] {
        let token = forge.with_claims(|claims| claims["aud"] = audience.clone());
        assert!(!forge.is_good(&token), "aud {audience}");
    }
    for issuer in [json!("another"), json!(""), json!({}), Value::Null] {
        let token = forge.with_claims(|claims| claims["iss"] = issuer.clone());
        assert!(!forge.is_good(&token), "iss {issuer}");
    }
}

#[test]
fn times_are_numbers_within_reason() {
    let forge = Forge::new();
    let now = forge.world.now().as_second();
    for (name, time) in [
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", json!((now + 60).to_string())),
        ("exp", json!(-1)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(1e300)),
        ("exp", Value::Null),
        ("nbf", json!(now + 6)),
        ("nbf", json!((now - 60).to_string())),
        ("nbf", json!("now")),
        ("nbf", json!(i64::MIN)),
        ("nbf", Value::Null),
        ("made", json!(i64::MAX)),
    ] {
        let token = forge.with_claims(|claims| claims[name] = time.clone());
        assert!(!forge.is_good(&token), "{name} {time}");
    }
}

#[test]
fn a_subject_that_is_nobody_is_refused() {
    let forge = Forge::new();
    for subject in
        ["", "per_", "hub_00000000000070008000000000000000", "system", "dev_00000000000070008000000000000000"]
    {
        assert!(!forge.is_good(&forge.with_claims(|claims| claims["sub"] = subject.into())), "{subject:?}");
    }
}

#[test]
fn rubbish_is_refused_and_a_long_one_is_not_even_read() {
    let forge = Forge::new();
    for rubbish in ["", ".", "..", "a.b.c", "rubbish", "\u{0}", "eyJ.eyJ.eyJ"] {
        assert!(!forge.is_good(rubbish), "{rubbish:?}");
    }
    assert!(matches!(forge.tokens.read(&"x".repeat(9_000), forge.world.now()), Err(TokenError::TooLong)));
}

#[test]
fn a_retired_keys_tokens_are_refused_even_if_they_are_remembered() {
    let forge = Forge::new();
    let (old, before) = (forge.key().id, forge.token());
    assert!(forge.is_good(&before));
    let keys = forge.tokens.keys();
    keys.rotate(forge.world.now()).expect("rotated");
    let later = forge.world.now() + SignedDuration::from_mins(2);
    let after = forge.tokens.issue(&forge.caller, None, later, HOUR).expect("a token");
    for token in [&before, &after] {
        assert!(forge.tokens.read(token, later).is_ok(), "both keys live");
    }
    keys.retire(&old, later).expect("retired");
    assert!(forge.tokens.read(&before, later).is_err());
    assert!(forge.tokens.read(&after, later).is_ok());
}
