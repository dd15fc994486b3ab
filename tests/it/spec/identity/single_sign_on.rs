//! Single sign-on: people sign in with their organisation's account, and nobody else can.

mod liar;
mod lies;
mod real;
mod stage;
mod tricks;

pub(crate) use liar::Liar;
pub(crate) use stage::VERIFIER;
