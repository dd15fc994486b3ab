//! Writes the ZIP front to back: compressed parts can be sent before the rest exists.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value as Json;
use zip::{DateTime, ZipWriter, write::SimpleFileOptions, write::StreamWriter};

/// A ZIP that is being written.
pub(super) struct Archive {
    zip: ZipWriter<StreamWriter<Ready>>,
    ready: Ready,
    options: SimpleFileOptions,
    /// The table whose rows are being written, in the current file.
    table: Option<String>,
    tables: usize,
}

impl Archive {
    pub(super) fn new(made_at: Timestamp) -> Self {
        let ready = Ready::default();
        let options = SimpleFileOptions::default().last_modified_time(in_zip(made_at));
        Self { zip: ZipWriter::new_stream(ready.clone()), ready, options, table: None, tables: 0 }
    }

    /// Writes a whole file.
    pub(super) fn file(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.zip.start_file(name, self.options)?;
        self.zip.write_all(text.as_bytes())
    }

    /// Begins a file of tables.
    pub(super) fn begin_part(&mut self, name: &str) -> io::Result<()> {
        self.zip.start_file(name, self.options)?;
        (self.table, self.tables) = (None, 0);
        self.zip.write_all(b"{")
    }

    /// Writes rows of a table; those of one table come one after another.
    pub(super) fn rows(&mut self, table: &str, rows: &[Json]) -> io::Result<()> {
        for row in rows {
            if self.table.as_deref() == Some(table) {
                self.zip.write_all(b",\n    ")?;
            } else {
                self.begin_table(table)?;
            }
            serde_json::to_writer(&mut self.zip, row)?;
        }
        Ok(())
    }

    fn begin_table(&mut self, table: &str) -> io::Result<()> {
        self.end_table()?;
        self.zip.write_all(if self.tables == 0 { b"\n" } else { b",\n" })?;
        write!(self.zip, "  {}: [\n    ", Json::from(table))?;
        self.tables += 1;
        self.table = Some(table.to_owned());
        Ok(())
    }

    fn end_table(&mut self) -> io::Result<()> {
        if self.table.take().is_some() {
            self.zip.write_all(b"\n  ]")?;
        }
        Ok(())
    }

    /// Ends the file of tables.
    pub(super) fn end_part(&mut self) -> io::Result<()> {
        self.end_table()?;
        self.zip.write_all(b"\n}\n")
    }

    /// Takes the bytes that are ready to be sent.
    pub(super) fn take(&self) -> Vec<u8> {
        self.ready.take()
    }

    /// Ends the ZIP.
    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        let Self { zip, ready, .. } = self;
        zip.finish()?;
        Ok(ready.take())
    }
}

/// The bytes that were written and not taken yet.
#[derive(Clone, Default)]
struct Ready(Arc<Mutex<Vec<u8>>>);

impl Ready {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Ready {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An instant as ZIP stores it: to two seconds, here in UTC, and only from 1980 to 2107.
fn in_zip(at: Timestamp) -> DateTime {
    let at = at.to_zoned(TimeZone::UTC);
    let part = |part: i8| u8::try_from(part).unwrap_or_default();
    u16::try_from(at.year())
        .ok()
        .and_then(|year| {
            let (month, day, hour) = (part(at.month()), part(at.day()), part(at.hour()));
            DateTime::from_date_and_time(year, month, day, hour, part(at.minute()), part(at.second())).ok()
        })
        .unwrap_or_default()
}
