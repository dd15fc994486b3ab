//! Second factors and recovery codes.

pub(crate) mod confirm_second_factor;
pub(crate) mod enroll_second_factor;
pub(crate) mod remove_second_factor;
pub(crate) mod renew_recovery_codes;
pub(crate) mod second_factor_code;
