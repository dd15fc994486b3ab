//! Tests roaming through its callers and through the events of the other services. The fixture is in `app`.

mod app;
mod charges;
mod days;
mod golden;
mod graph;
mod histories;
mod ledger;
mod passes;
mod settlements;
mod tariffs;
