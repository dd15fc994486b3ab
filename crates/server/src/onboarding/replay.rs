//! Device logs: the touches of a reader that was offline, as CSV with a header or JSON Lines, sent to the graph.
//!
//! Always true: every line is accounted for. A line that cannot be taken is reported with its number in the file, and
//! every other line goes in, whatever is wrong with the first and in whatever order. The same log again changes
//! nothing; the order of lines does not matter. A record's number is that of its first line of text, as an editor shows
//! it: LF, CRLF and CR each end a line, also inside quotes.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::{FrontDoor, GraphError};

/// The most lines in one mutation.
const AT_ONCE: usize = 500;

/// A parsed log.
#[derive(Debug, Clone, Default)]
pub struct DeviceLog {
    /// The valid lines, with their numbers from 1.
    lines: Vec<(u64, Line)>,
    /// The malformed lines.
    pub malformed: Vec<BadLine>,
}

/// A line that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number in the file, from 1; a CSV header is line 1.
    pub line: u64,
    /// The reason, with a code.
    pub reason: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    event_id: String,
    #[serde(deserialize_with = "instant")]
    at: jiff::Timestamp,
    device: String,
    credential: String,
    direction: membership::Direction,
}

/// Reads an instant as the graph does.
fn instant<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<jiff::Timestamp, D::Error> {
    kernel::read_instant(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// The result of a log.
#[derive(Debug, Clone, Default)]
pub struct Replayed {
    /// Accepted lines, including those accepted before.
    pub taken: u64,
    /// Lines recorded but denied.
    pub denied: Vec<BadLine>,
    /// Lines that were not taken: malformed, or refused by the graph.
    pub refused: Vec<BadLine>,
    /// Why the rest of the log was not tried, if it was not: the graph is unavailable.
    pub stopped: Option<GraphError>,
}

impl DeviceLog {
    /// Parses a log: JSON Lines if the first line begins with `{`, CSV with a header otherwise.
    pub fn parse(text: &str) -> Self {
        // Spreadsheets write a byte order mark first.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_start().starts_with('{') { Self::from_json_lines(text) } else { Self::from_csv(text) }
    }

    /// The number of valid lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether no line is valid.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn from_json_lines(text: &str) -> Self {
        let mut log = Self::default();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            log.add(number, serde_json::from_str(line).map_err(|error| error.to_string()));
        }
        log
    }

    fn from_csv(text: &str) -> Self {
        let mut log = Self::default();
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        let mut numbers = LineNumbers::of(text);
        let mut record = csv::StringRecord::new();
        loop {
            let begins = reader.position().byte();
            match reader.read_record(&mut record) {
                Ok(false) => return log,
                Ok(true) if record.iter().all(str::is_empty) => {}
                Ok(true) => {
                    let number = numbers.at(record.position().map_or(begins, csv::Position::byte));
                    log.add(number, record.deserialize(Some(&header)).map_err(|error| error.to_string()));
                }
                Err(error) => log.add(numbers.at(begins), Err(error.to_string())),
            }
        }
    }

    fn add(&mut self, number: u64, line: Result<Line, String>) {
        match line {
            Ok(line) => self.lines.push((number, line)),
            Err(reason) => {
                self.malformed.push(BadLine { line: number, reason: format!("MALFORMED_LINE: {reason}") });
            }
        }
    }

    /// Sends the log to the graph, as of a hub; calls back with the number of sent lines. A batch that the graph
    /// refuses is sent line by line, and the rest goes in; only if the graph is unavailable is the rest not tried.
    pub async fn replay(&self, door: &FrontDoor, hub_id: &str, mut progress: impl FnMut(usize)) -> Replayed {
        let mut replayed = Replayed { refused: self.malformed.clone(), ..Replayed::default() };
        let mut devices: Vec<&str> = self.lines.iter().map(|(_, line)| line.device.as_str()).collect();
        devices.sort_unstable();
        devices.dedup();
        let of_device = |device: &str| -> Vec<&(u64, Line)> {
            self.lines.iter().filter(|(_, line)| line.device == device).collect()
        };
        'log: for device in devices {
            for piece in of_device(device).chunks(AT_ONCE) {
                if let Err(refusal) = upload(door, hub_id, device, piece, &mut replayed).await {
                    if cannot_answer(&refusal) {
                        replayed.stopped = Some(refusal);
                        break 'log;
                    }
                    replayed.refused.extend(piece.iter().map(|(number, _)| BadLine {
                        line: *number,
                        reason: format!("{}: {} ({device:?})", refusal.code, refusal.message),
                    }));
                }
                progress(piece.len());
            }
        }
        replayed.refused.sort_by_key(|bad| bad.line);
        replayed.denied.sort_by_key(|bad| bad.line);
        replayed
    }
}

/// Whether the same lines may be taken later, because nothing is wrong with them.
fn cannot_answer(refusal: &GraphError) -> bool {
    ["UNAVAILABLE", "INTERNAL", "UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED"]
        .contains(&refusal.code.as_str())
}

