//! A phone that holds a person's second factor. Always true: its clock is the clock of the test.

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
    /// Creates a phone with the clock of a test and a secret in Base32.
    pub fn new(secret: &Json, world: World) -> Self {
        let secret = Secret::try_from_base32(secret.as_str().expect("a secret")).expect("Base32");
        let totp = Builder::new().with_secret(secret).build().expect("a secret of 160 bits");
        Self { totp, world }
    }

    /// Returns the current code.
    pub fn code(&self) -> String {
        let now = u64::try_from(self.world.now().as_second()).expect("after 1970");
        self.totp.generate(now).to_string()
    }
}

impl TestApp {
    /// Returns a phone with a secret that was shown to a person.
    pub fn phone(&self, secret: &Json) -> Phone {
        Phone::new(secret, self.services().world().clone())
    }

    /// Enables a second factor of the client; returns the phone and the recovery codes.
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
