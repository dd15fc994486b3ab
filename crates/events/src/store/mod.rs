//! The service's tables. Always true: every statement names the tenant, and everything runs on both dialects.

pub(crate) mod copies;
pub(crate) mod event_rows;
pub(crate) mod seat_rows;

use sea_orm::Value;
use uuid::Uuid;

/// The places of an `in (…)` list that starts at `$first`.
fn places(first: usize, count: usize) -> String {
    let places: Vec<String> = (first..first + count).map(|place| format!("${place}")).collect();
    places.join(", ")
}

fn uuids<T: Into<Uuid> + Copy>(ids: &[T]) -> impl Iterator<Item = Value> + '_ {
    ids.iter().map(|id| Into::<Uuid>::into(*id).into())
}
