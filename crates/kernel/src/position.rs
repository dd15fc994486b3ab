//! Position: where something stands on the map, which also decides when the sun rises and sets there.

use rust_decimal::Decimal;

/// A point on the map, WGS 84.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Degrees north.
    pub latitude: Decimal,
    /// Degrees east.
    pub longitude: Decimal,
}
