//! The SQL files, as they were when the program was built.

use sha2::{Digest as _, Sha256};

/// A file `migrations/<folder>/<name>.sql`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MigrationFile {
    /// The service, or `plumbing`.
    pub(crate) folder: &'static str,
    /// The timestamp and what is changed: `20261129121000_places`. Unique among all files.
    pub(crate) name: &'static str,
    /// The SQL, with placeholders and directives; see [`crate::dialect`].
    pub(crate) text: &'static str,
}

/// All files, by folder and name.
pub(crate) const ALL: &[MigrationFile] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Returns the folders that have files: each is that of a service, or `plumbing`.
pub fn folders() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|file| file.folder)
}

impl MigrationFile {
    /// Returns the files of a folder, oldest first.
    pub(crate) fn of(folder: &str) -> impl Iterator<Item = &'static Self> {
        ALL.iter().filter(move |file| file.folder == folder)
    }

    /// Returns the checksum of everything that reaches a database: a better comment may be written at any time.
    pub(crate) fn checksum(&self) -> String {
        let is_comment =
            |line: &str| line.is_empty() || (line.starts_with("--") && !line.starts_with("-- @"));
        let mut hash = Sha256::new();
        for line in self.text.lines().map(str::trim_end).filter(|line| !is_comment(line)) {
            hash.update(line);
            hash.update("\n");
        }
        hex::encode(hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use sea_orm::DbBackend;

    use super::*;
    use crate::dialect::translate;

    #[test]
    fn the_name_of_a_migration_is_a_timestamp_and_a_purpose_and_is_unique() {
        let mut names = HashSet::new();
        for file in ALL {
            let (at, what) = file.name.split_once('_').unwrap_or_default();
            let is_timestamp = at.len() == 14 && at.bytes().all(|byte| byte.is_ascii_digit());
            let is_word = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
            let is_purpose = !what.is_empty() && what.chars().all(is_word);
            assert!(is_timestamp && is_purpose, "{}: write <YYYYMMDDhhmmss>_<what>.sql", file.name);
            assert!(names.insert(at), "{}: another migration has this timestamp", file.name);
        }
    }

    #[test]
    fn a_migration_opens_with_its_reason() {
        for file in ALL {
            let opens =
                file.text.lines().next().is_some_and(|line| line.starts_with("-- ") && line.len() > 10);
            assert!(opens, "{}: say in the first lines why", file.name);
        }
    }

    #[test]
    fn every_migration_can_be_written_in_both_dialects() {
        for file in ALL {
            for backend in [DbBackend::Postgres, DbBackend::Sqlite] {
                let sql =
                    translate(file.text, backend).unwrap_or_else(|error| panic!("{}: {error}", file.name));
                let placeholder =
                    sql.split('{').skip(1).find(|rest| rest.split('}').next().is_some_and(is_word));
                assert_eq!(placeholder, None, "{}: an unknown placeholder", file.name);
            }
        }
    }

    fn is_word(text: &str) -> bool {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    }

    /// Every database out there has applied these: a change of one needs a new migration.
    #[test]
    fn a_released_migration_is_never_edited() {
        let released = include_str!("../released.txt").lines().filter(|line| !line.starts_with('#'));
        for line in released {
            let (checksum, path) = line.split_once("  ").unwrap_or_else(|| panic!("{line:?} is no entry"));
            let file = ALL.iter().find(|file| path == format!("{}/{}.sql", file.folder, file.name));
            let file = file.unwrap_or_else(|| panic!("{path} was released and is gone"));
            assert_eq!(
                file.checksum(),
                checksum,
                "{path} was released: restore it and write a new migration"
            );
        }
    }

    #[test]
    fn a_comment_is_no_part_of_the_checksum_and_a_directive_is() {
        let of = |text| MigrationFile { folder: "f", name: "n", text }.checksum();
        let plain = of("-- Why.\ncreate table a (b text);\n");
        assert_eq!(of("-- Why, in other words.\n\ncreate table a (b text);  \n"), plain);
        assert_ne!(of("-- Why.\ncreate table a (c text);\n"), plain);
        assert_ne!(of("-- Why.\ncreate table a (b text);\n-- @tenant hub a\n"), plain);
    }
}
