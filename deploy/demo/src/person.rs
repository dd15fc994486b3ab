//! A person of the demo, as the loader enrols them.

use jiff::Timestamp;

/// A person with a membership in one hub and at least one chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Given name and surname, in their own alphabet.
    pub name: String,
    /// Unique in the demo, always at example.org.
    pub email: String,
    /// Slug of the home hub.
    pub home: &'static str,
    /// Member category, as in the onboarding files.
    pub category: &'static str,
    /// Code of a plan of the home hub that admits the category.
    pub plan: &'static str,
    /// Language they read: cs, pl or uk.
    pub language: &'static str,
    /// Numbers of their chips: 14 hex digits each, issued on joining.
    pub chips: Vec<String>,
    /// Chips that were lost, to be revoked at that moment.
    pub lost_chips: Vec<LostChip>,
    /// When they joined; they visit from the day after.
    pub joined_at: Timestamp,
    /// When they got a roaming pass, if they did; never before joining.
    pub roaming_from: Option<Timestamp>,
    /// What they seek, if they want to be visible on the presence page.
    pub seeks: Option<&'static str>,
}

/// A chip that its owner reported as lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostChip {
    /// One of the person's chips.
    pub chip: String,
    /// From this moment the chip must be refused.
    pub lost_at: Timestamp,
}
