//! An export as a person who downloaded it reads it.

use std::{
    collections::BTreeSet,
    io::{Cursor, Read},
};

use futures_util::StreamExt;
use platform_http::Begun;
use testkit::Json;
use zip::ZipArchive;

/// The files of a ZIP, in order.
pub(crate) struct Export(Vec<(String, String)>);

impl Export {
    pub(crate) async fn read(begun: Begun) -> Self {
        assert_eq!(begun.media_type, "application/zip");
        let pieces: Vec<_> = begun.pieces.collect().await;
        let bytes: Result<Vec<Vec<u8>>, _> = pieces.into_iter().collect();
        Self::unzip(bytes.expect("every piece").concat())
    }

    pub(crate) fn unzip(bytes: Vec<u8>) -> Self {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("a ZIP");
        let files = (0..zip.len()).map(|place| {
            let mut file = zip.by_index(place).expect("a file");
            let mut text = String::new();
            file.read_to_string(&mut text).expect("text, as its checksum says");
            (file.name().expect("a name").into_owned(), text)
        });
        Self(files.collect())
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    pub(crate) fn json(&self, name: &str) -> Json {
        let found = self.0.iter().find(|(of, _)| of == name);
        let (_, text) = found.unwrap_or_else(|| panic!("there is no {name}: {:?}", self.names()));
        serde_json::from_str(text).expect(text)
    }

    /// Returns all its text.
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }

    pub(super) fn around(&self, at: usize) -> String {
        let text = self.text();
        let from = text.floor_char_boundary(at.saturating_sub(300));
        text[from..text.floor_char_boundary(at + 100)].to_owned()
    }

    /// Returns every id of a kind.
    pub(super) fn ids(&self, prefix: &str) -> BTreeSet<String> {
        let text = self.text();
        let id = |(at, _): (usize, &str)| text[at..].chars().take(prefix.len() + 32).collect::<String>();
        let is_id = |id: &String| {
            id.len() == prefix.len() + 32 && id[prefix.len()..].bytes().all(|it| it.is_ascii_hexdigit())
        };
        text.match_indices(prefix).map(id).filter(is_id).collect()
    }
}
