//! What a person meets at the command line: the real binary, its words and its exit codes.

mod backing_up;
mod loading;
mod looking;
mod onboarding;
mod production;
mod replaying;
mod signing_in;
mod single_sign_on;
mod starting;
