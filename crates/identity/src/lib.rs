//! Identity: who is calling. Signing keys, access tokens, and the caller a token speaks for.
//!
//! Always true:
//! - A token is a JWT (RFC 7519) signed with Ed25519 (RFC 8037) by a key of this installation; every other algorithm,
//!   issuer, audience or kind of token is refused, and so is one that is early, expired or unreadable.
//! - A token is verified once per process and remembered no longer than it lives.
//! - Roles travel in the token as grants (role and place); what a role may do is the kernel's permission table.
//!
//! Persons' rows are membership's; passwords, refresh and revocation are not here yet.

mod key;
mod token;

pub use key::{KeyError, SigningKey};
pub use token::{Claims, TokenError, Tokens};
