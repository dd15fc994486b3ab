//! Presence: from a touch of a chip to a visit.

pub(crate) mod admission_cache;
pub(crate) mod close_forgotten_visits;
pub(crate) mod list_visit_states;
pub(crate) mod record_touches;
pub(crate) mod recount_occupancy;
pub(crate) mod reread;
pub(crate) mod touch_batcher;
pub(crate) mod touch_log;
