//! The specification of the demo network: its files are real, and its logs are plausible and hard enough.

mod files;
mod fixture;
mod onboarding;
mod people;
mod uploads;
mod visits;
