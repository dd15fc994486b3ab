//! The people of a hub, as its staff keep them in order.

mod correcting;
mod finding;
mod leaving;
mod records;
mod without_email;
