//! The service's tables. Always true: every statement names the tenant, works on a whole batch, and runs on both
//! dialects.

pub(crate) mod directory_rows;
pub(crate) mod lock;
pub(crate) mod rollup_rows;
pub(crate) mod visit_rows;

use kernel::NetworkId;
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

fn uuid(network: NetworkId) -> Value {
    Uuid::from(network).into()
}
