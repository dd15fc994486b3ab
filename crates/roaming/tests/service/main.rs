//! What roaming promises, as a caller and as the other services see it. The rooms it is promised for are in `application`.

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
