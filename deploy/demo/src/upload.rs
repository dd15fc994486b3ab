//! A device's log as it arrives, and its two printed forms.

use std::fmt::{self, Display, Formatter};

use jiff::Timestamp;

/// One upload of a device. The order of the lines has no meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Slug of the hub.
    pub hub: &'static str,
    /// Code of the device in its hub.
    pub device: &'static str,
    /// When the log arrives; never before any of its lines.
    pub at: Timestamp,
    /// The touches it reports, some for the second time.
    pub lines: Vec<LogLine>,
}

/// One touch of a chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Unique per device; the same id is the same touch.
    pub event_id: String,
    /// When the chip touched.
    pub at: Timestamp,
    /// Number of the chip.
    pub credential: String,
    /// Direction of the touch.
    pub direction: Direction,
}

/// Direction of a touch: into the hub or out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Check-in.
    In,
    /// Check-out.
    Out,
}

impl Display for Direction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::In => "in",
            Self::Out => "out",
        })
    }
}

impl Upload {
    /// Returns the log as CSV with a header. No value of a log needs quoting.
    pub fn to_csv(&self) -> String {
        let row = |line: &LogLine| {
            let LogLine { event_id, at, credential, direction } = line;
            format!("{event_id},{at},{},{credential},{direction}\n", self.device)
        };
        std::iter::once("event_id,at,device,credential,direction\n".to_owned())
            .chain(self.lines.iter().map(row))
            .collect()
    }

    /// Returns the log as JSON Lines with the same keys. No value of a log needs escaping.
    pub fn to_json_lines(&self) -> String {
        let row = |line: &LogLine| {
            let LogLine { event_id, at, credential, direction } = line;
            let device = self.device;
            format!(
                r#"{{"event_id":"{event_id}","at":"{at}","device":"{device}","credential":"{credential}","direction":"{direction}"}}"#
            ) + "\n"
        };
        self.lines.iter().map(row).collect()
    }
}
