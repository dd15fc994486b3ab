//! A member's category in the graph.

use async_graphql::Enum;

/// What a member is to their home hub; it selects prices.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[graphql(remote = "kernel::Category")]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Lives in the catchment.
    Resident,
    /// Runs a business.
    Entrepreneur,
    /// Founds one.
    StartUp,
    /// Acts for a non-profit body.
    NonProfit,
    /// Studies.
    Student,
    /// Is retired.
    Senior,
    /// Looks for work.
    Unemployed,
    /// Was displaced from home.
    Displaced,
    /// Works for a partner of the hub.
    PartnerStaff,
}
