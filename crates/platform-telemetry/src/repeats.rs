//! Limits repeating lines. Always true: of one warning or error at most [`MOST_LINES`] are written in a [`WINDOW`]. The
//! others are counted, and their number is written when the window ends. So neither an outage nor a stranger fills the
//! disk, and no reader takes a repeated fault for a single one. A request that is not HTTP is a fault of the client: it
//! is counted under `http.malformed`, its number is written at `info`, and it is never an error of the server.

use std::{
    collections::HashMap,
    fmt::{self, Write as _},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use opentelemetry::{global, metrics::Counter};
use tracing::{
    Event, Level, Metadata, Subscriber,
    callsite::Identifier,
    field::{Field, Visit},
};
use tracing_subscriber::layer::{Context, Filter};

/// How often the same line is written in a window.
const MOST_LINES: u64 = 3;
/// At its end the numbers are written, and each line may appear again.
pub(crate) const WINDOW: Duration = Duration::from_secs(10);
/// How many different lines are distinguished in a window; beyond them lines of one place in the code count as the
/// same.
const MOST_DIFFERENT: usize = 256;
/// The target of the lines that report numbers of repetitions.
const OWN_TARGET: &str = "platform_telemetry::repeats";
/// The fields that distinguish lines of one place. Ids, paths and traces do not.
const DISTINGUISHING_FIELDS: [&str; 6] = ["message", "error", "code", "reason", "consumer", "provider"];
/// How much of a line is repeated beside its number.
const LONGEST_TEXT: usize = 300;

/// The web server's messages for a request that is not HTTP, or not in time.
const CLIENT_FAULTS: [&str; 5] = [
    "stream error: request parse error",
    "stream error: request did not complete",
    "stream error: I/O error",
    "stream error: handler dropped payload",
    "MAX_BUFFER_SIZE unprocessed data reached",
];

/// Counts the lines of a process; clones share their counts.
#[derive(Clone)]
pub(crate) struct Repeats {
    seen: Arc<Mutex<Seen>>,
    malformed: Counter<u64>,
}

#[derive(Default)]
struct Seen {
    lines: HashMap<(Identifier, u64), Line>,
    malformed: u64,
    last_malformed: String,
}

struct Line {
    text: String,
    count: u64,
}

impl Repeats {
    /// Requires telemetry to be set up; otherwise nothing is counted.
    pub(crate) fn new() -> Self {
        let malformed = global::meter("platform_telemetry")
            .u64_counter("http.malformed")
            .with_description("Requests that were no HTTP, or whose head did not come in time")
            .build();
        Self { seen: Arc::default(), malformed }
    }

    /// Whether to write a line.
    fn passes(&self, metadata: &Metadata<'_>, text: &Text) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if is_client_fault(metadata, &text.message) {
            self.malformed.add(1, &[]);
            seen.malformed += 1;
            seen.last_malformed.clone_from(&text.message);
            return false;
        }
        let is_full = seen.lines.len() >= MOST_DIFFERENT;
        let mut key = (metadata.callsite(), text.digest());
        if is_full && !seen.lines.contains_key(&key) {
            key.1 = 0;
        }
        let line = seen.lines.entry(key).or_insert_with(|| Line { text: text.short(), count: 0 });
        line.count += 1;
        line.count <= MOST_LINES
    }

    /// Ends the window: writes how often suppressed lines came.
    pub(crate) fn end_window(&self) {
        // The lock is released first, because writing a line reads the counts.
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        if seen.malformed > 0 {
            let last = seen.last_malformed;
            tracing::info!(target: OWN_TARGET, requests = seen.malformed, last, "requests that are no HTTP were refused");
        }
        for line in seen.lines.into_values().filter(|line| line.count > MOST_LINES) {
            let (more, line) = (line.count - MOST_LINES, line.text);
            tracing::warn!(target: OWN_TARGET, more, line, "the same line came more often");
        }
    }

    /// Ends windows for as long as the process lives.
    pub(crate) fn keep_ending_windows(&self) {
        let repeats = self.clone();
        let run = move || {
            loop {
                std::thread::sleep(WINDOW);
                repeats.end_window();
            }
        };
        // Without the thread lines would be counted for ever and not written.
        if let Err(error) = std::thread::Builder::new().name("log-repeats".to_owned()).spawn(run) {
            tracing::error!(%error, "repeated log lines are not summed up");
        }
    }
}

