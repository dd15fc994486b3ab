//! Presence: from a touch of a chip to a visit. The way in is [`record_touches`]; the others serve it, each only those
//! above it in this order: `call`, `reread`, `touch_log`, `write_touches`, `admission_cache`, `touch_batcher`.

pub(crate) mod admission_cache;
pub(crate) mod call;
pub(crate) mod close_forgotten_visits;
pub(crate) mod list_visit_states;
pub(crate) mod record_touches;
pub(crate) mod recount_occupancy;
pub(crate) mod reread;
pub(crate) mod touch_batcher;
pub(crate) mod touch_log;
pub(crate) mod write_touches;
