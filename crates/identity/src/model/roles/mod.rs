//! Role assignments, and the policy that says who may assign them and who has power over whom.

pub(crate) mod policy;
pub(crate) mod role_assignment;
