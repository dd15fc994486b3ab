//! Who asks: credentials, the authenticator, the origin and the language.

pub(crate) mod authenticator;
pub(crate) mod credentials;
pub(crate) mod cross_origin;
pub(crate) mod language;
