//! The command line as a person sees it: the real binary, its output and its exit codes.

mod backing_up;
mod loading;
mod looking;
mod onboarding;
mod production;
mod replaying;
mod signing_in;
mod single_sign_on;
mod starting;
