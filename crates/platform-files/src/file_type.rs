//! What a file is, by its first bytes.
//!
//! Always true: a type here is one that a browser shows or saves, and never runs.

use std::fmt;

/// A type of file that can be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileType {
    /// A photo.
    Jpeg,
    /// A picture.
    Png,
    /// A picture.
    Webp,
    /// A document.
    Pdf,
    /// An archive.
    Zip,
}

impl FileType {
    /// Every type.
    pub const ALL: [Self; 5] = [Self::Jpeg, Self::Png, Self::Webp, Self::Pdf, Self::Zip];
    /// Pictures.
    pub const PICTURES: &[Self] = &[Self::Jpeg, Self::Png, Self::Webp];
    /// What a scanned or printed document is.
    pub const DOCUMENTS: &[Self] = &[Self::Pdf, Self::Jpeg, Self::Png];
    /// So many first bytes are enough to recognise a file.
    pub(crate) const HEAD_BYTES: usize = 512;

    /// Recognises a file by its first bytes; nothing if it is of no type that can be stored.
    pub fn of(head: &[u8]) -> Option<Self> {
        let known = infer::get(head)?.mime_type();
        Self::ALL.into_iter().find(|it| it.media_type() == known)
    }

    /// Returns the media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Zip => "application/zip",
        }
    }

    /// Returns the ending of a file's name.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Pdf => "pdf",
            Self::Zip => "zip",
        }
    }

    pub(crate) fn of_media_type(media_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.media_type() == media_type)
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.ending())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        for (head, file_type) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], Some(FileType::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some(FileType::Png)),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some(FileType::Webp)),
            (b"%PDF-1.7\n", Some(FileType::Pdf)),
            (b"PK\x03\x04\x14\0\0\0", Some(FileType::Zip)),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>", None),
            (b"<?xml version=\"1.0\"?><svg onload=\"alert(1)\"/>", None),
            (b"<!DOCTYPE html><script>alert(1)</script>", None),
            (b"MZ\x90\0", None),
            (b"\x7fELF\x02\x01\x01\0", None),
            (b"GIF89a", None),
            (b"#!/bin/sh\n", None),
            (b"", None),
        ] {
            assert_eq!(FileType::of(head), file_type, "{:?}", String::from_utf8_lossy(head));
        }
    }

    proptest! {
        /// Nothing that begins like a page or a drawing is stored, whatever follows.
        #[test]
        fn text_that_begins_with_a_tag_is_of_no_type(tail in any::<String>(), blanks in "[ \t\r\n]{0,4}") {
            for tag in ["<svg", "<html", "<!doctype html", "<script", "<?xml"] {
                let text = format!("{blanks}{tag} {tail}");
                prop_assert_eq!(FileType::of(text.as_bytes()), None);
            }
        }
    }
}
