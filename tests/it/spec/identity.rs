//! Authentication and authorization: invitations, passwords, sessions, roles and keys.

mod accounts;
mod audit;
mod cast;
mod limits;
mod listening;
mod machines;
mod mail;
mod old_facts;
mod power;
mod roles;
mod second_factor;
mod sessions;
pub(crate) mod single_sign_on;
mod suspension;
