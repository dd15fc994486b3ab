//! What people may send files for: a hub's photo, and a document that proves a member's category.
//!
//! Always true: pictures are photos and no drawings (SVG), because a drawing may hold a script.

use platform_files::{FileRules, FileType};

/// The picture of a hub.
pub const HUB_PHOTO: FileRules =
    FileRules { purpose: "hub_photo", largest_bytes: 10 * 1024 * 1024, types: FileType::PICTURES };
/// A scan of a document, such as a student's card.
pub const PROOF_DOCUMENT: FileRules =
    FileRules { purpose: "proof_document", largest_bytes: 10 * 1024 * 1024, types: FileType::DOCUMENTS };
/// Everything that files are sent for.
pub const FILE_PURPOSES: &[FileRules] = &[HUB_PHOTO, PROOF_DOCUMENT];
