//! Files: received by what they are, kept by a use-case, sent to whoever has a link, deleted when nobody wants them.

mod exports;
mod over_http;
mod stores;

use std::io;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use kernel::{Coded as _, ErrorCode, FileId, Id as _, NetworkId, PersonId};
use platform_db::Reach;
use platform_files::{FileError, FileRules, FileStore, FileType, Files, NewFile, ReceivedFile, StoredFile};
use testkit::TestApp;

const PHOTO: FileRules =
    FileRules { purpose: "photo", largest_bytes: 10 * 1024 * 1024, types: FileType::PICTURES };
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
const PIECE: usize = 64 * 1024;

/// Somebody's files in one network.
struct Cabinet {
    app: TestApp,
    files: Files,
    network: NetworkId,
    person: PersonId,
}

impl Cabinet {
    async fn open() -> Self {
        let app = TestApp::new().await;
        let files = app.services().files_of("identity").expect("identity runs here");
        Self::with(app, files)
    }

    async fn with_store(store: FileStore) -> Self {
        let app = TestApp::new().await;
        let databases = app.services().service_databases();
        let (_, db) = databases.into_iter().find(|(of, _)| of.name() == "identity").expect("identity");
        let files = Files::new("identity", db, store, app.services().links().clone());
        Self::with(app, files)
    }

    fn with(app: TestApp, files: Files) -> Self {
        let world = app.services().world();
        let (network, person) = (NetworkId::generate(world), PersonId::generate(world));
        Self { app, files, network, person }
    }

    async fn receive(&self, name: &str, bytes: Vec<u8>) -> Result<ReceivedFile, FileError> {
        let pieces: Vec<io::Result<Bytes>> =
            bytes.chunks(PIECE).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let file = NewFile { network: self.network, person: Some(self.person), name, id: None };
        self.files.receive(self.app.services().world(), &PHOTO, file, stream::iter(pieces)).await
    }

    async fn keep(&self, id: FileId, expires_at: Option<Timestamp>) -> Option<StoredFile> {
        self.keep_as(self.person, PHOTO.purpose, id, expires_at).await
    }

    async fn keep_as(
        &self,
        person: PersonId,
        purpose: &str,
        id: FileId,
        expires_at: Option<Timestamp>,
    ) -> Option<StoredFile> {
        let tx = self.files.db().write(Reach::Network(self.network)).await.expect("a transaction");
        let now = self.app.services().world().now();
        let kept = platform_files::keep(
            &tx,
            self.network,
            platform_files::Wanted { id, person: Some(person), purpose },
            now,
            expires_at,
        )
        .await;
        tx.commit().await.expect("committed");
        kept.expect("the database is there")
    }

    async fn find(&self, network: NetworkId, id: FileId) -> Option<StoredFile> {
        self.files.find(self.app.services().world(), network, id).await.expect("the database is there")
    }

    async fn bytes(&self, file: &StoredFile) -> Result<Vec<u8>, FileError> {
        let pieces: Result<Vec<Bytes>, _> = self.files.read(file).await?.try_collect().await;
        Ok(pieces.expect("every piece").concat())
    }

    async fn sweep(&self) -> usize {
        self.files.sweep(self.app.services().world()).await.expect("swept")
    }
}

