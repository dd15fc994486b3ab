//! A link to a file that works for a limited time, for whoever has it.
//!
//! Always true: a link names a network, a file and its end, signed by the installation; nobody can make or change one. It
//! works only while the file is kept, too.

use jiff::{SignedDuration, Timestamp};
use kernel::{FileId, NetworkId};
use platform_keys::LinkKey;
use uuid::Uuid;

use crate::{Files, StoredFile};

const PURPOSE: &str = "file";
const ID_BYTES: usize = 16;

/// What a link stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLink {
    /// The network.
    pub network: NetworkId,
    /// The file.
    pub file: FileId,
    /// When it ends.
    pub until: Timestamp,
}

impl FileLink {
    fn token(self, key: &LinkKey) -> String {
        let ids = [Uuid::from(self.network), Uuid::from(self.file)].map(Uuid::into_bytes);
        let until = self.until.as_second().to_be_bytes();
        key.sign(PURPOSE, &[ids.as_flattened(), until.as_slice()].concat())
    }

    /// Reads the token of a link; nothing if this installation did not sign it, or its time is over.
    pub fn read(key: &LinkKey, token: &str, now: Timestamp) -> Option<Self> {
        let bytes = key.verify(PURPOSE, token)?;
        let (network, rest) = bytes.split_at_checked(ID_BYTES)?;
        let (file, until) = rest.split_at_checked(ID_BYTES)?;
        let until = Timestamp::from_second(i64::from_be_bytes(until.try_into().ok()?)).ok()?;
        let link = Self {
            network: Uuid::from_slice(network).ok()?.into(),
            file: Uuid::from_slice(file).ok()?.into(),
            until,
        };
        (now < until).then_some(link)
    }
}

impl Files {
    /// Returns the path of a link to a file that works from now on for so long.
    pub fn link(&self, file: &StoredFile, now: Timestamp, lifetime: SignedDuration) -> String {
        let link = FileLink { network: file.network, file: file.id, until: now + lifetime };
        format!("/files/{}/{}", self.service, link.token(&self.links))
    }

    /// Reads the token of a link.
    pub fn read_link(&self, token: &str, now: Timestamp) -> Option<FileLink> {
        FileLink::read(&self.links, token, now)
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Id as _, World};

    use super::*;

    #[test]
    fn a_link_is_for_one_file_and_ends() {
        let (world, key) = (World::for_test(1), LinkKey::ephemeral().expect("a key"));
        let (network, file) = (NetworkId::generate(&world), FileId::generate(&world));
        let now = world.now();
        let until =
            Timestamp::from_second((now + SignedDuration::from_mins(5)).as_second()).expect("an instant");
        let link = FileLink { network, file, until };
        let token = link.token(&key);
        assert_eq!(FileLink::read(&key, &token, now), Some(link));
        assert_eq!(FileLink::read(&key, &token, until), None, "its time is over");
        assert_eq!(FileLink::read(&LinkKey::ephemeral().expect("a key"), &token, now), None);
        assert_eq!(FileLink::read(&key, &key.sign("unsubscribe", &[0; 40]), now), None);
        assert_eq!(FileLink::read(&key, "..", now), None);
    }
}
