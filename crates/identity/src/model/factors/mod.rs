//! What a person proves themselves with: passwords, second factors and recovery codes, and the key that seals them.

pub(crate) mod password;
pub(crate) mod recovery_code;
pub(crate) mod sealing_key;
pub(crate) mod second_factor;
