//! Lets tests observe the statements that run, to check their plans.
//!
//! Always true: without an observer a statement costs one read of a static; an observer sees each statement before it
//! runs and cannot change it.

use std::{panic::Location, sync::OnceLock};

use sea_orm::Statement;

/// Receives a statement and the place in the code that runs it, if known.
pub type StatementObserver = fn(&Statement, Option<&'static Location<'static>>);

static OBSERVER: OnceLock<StatementObserver> = OnceLock::new();

/// Shows every later statement of this process to `observer`. The first observer stays.
pub fn observe_statements(observer: StatementObserver) {
    let _first_stays = OBSERVER.set(observer);
}

pub(crate) fn show(statement: &Statement, at: Option<&'static Location<'static>>) {
    if let Some(observer) = OBSERVER.get() {
        observer(statement, at);
    }
}