impl<S: Subscriber> Filter<S> for Repeats {
    fn enabled(&self, _metadata: &Metadata<'_>, _context: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _context: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        if *metadata.level() > Level::WARN || metadata.target() == OWN_TARGET {
            return true;
        }
        let mut text = Text::default();
        event.record(&mut text);
        self.passes(metadata, &text)
    }
}

fn is_client_fault(metadata: &Metadata<'_>, message: &str) -> bool {
    metadata.target().starts_with("actix_http")
        && CLIENT_FAULTS.iter().any(|fault| message.starts_with(fault))
}

/// The text of a line.
#[derive(Default)]
struct Text {
    message: String,
    others: String,
}

impl Text {
    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.message, &self.others).hash(&mut hasher);
        hasher.finish()
    }

    fn short(&self) -> String {
        format!("{}{}", self.message, self.others).chars().take(LONGEST_TEXT).collect()
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if !DISTINGUISHING_FIELDS.contains(&field.name()) {
            return;
        }
        // Writing to a string cannot fail.
        let _written = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.others, " {}={value:?}", field.name())
        };
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::{Layer, layer::SubscriberExt};

    use super::*;

    /// Keeps the written lines: level, then fields.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<String>>>);

    struct Everything(String);

    impl Visit for Everything {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            write!(self.0, " {}={value:?}", field.name()).expect("written");
        }
    }

    impl<S: Subscriber> Layer<S> for Written {
        fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
            let mut all = Everything(event.metadata().level().to_string());
            event.record(&mut all);
            self.0.lock().expect("lines").push(all.0);
        }
    }

    fn written(work: impl FnOnce(&Repeats)) -> Vec<String> {
        let (written, repeats) = (Written::default(), Repeats::new());
        let subscriber = tracing_subscriber::registry().with(written.clone().with_filter(repeats.clone()));
        tracing::subscriber::with_default(subscriber, || work(&repeats));
        let lines = written.0.lock().expect("lines");
        lines.clone()
    }

    #[test]
    fn a_fault_that_repeats_is_written_a_few_times_and_then_with_its_number() {
        let lines = written(|repeats| {
            for _time in 0..1_000 {
                tracing::warn!(error = "no route to host", id = 7, "the database is away");
            }
            repeats.end_window();
        });
        assert_eq!(lines.len(), 4, "{lines:#?}");
        assert!(lines[3].contains("more=997") && lines[3].contains("no route to host"), "{}", lines[3]);
    }

    #[test]
    fn a_fault_is_written_however_often_another_one_came() {
        let lines = written(|_repeats| {
            for number in 0..1_000 {
                tracing::error!(error = if number == 999 { "rare" } else { "frequent" }, "a field failed");
            }
        });
        assert_eq!(lines.iter().filter(|line| line.contains("rare")).count(), 1);
    }

    #[test]
    fn a_line_may_come_again_in_the_next_window() {
        let lines = written(|repeats| {
            for _window in 0..2 {
                tracing::warn!("mail waits");
                repeats.end_window();
            }
        });
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn lines_that_are_all_different_are_bounded_too() {
        let lines = written(|_repeats| {
            for number in 0..10_000 {
                tracing::error!(error = number.to_string(), "a field failed");
            }
        });
        assert!(lines.len() <= MOST_DIFFERENT + 3, "{}", lines.len());
    }

    #[test]
    fn what_is_no_http_is_counted_and_never_an_error() {
        let lines = written(|repeats| {
            for _time in 0..1_000 {
                tracing::error!(target: "actix_http::h1::dispatcher", "stream error: request parse error: invalid Header provided");
            }
            tracing::error!(target: "actix_http::h1::dispatcher", "Internal server error: unexpected eof");
            repeats.end_window();
        });
        assert_eq!(lines.len(), 2, "{lines:#?}");
        assert!(
            lines[0].starts_with("ERROR") && lines[0].contains("unexpected eof"),
            "a fault of ours stays one"
        );
        assert!(lines[1].starts_with("INFO") && lines[1].contains("requests=1000"), "{}", lines[1]);
    }

    #[test]
    fn what_is_written_at_info_is_not_limited() {
        let lines = written(|_repeats| (0..10).for_each(|_| tracing::info!("a request")));
        assert_eq!(lines.len(), 10);
    }
}