/// The numbers of a text's lines, from 1, looked up by increasing positions.
struct LineNumbers<'t> {
    bytes: &'t [u8],
    place: usize,
    number: u64,
}

impl<'t> LineNumbers<'t> {
    fn of(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), place: 0, number: 1 }
    }

    /// The line number of the record read from a position on; preceding line ends and empty lines belong to no record.
    fn at(&mut self, place: u64) -> u64 {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.place) {
            let ends_line = matches!(byte, b'\n' | b'\r');
            if self.place >= place && !ends_line {
                break;
            }
            self.place += 1;
            let is_first_of_two = *byte == b'\r' && self.bytes.get(self.place) == Some(&b'\n');
            self.number += u64::from(ends_line && !is_first_of_two);
        }
        self.number
    }
}

async fn upload(
    door: &FrontDoor,
    hub_id: &str,
    device: &str,
    piece: &[&(u64, Line)],
    replayed: &mut Replayed,
) -> Result<(), GraphError> {
    const UPLOAD: &str = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { \
                          taken denied { line reason } refused { line code message } } }";
    let line = |(_, line): &&(u64, Line)| {
        let direction = match line.direction {
            membership::Direction::In => "IN",
            membership::Direction::Out => "OUT",
        };
        json!({ "eventId": line.event_id, "at": line.at, "credential": line.credential, "direction": direction })
    };
    let lines: Vec<Json> = piece.iter().map(line).collect();
    let input = json!({ "input": { "hubId": hub_id, "device": device, "lines": lines } });
    let data = door.ask(UPLOAD, input).await?;
    let answer = &data["uploadDeviceLog"];
    let number = |bad: &Json| {
        let place = bad["line"].as_u64().and_then(|place| usize::try_from(place).ok()).unwrap_or_default();
        piece.get(place).map_or(0, |(number, _)| *number)
    };
    let word = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    replayed.taken += answer["taken"].as_u64().unwrap_or_default();
    let denied = answer["denied"].as_array().into_iter().flatten();
    replayed.denied.extend(denied.map(|bad| BadLine { line: number(bad), reason: word(&bad["reason"]) }));
    let refused = answer["refused"].as_array().into_iter().flatten();
    replayed.refused.extend(refused.map(|bad| BadLine {
        line: number(bad),
        reason: format!("{}: {}", word(&bad["code"]), word(&bad["message"])),
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "event_id,at,device,credential,direction\n\
                       1,2026-11-02T08:00:00Z,reception,04A224B1C35580,in\n\
                       2,yesterday,reception,04A224B1C35580,out\n\
                       3,2026-11-02T09:00:00Z,reception\n\
                       4,2026-11-02T10:00:00Z,reception,04A224B1C35580,out\n";

    #[test]
    fn a_malformed_line_is_reported_by_number_and_the_rest_goes_in() {
        let log = DeviceLog::parse(CSV);
        assert_eq!(log.len(), 2);
        assert_eq!(malformed(&log), [3, 4]);
    }

    fn malformed(log: &DeviceLog) -> Vec<u64> {
        log.malformed.iter().map(|bad| bad.line).collect()
    }

    fn taken(log: &DeviceLog) -> Vec<u64> {
        log.lines.iter().map(|(number, _)| *number).collect()
    }

    #[test]
    fn line_numbers_do_not_depend_on_how_lines_end() {
        for end in ["\n", "\r\n", "\r"] {
            let log = DeviceLog::parse(&CSV.replace('\n', end));
            assert_eq!((taken(&log), malformed(&log)), (vec![2, 5], vec![3, 4]), "{end:?}");
        }
    }

    #[test]
    fn empty_lines_and_records_of_several_lines_are_counted_as_an_editor_does() {
        for end in ["\n", "\r\n"] {
            let text = "event_id,at,device,credential,direction\n\n   \n\
                        1,2026-11-02T08:00:00Z,\"recep\ntion\",04A224B1C35580,in\n\
                        2,yesterday,reception,04A224B1C35580,out\n\n\
                        3,2026-11-02T09:00:00Z,reception,04A224B1C35580,out";
            let log = DeviceLog::parse(&text.replace('\n', end));
            assert_eq!((taken(&log), malformed(&log)), (vec![4, 8], vec![6]), "{end:?}");
        }
    }

    #[test]
    fn a_mark_of_the_byte_order_hides_no_column() {
        assert_eq!(DeviceLog::parse(&format!("\u{feff}{CSV}")).len(), 2);
    }

    #[test]
    fn json_lines_give_the_same_log() {
        let text = r#"{"event_id":"1","at":"2026-11-02T08:00:00Z","device":"reception","credential":"04A224B1C35580","direction":"in"}
{"event_id":"2"}
"#;
        let log = DeviceLog::parse(text);
        assert_eq!((log.len(), log.malformed[0].line), (1, 2));
    }
}
