//! A member's category in the graph.

use async_graphql::Enum;

/// A member's standing at their home hub. It determines prices.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[graphql(remote = "kernel::Category")]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Lives in the catchment.
    Resident,
    /// Runs a business.
    Entrepreneur,
    /// Founds a business.
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
