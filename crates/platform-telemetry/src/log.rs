//! The log: which lines are written, and how. Always true: lines go to stderr, so stdout stays free for the output of a
//! command. They are coloured only at a terminal, and not if `NO_COLOR` is set. Libraries log from `warn` upwards only,
//! unless the filter names them.

use std::io::IsTerminal as _;

use tracing::Subscriber;
use tracing_subscriber::{Layer, filter::Targets, fmt, registry::LookupSpan};

use crate::{LogFormat, TelemetryError};

/// sqlx logs every statement at `info`; the wire libraries log frames.
const DEFAULT_FILTER: &str = "info,sqlx=warn,sea_orm_migration=warn,async_graphql::dataloader=warn,h2=warn,hyper=warn,tonic=warn,tower=warn,lapin=warn,actix_server=warn,opentelemetry=warn";

/// The default filter with the operator's additions: levels by target, so spans are not filtered a second time. The
/// operator's level for a target wins.
pub(crate) fn filter(additions: &str) -> Result<Targets, TelemetryError> {
    let directives = match additions.trim() {
        "" => DEFAULT_FILTER.to_owned(),
        additions => format!("{DEFAULT_FILTER},{additions}"),
    };
    directives.parse().map_err(|source| TelemetryError::Filter { filter: additions.to_owned(), source })
}

pub(crate) fn lines<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut lines = fmt::layer().with_writer(std::io::stderr);
    if !std::io::stderr().is_terminal() {
        lines.set_ansi(false);
    }
    match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_the_database_are_not_logged_unless_asked_for() {
        let quiet = filter("").expect("the default filter").to_string();
        assert!(quiet.contains("sqlx=warn") && quiet.contains("info"), "{quiet}");

        let loud = filter("sqlx=debug,membership=trace").expect("a filter").to_string();
        assert!(loud.contains("sqlx=debug") && !loud.contains("sqlx=warn"), "{loud}");
    }

    #[test]
    fn a_filter_that_means_nothing_is_refused() {
        assert!(matches!(filter("membership=loud"), Err(TelemetryError::Filter { .. })));
    }
}
