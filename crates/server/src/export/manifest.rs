//! The manifest of an export: its owner, its time, its files, and what is withheld and why.
//!
//! Always true: it is the last file of the ZIP, so an export without one is not whole.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::{DataSubject, Shown};
use platform_module::About;
use serde_json::{Value as Json, json};

/// Incremented when the content of the files changes its meaning.
const FORMAT_VERSION: u32 = 1;

/// The file for the reader of the ZIP.
pub(super) const README: &str = include_str!("README.txt");

/// A manifest that is being built.
pub(super) struct Manifest {
    subject: DataSubject,
    made_at: Timestamp,
    counts: BTreeMap<(&'static str, String), usize>,
    files: Vec<Json>,
    not_shown: Vec<Json>,
}

impl Manifest {
    pub(super) fn new(subject: DataSubject, made_at: Timestamp) -> Self {
        Self { subject, made_at, counts: BTreeMap::new(), files: Vec::new(), not_shown: Vec::new() }
    }

    pub(super) fn made_at(&self) -> Timestamp {
        self.made_at
    }

    /// Adds a number of rows to a table of a service's file.
    pub(super) fn count(&mut self, about: &About, table: &str, rows: usize) {
        *self.counts.entry((about.name, table.to_owned())).or_default() += rows;
    }

    /// Describes a service's file that is written.
    pub(super) fn explain(&mut self, about: &About) {
        let of_service = self.counts.iter().filter(|((of, _), _)| *of == about.name);
        let rows: BTreeMap<&str, usize> =
            of_service.map(|((_, table), rows)| (table.as_str(), *rows)).collect();
        self.files
            .push(json!({ "file": format!("{}.json", about.name), "about": about.knows, "rows": rows }));
        self.explain_alone(about);
    }

    /// Lists what of a service is not shown.
    pub(super) fn explain_alone(&mut self, about: &About) {
        let app = &platform_db::personal::EXPORT;
        let is_first = self.not_shown.is_empty();
        for export in [about.export].into_iter().chain(is_first.then_some(app)) {
            for (table, why) in export.not_shown {
                self.not_shown.push(json!({ "service": about.name, "table": table, "why": why }));
            }
            for column in export.columns {
                if let Shown::Never(why) = column.shown {
                    let (table, column) = (column.table, column.column);
                    self.not_shown
                        .push(json!({ "service": about.name, "table": table, "column": column, "why": why }));
                }
            }
        }
    }

    /// The manifest as a file.
    pub(super) fn text(&self) -> String {
        let DataSubject { network, person, member } = self.subject;
        let manifest = json!({
            "format": "hubnet personal data export",
            "formatVersion": FORMAT_VERSION,
            "madeAt": self.made_at,
            "network": network,
            "person": person,
            "member": member,
            "files": self.files,
            "notShown": self.not_shown,
        });
        serde_json::to_string_pretty(&manifest).unwrap_or_default()
    }
}
