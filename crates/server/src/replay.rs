//! Device logs: what a reader kept while it was offline, CSV with a header or JSON Lines, put through the front door.
//!
//! Always true: a malformed line is reported with its number and the rest goes in; the same log again changes nothing;
//! the order of lines does not matter.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::{FrontDoor, Refusal};

/// How many lines go through the door at once.
const AT_ONCE: usize = 500;

/// A log, read.
#[derive(Debug, Clone, Default)]
pub struct DeviceLog {
    /// The lines that make sense, with their numbers from 1.
    lines: Vec<(u64, Line)>,
    /// The lines that do not.
    pub malformed: Vec<BadLine>,
}

/// A line that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number in the file, from 1; a CSV header is line 1.
    pub line: u64,
    /// Why, with a code.
    pub reason: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    event_id: String,
    at: jiff::Timestamp,
    device: String,
    credential: String,
    direction: membership::Direction,
}

/// What became of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Lines that count; those that counted before among them.
    pub taken: u64,
    /// Lines recorded but not let through.
    pub denied: Vec<BadLine>,
    /// Lines that make no sense.
    pub refused: Vec<BadLine>,
}

impl DeviceLog {
    /// Reads a log: JSON Lines when the first line begins with `{`, CSV with a header otherwise.
    pub fn parse(text: &str) -> Self {
        if text.trim_start().starts_with('{') { Self::from_json_lines(text) } else { Self::from_csv(text) }
    }

    /// How many lines make sense.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether no line makes sense.
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
        let mut record = csv::StringRecord::new();
        loop {
            let number = reader.position().line();
            match reader.read_record(&mut record) {
                Ok(false) => return log,
                Ok(true) => {
                    let number = record.position().map_or(number, csv::Position::line);
                    log.add(number, record.deserialize(Some(&header)).map_err(|error| error.to_string()));
                }
                Err(error) => log.add(number, Err(error.to_string())),
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

    /// Puts the log through the door, as of a hub; calls back with how many lines are through.
    ///
    /// # Errors
    /// The graph refuses a whole piece: no such hub or device, or not allowed.
    pub async fn replay(
        &self,
        door: &FrontDoor,
        hub_id: &str,
        mut progress: impl FnMut(usize),
    ) -> Result<Replayed, Refusal> {
        let mut replayed = Replayed { refused: self.malformed.clone(), ..Replayed::default() };
        let mut devices: Vec<&str> = self.lines.iter().map(|(_, line)| line.device.as_str()).collect();
        devices.sort_unstable();
        devices.dedup();
        for device in devices {
            let of_device: Vec<_> = self.lines.iter().filter(|(_, line)| line.device == device).collect();
            for piece in of_device.chunks(AT_ONCE) {
                upload(door, hub_id, device, piece, &mut replayed).await?;
                progress(piece.len());
            }
        }
        replayed.refused.sort_by_key(|bad| bad.line);
        replayed.denied.sort_by_key(|bad| bad.line);
        Ok(replayed)
    }
}

async fn upload(
    door: &FrontDoor,
    hub_id: &str,
    device: &str,
    piece: &[&(u64, Line)],
    replayed: &mut Replayed,
) -> Result<(), Refusal> {
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
        assert_eq!(log.malformed.iter().map(|bad| bad.line).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn json_lines_say_the_same() {
        let text = r#"{"event_id":"1","at":"2026-11-02T08:00:00Z","device":"reception","credential":"04A224B1C35580","direction":"in"}
{"event_id":"2"}
"#;
        let log = DeviceLog::parse(text);
        assert_eq!((log.len(), log.malformed[0].line), (1, 2));
    }
}
