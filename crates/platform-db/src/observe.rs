//! Who looks at the statements that run: tests, which ask for their plans. Always true: without an observer a statement
//! costs one look at a static; an observer sees each statement before it runs and cannot change it.

use std::{panic::Location, sync::OnceLock};

use sea_orm::Statement;

/// Sees a statement, and where in the code it is asked for, if that is known.
pub type StatementObserver = fn(&Statement, Option<&'static Location<'static>>);

static OBSERVER: OnceLock<StatementObserver> = OnceLock::new();

/// Shows every statement of this process to `observer` from now on. The first observer stays.
pub fn observe_statements(observer: StatementObserver) {
    let _first_stays = OBSERVER.set(observer);
}

/// Shows a statement to the observer, if there is one.
pub(crate) fn show(statement: &Statement, at: Option<&'static Location<'static>>) {
    if let Some(observer) = OBSERVER.get() {
        observer(statement, at);
    }
}
