//! Secrets in files of their own. Always true: a secret has only one source. Blanks around it in a file are not part of
//! it. Errors name its key, and never the secret.

use std::path::Path;

use secrecy::SecretString;

use super::{Config, ConfigError};

impl Config {
    /// Reads the secrets in files of their own.
    pub(super) fn read_secrets(&mut self) -> Result<(), ConfigError> {
        let Self { database, bus, live, mail, files, telemetry, identity, .. } = self;
        let secrets = [
            ("database.url", &mut database.url, &database.url_file),
            ("database.owner_url", &mut database.owner_url, &database.owner_url_file),
            ("database.service_password", &mut database.service_password, &database.service_password_file),
            ("bus.url", &mut bus.url, &bus.url_file),
            ("live.url", &mut live.url, &live.url_file),
            ("mail.url", &mut mail.url, &mail.url_file),
            ("files.secret_access_key", &mut files.secret_access_key, &files.secret_access_key_file),
            ("telemetry.otlp_endpoint", &mut telemetry.otlp_endpoint, &telemetry.otlp_endpoint_file),
        ];
        for (place, secret, file) in secrets {
            read_secret(place, secret, file.as_deref())?;
        }
        for provider in &mut identity.single_sign_on {
            let place = format!("identity.single_sign_on {:?}: client_secret", provider.key);
            read_secret(&place, &mut provider.client_secret, provider.client_secret_file.as_deref())?;
        }
        Ok(())
    }
}

/// Sets a secret from its file, without the blanks around it.
fn read_secret(
    place: &str,
    secret: &mut Option<SecretString>,
    file: Option<&Path>,
) -> Result<(), ConfigError> {
    let Some(file) = file else { return Ok(()) };
    let wrong = |problem: String| ConfigError::Secret { place: place.to_owned(), problem };
    if secret.is_some() {
        return Err(wrong(format!("and {place}_file are both there: one of them is enough")));
    }
    let read = std::fs::read_to_string(file);
    let text = read.map_err(|error| wrong(format!("cannot be read from {}: {error}", file.display())))?;
    match text.trim() {
        "" => Err(wrong(format!("is not in {}: the file is empty", file.display()))),
        text => {
            *secret = Some(text.to_owned().into());
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_secret_may_stand_in_a_file_which_is_there_and_alone() {
        let folder = std::env::temp_dir().join(format!("hubnet-secrets-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("password");
        std::fs::write(&file, " 0042\n").expect("written");
        let with = |more: &str| {
            let text = format!("[database]\nservice_password_file = '{}'\n{more}", file.display());
            let source = config::File::from_str(&text, config::FileFormat::Toml);
            let mut config = Config::from_sources(Config::defaults().add_source(source)).expect("read");
            config.read_secrets().map(|()| config.database.service_password)
        };
        let password = with("").expect("a password").expect("a password");
        assert_eq!(password.expose_secret(), "0042", "all its digits");
        let both = with("service_password = 'x'").expect_err("two of them").to_string();
        assert!(both.contains("database.service_password_file"), "{both}");
        std::fs::write(&file, "\n").expect("written");
        assert!(with("").expect_err("nothing").to_string().contains("empty"));
        std::fs::remove_file(&file).expect("removed");
        let away = with("").expect_err("no file").to_string();
        assert!(away.contains("database.service_password") && away.contains("password"), "{away}");
        std::fs::remove_dir(&folder).expect("removed");
    }
}
