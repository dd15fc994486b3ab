//! Single sign-on: people sign in with the account their organisation gave them, and nobody else does with it.

mod liar;
mod lies;
mod real;
mod stage;
mod tricks;

pub(crate) use liar::Liar;
pub(crate) use stage::VERIFIER;
