//! What a production installation must not have: the demo network, keys made for a demonstration, publicly known
//! passwords.
//!
//! Always true: objections to the configuration are raised before anything is opened; objections to the database,
//! before any request is served. All are reported at once, each with the remedy, and `hubnet doctor` reports the same.

use secrecy::{ExposeSecret, SecretString};

use crate::{App, Config, Exit, ExitCode};

/// Passwords in examples and in the defaults of servers.
const KNOWN_PASSWORDS: [&str; 14] = [
    "",
    "admin",
    "changeme",
    "change-me",
    "default",
    "demo",
    "example",
    "guest",
    "hubnet",
    "password",
    "postgres",
    "root",
    "secret",
    "test",
];
const WAY_OUT: &str = "Or say that this is a demonstration: HUBNET__ENVIRONMENT=demonstration.";

/// Refuses a configuration that is unfit for production.
///
/// # Errors
/// Fails with an [`Exit`] that names all objections.
pub(crate) fn check_configuration(config: &Config) -> Result<(), Exit> {
    refuse_for(objections(config))
}

/// Refuses to serve a database that holds the demo network.
///
/// # Errors
/// Fails with an [`Exit`] if it does, or if the database does not respond.
pub(crate) async fn check_app(config: &Config, app: &App) -> Result<(), Exit> {
    refuse_for(objections_to_app(config, app).await?)
}

/// Refuses to fill a production database with the demo network.
///
/// # Errors
/// Fails with an [`Exit`] in production.
pub(crate) fn refuse_demo(config: &Config) -> Result<(), Exit> {
    let wanted = "the demo network has accounts whose passwords everybody knows: it is not for production";
    refuse_for(config.is_production().then(|| wanted.to_owned()).into_iter().collect())
}

/// The objections to the configuration.
pub(crate) fn objections(config: &Config) -> Vec<String> {
    if !config.is_production() {
        return Vec::new();
    }
    let mut objections = Vec::new();
    if config.server.demo == Some(true) {
        objections.push("server.demo fills the database with the demo network: set it to false".to_owned());
    }
    if identity::KeyRing::is_of_demonstration(&config.key_folder()) {
        let folder = config.key_folder().display().to_string();
        objections.push(format!(
            "the signing keys in {folder} were made for a demonstration: name another folder in identity.key_folder"
        ));
    }
    let database = &config.database;
    let urls = [
        ("database.url", &database.url),
        ("database.owner_url", &database.owner_url),
        ("bus.url", &config.bus.url),
        ("live.url", &config.live.url),
        ("mail.url", &config.mail.url),
    ];
    let known = |place: &&str| format!("everybody knows the password of {place}: set another one");
    let of_urls = urls.iter().filter(|(_, url)| url.as_ref().is_some_and(has_known_password));
    objections.extend(of_urls.map(|(place, _)| known(place)));
    if database.service_password.as_ref().is_some_and(|password| is_known(password.expose_secret())) {
        objections.push(known(&"database.service_password"));
    }
    for provider in &config.identity.single_sign_on {
        if provider.client_secret.as_ref().is_some_and(|secret| is_known(secret.expose_secret())) {
            objections.push(known(&format!("identity.single_sign_on {}", provider.key).as_str()));
        }
    }
    objections
}

/// The objections to the database.
pub(crate) async fn objections_to_app(config: &Config, app: &App) -> Result<Vec<String>, Exit> {
    if !config.is_production() {
        return Ok(Vec::new());
    }
    let away = |error: &dyn std::error::Error| Exit::because(ExitCode::Unavailable, error);
    let mut has_demo = false;
    for module in app.modules() {
        has_demo |= module.has_demonstration().await.map_err(|error| away(&error))?;
    }
    let text = "the database holds the demo network, with accounts whose passwords everybody knows: \
                give production a database of its own (database.url, or data_dir)";
    Ok(has_demo.then(|| text.to_owned()).into_iter().collect())
}

fn refuse_for(objections: Vec<String>) -> Result<(), Exit> {
    if objections.is_empty() {
        return Ok(());
    }
    let all = objections.join("; ");
    Err(Exit::new(
        ExitCode::Config,
        format!("this is a production, and so it does not start: {all}. {WAY_OUT}"),
    ))
}

/// Whether a URL contains a known password, or its own user as the password; a URL without one relies on another
/// method.
fn has_known_password(url: &SecretString) -> bool {
    let url = url.expose_secret();
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.rsplit_once('@').map(|(user, _)| user.split_once(':')) {
        Some(Some((user, password))) => is_known(password) || password == user,
        Some(None) => false,
        // RabbitMQ uses the account `guest` for a URL without a user.
        None => scheme.starts_with("amqp"),
    }
}

fn is_known(password: &str) -> bool {
    KNOWN_PASSWORDS.contains(&password.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_known(url: &str) -> bool {
        has_known_password(&SecretString::from(url.to_owned()))
    }

    #[test]
    fn a_password_of_the_examples_is_known_and_one_of_ones_own_is_not() {
        for url in [
            "postgres://hubnet_{service}:secret@127.0.0.1:5432/hubnet",
            "postgres://postgres:postgres@db/hubnet",
            "postgres://ada:ada@db/hubnet",
            "amqp://guest:guest@mq:5672/%2f",
            "amqp://mq:5672/%2f",
            "redis://:password@cache",
        ] {
            assert!(is_known(url), "{url}");
        }
        for url in [
            "postgres://hubnet_{service}:k4Wz-9pQ@db/hubnet",
            "postgres://hubnet_{service}@/hubnet?host=/run/postgresql",
            "amqp://hubnet:p@ss@mq/%2f",
            "redis://127.0.0.1:6379",
            "sqlite://var/secret@demo:guest.db",
        ] {
            assert!(!is_known(url), "{url}");
        }
    }

    #[test]
    fn a_demonstration_may_have_all_of_it_and_a_production_nothing() {
        let mut config = Config { data_dir: "/nowhere/at/all".into(), ..Config::default() };
        config.server.demo = Some(true);
        config.database.url = Some("postgres://postgres:postgres@db/hubnet".to_owned().into());
        config.database.service_password = Some("secret".to_owned().into());
        assert_eq!(objections(&config).len(), 3, "{:?}", objections(&config));
        config.environment = Some(crate::Environment::Demonstration);
        assert_eq!(objections(&config), Vec::<String>::new());
    }
}
