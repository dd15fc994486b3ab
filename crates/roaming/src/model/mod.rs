//! The types of the service and their rules, without input or output.

pub mod books;
pub(crate) mod charge;
pub(crate) mod facts;
pub mod ledger;
pub mod netting;
pub(crate) mod period;
pub mod rates;
pub mod rating;
pub(crate) mod roaming_pass;
pub(crate) mod settlement;
pub(crate) mod tariff;
pub(crate) mod terms;