fn picture(length: usize) -> Vec<u8> {
    let noise = (0..length.saturating_sub(PNG.len())).map(|at| u8::try_from(at % 251).expect("small"));
    PNG.iter().copied().chain(noise).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_use_case_kept_is_read_as_it_was_received() {
    let cabinet = Cabinet::open().await;
    let picture = picture(300_000);
    let received = cabinet.receive("../../Náměstí (1).svg", picture.clone()).await.expect("received");
    assert_eq!((received.file_type, received.size_bytes), (FileType::Png, 300_000));
    assert_eq!(cabinet.find(cabinet.network, received.id).await, None, "nobody has kept it");
    let kept = cabinet.keep(received.id, None).await.expect("kept");
    assert_eq!(kept.name, "Náměstí (1).png", "no path, and the ending of what it is");
    assert_eq!(cabinet.find(cabinet.network, received.id).await.as_ref(), Some(&kept));
    assert_eq!(cabinet.bytes(&kept).await.expect("its bytes"), picture);
    cabinet.app.pass_minutes(60 * 24 * 400);
    assert_eq!(cabinet.sweep().await, 0, "it is wanted");
    assert!(cabinet.find(cabinet.network, received.id).await.is_some());
    cabinet.app.drain().await;
}

/// A drawing may hold a script, a page does, and neither becomes a picture by its name.
#[tokio::test(flavor = "multi_thread")]
async fn a_drawing_with_a_script_a_page_and_a_program_are_refused_as_pictures() {
    let cabinet = Cabinet::open().await;
    for (name, bytes) in [
        ("photo.svg", &b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"[..]),
        ("photo.png", b"<?xml version='1.0'?><svg onload='alert(1)'/>"),
        ("photo.jpg", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("photo.jpg", b"MZ\x90\0\x03"),
        ("photo.png", b"%PDF-1.7\n"),
        ("photo.png", b"PK\x03\x04\x14\0\0\0"),
    ] {
        let refused = cabinet.receive(name, bytes.to_vec()).await.expect_err("refused");
        assert_eq!(
            (refused.code(), refused.field()),
            (ErrorCode::UnsupportedMediaType, Some("file")),
            "{name}"
        );
    }
    let refused = cabinet.receive("photo.png", Vec::new()).await.expect_err("refused");
    assert_eq!((refused.code(), refused.field()), (ErrorCode::InvalidInput, Some("file")));
    cabinet.app.pass_minutes(60 * 25);
    assert_eq!(cabinet.sweep().await, 0, "nothing was stored");
    cabinet.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_of_forty_megabytes_is_refused_and_nothing_of_it_stays() {
    let cabinet = Cabinet::open().await;
    let refused = cabinet.receive("photo.png", picture(40 * 1024 * 1024)).await.expect_err("refused");
    assert_eq!((refused.code(), refused.field()), (ErrorCode::PayloadTooLarge, Some("file")));
    cabinet.app.pass_minutes(60 * 25);
    assert_eq!(cabinet.sweep().await, 1);
    assert_eq!(cabinet.sweep().await, 0);
    cabinet.app.drain().await;
}

/// Another network's file is not found, whoever knows its id; and a file is kept only for whom and what it was sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_nobody_elses() {
    let cabinet = Cabinet::open().await;
    let world = cabinet.app.services().world();
    let received = cabinet.receive("photo.png", picture(1_000)).await.expect("received");
    let other = PersonId::generate(world);
    assert_eq!(cabinet.keep_as(other, PHOTO.purpose, received.id, None).await, None);
    assert_eq!(cabinet.keep_as(cabinet.person, "proof_document", received.id, None).await, None);
    let kept = cabinet.keep(received.id, None).await.expect("kept");
    let elsewhere = NetworkId::generate(world);
    assert_eq!(cabinet.find(elsewhere, kept.id).await, None);
    let stolen = StoredFile { network: elsewhere, ..kept };
    assert!(cabinet.bytes(&stolen).await.is_err(), "the key in the store names the network");
    cabinet.app.drain().await;
}

/// What is received and not kept, kept for a time that is over, or removed, is deleted: row and bytes.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_wants_is_deleted() {
    let cabinet = Cabinet::open().await;
    let now = cabinet.app.services().world().now();
    let unkept = cabinet.receive("a.png", picture(1_000)).await.expect("received").id;
    let expiring = cabinet.receive("b.png", picture(1_000)).await.expect("received").id;
    let removed = cabinet.receive("c.png", picture(1_000)).await.expect("received").id;
    let expiring = cabinet.keep(expiring, Some(now + SignedDuration::from_hours(2))).await.expect("kept");
    let removed = cabinet.keep(removed, None).await.expect("kept");
    assert_eq!(cabinet.sweep().await, 0, "nothing is due");

    let tx = cabinet.files.db().write(Reach::Network(cabinet.network)).await.expect("a transaction");
    platform_files::remove(&tx, cabinet.network, removed.id, now).await.expect("removed");
    tx.commit().await.expect("committed");
    assert_eq!(cabinet.find(cabinet.network, removed.id).await, None);
    assert_eq!(cabinet.sweep().await, 1);
    assert!(cabinet.bytes(&removed).await.is_err(), "its bytes are gone");

    cabinet.app.pass_minutes(120);
    assert_eq!(cabinet.find(cabinet.network, expiring.id).await, None, "its time is over");
    assert_eq!(cabinet.sweep().await, 1);
    assert!(cabinet.bytes(&expiring).await.is_err());

    cabinet.app.pass_minutes(60 * 24);
    assert_eq!(cabinet.keep(unkept, None).await.map(|file| file.id), Some(unkept), "still in time");
    assert_eq!(cabinet.sweep().await, 0);
    cabinet.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_persons_files_are_deleted_with_their_names() {
    let cabinet = Cabinet::open().await;
    let kept = cabinet.receive("Jana Nováková.png", picture(1_000)).await.expect("received");
    let kept = cabinet.keep(kept.id, None).await.expect("kept");
    let tx = cabinet.files.db().write(Reach::Network(cabinet.network)).await.expect("a transaction");
    let now = cabinet.app.services().world().now();
    platform_files::forget_person(&tx, cabinet.network, cabinet.person, now).await.expect("forgotten");
    let rows = tx.rows("select name, person_id from file", []).await.expect("rows");
    for row in rows {
        assert_eq!(row.try_get::<String>("", "name").expect("a name"), "");
        assert_eq!(row.try_get::<Option<uuid::Uuid>>("", "person_id").expect("an id"), None);
    }
    tx.commit().await.expect("committed");
    assert_eq!(cabinet.find(cabinet.network, kept.id).await, None);
    assert_eq!(cabinet.sweep().await, 1);
    assert!(cabinet.bytes(&kept).await.is_err());
    cabinet.app.drain().await;
}

/// A sender who goes away leaves nothing that is taken for a file.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_breaks_off_is_not_received() {
    let cabinet = Cabinet::open().await;
    let pieces: Vec<io::Result<Bytes>> =
        vec![Ok(Bytes::from(picture(1_000))), Err(io::ErrorKind::ConnectionReset.into())];
    let file =
        NewFile { network: cabinet.network, person: Some(cabinet.person), name: "photo.png", id: None };
    let world = cabinet.app.services().world();
    let refused = cabinet.files.receive(world, &PHOTO, file, stream::iter(pieces).boxed()).await;
    assert_eq!(refused.expect_err("broken off").code(), ErrorCode::InvalidInput);
    cabinet.app.pass_minutes(60 * 25);
    assert_eq!(cabinet.sweep().await, 1);
    cabinet.app.drain().await;
}

/// Nobody fills the store with what is used for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_sends_file_after_file_and_uses_none_is_stopped() {
    let cabinet = Cabinet::open().await;
    for _file in 0..20 {
        cabinet.receive("photo.png", picture(100)).await.expect("received");
    }
    let refused = cabinet.receive("photo.png", picture(100)).await.expect_err("too many");
    assert_eq!(refused.code(), ErrorCode::RateLimited);
    cabinet.app.pass_minutes(60 * 25);
    assert_eq!(cabinet.sweep().await, 20);
    cabinet.receive("photo.png", picture(100)).await.expect("received");
    cabinet.app.drain().await;
}
