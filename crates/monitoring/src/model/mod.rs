//! The types of the service and their rules, without input or output.

pub(crate) mod figures;
pub(crate) mod indicator_card;
pub(crate) mod metrics;
pub(crate) mod periods;
pub(crate) mod revisions;
pub(crate) mod rollup;
pub(crate) mod visit_fact;
