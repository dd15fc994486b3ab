//! A phone that holds a person's second factor. Always true: it tells the time of the test's world.

use kernel::World;
use serde_json::{Value as Json, json};
use totp_rs::{Builder, Secret, Totp};

use crate::{Client, TestApp};

/// A phone with a secret in it.
pub struct Phone {
    totp: Totp,
    world: World,
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Phone").finish_non_exhaustive()
    }
}

impl Phone {
    /// A phone in some world, with a secret in Base32.
    pub fn new(secret: &Json, world: World) -> Self {
        let secret = Secret::try_from_base32(secret.as_str().expect("a secret")).expect("Base32");
        let totp = Builder::new().with_secret(secret).build().expect("a secret of 160 bits");
        Self { totp, world }
    }

    /// What it shows now.
    pub fn code(&self) -> String {
        let now = u64::try_from(self.world.now().as_second()).expect("after 1970");
        self.totp.generate(now).to_string()
    }
}

impl TestApp {
    /// A phone into which somebody has typed the secret they were shown.
    pub fn phone(&self, secret: &Json) -> Phone {
        Phone::new(secret, self.services().world().clone())
    }

    /// Puts a second factor of the client's in force; answers the phone and the recovery codes.
    pub async fn second_factor(&self, client: &Client, password: &str) -> (Phone, Vec<String>) {
        const ENROLL: &str =
            "mutation($input: EnrollSecondFactorInput!) { enrollSecondFactor(input: $input) { secret } }";
        const CONFIRM: &str =
            "mutation($code: String!) { confirmSecondFactor(input: { code: $code }) { recoveryCodes } }";
        let enrolled = client.ask(ENROLL, json!({ "input": { "password": password } })).await;
        let phone = self.phone(&enrolled["enrollSecondFactor"]["secret"]);
        let confirmed = client.ask(CONFIRM, json!({ "code": phone.code() })).await;
        let codes = confirmed["confirmSecondFactor"]["recoveryCodes"].as_array().expect("codes").clone();
        (phone, codes.iter().map(|code| code.as_str().expect("a code").to_owned()).collect())
    }
}
