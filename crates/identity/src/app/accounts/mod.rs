//! Accounts: passwords, addresses, suspension and erasure.

pub(crate) mod change_password;
pub(crate) mod forget_person;
pub(crate) mod one_time_code;
pub(crate) mod reset_password;
pub(crate) mod suspend_person;
pub(crate) mod verify_email;
