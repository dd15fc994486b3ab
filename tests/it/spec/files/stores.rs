//! The stores: a local folder, and a real S3 server; and what happens when they are away or full.

use std::fs;

use kernel::{Coded as _, ErrorCode};
use platform_files::{FileStore, S3Settings};
use private_servers::S3;

use super::{Cabinet, picture};

fn bucket(s3: &S3) -> FileStore {
    let settings = S3Settings {
        bucket: s3.bucket().to_owned(),
        endpoint: Some(s3.url()),
        region: "us-east-1".to_owned(),
        access_key_id: "hubnet".to_owned(),
        secret_access_key: "hubnet".to_owned().into(),
    };
    FileStore::s3(&settings).expect("a bucket")
}

/// More than one part of a multipart upload, and read back by its own hash.
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_keeps_files_as_a_folder_does() {
    let s3 = tokio::task::spawn_blocking(S3::start).await.expect("a thread").expect("an S3 server");
    let cabinet = Cabinet::with_store(bucket(&s3)).await;
    for length in [100, 9 * 1024 * 1024] {
        let picture = picture(length);
        let received = cabinet.receive("photo.png", picture.clone()).await.expect("received");
        let kept = cabinet.keep(received.id, None).await.expect("kept");
        assert_eq!(cabinet.bytes(&kept).await.expect("its bytes"), picture, "{length}");
        let tx = cabinet
            .files
            .db()
            .write(platform_db::Reach::Network(cabinet.network))
            .await
            .expect("a transaction");
        let now = cabinet.app.services().world().now();
        platform_files::remove(&tx, cabinet.network, kept.id, now).await.expect("removed");
        tx.commit().await.expect("committed");
        assert_eq!(cabinet.sweep().await, 1);
        assert!(cabinet.bytes(&kept).await.is_err(), "{length}: deleted");
    }
    cabinet.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_away_is_an_error_with_a_code_and_the_sweep_goes_on_later() {
    let s3 = tokio::task::spawn_blocking(S3::start).await.expect("a thread").expect("an S3 server");
    let cabinet = Cabinet::with_store(bucket(&s3)).await;
    cabinet.receive("photo.png", picture(1_000)).await.expect("received");
    drop(s3);
    let refused = cabinet.receive("photo.png", picture(1_000)).await.expect_err("away");
    assert_eq!(refused.code(), ErrorCode::Unavailable);
    cabinet.app.pass_minutes(60 * 25);
    let world = cabinet.app.services().world();
    let failed = cabinet.files.sweep(world).await.expect_err("away");
    assert_eq!(failed.to_string(), "the store of the files is away", "it names no key and no address");
    let counts = platform_files::count(cabinet.files.db(), world.now()).await.expect("counted");
    assert_eq!(counts.due, 2, "they are still due");
    cabinet.app.drain().await;
}

/// A folder that cannot be written stands for a full disk: both are refusals of the operating system.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_takes_no_more_is_an_error_with_a_code_and_works_again_afterwards() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("files");
    let cabinet = Cabinet::with_store(FileStore::local(&place).expect("a store")).await;
    cabinet.receive("photo.png", picture(1_000)).await.expect("received");
    fs::remove_dir_all(&place).expect("removed");
    fs::write(&place, "a file in the place of the folder").expect("written");
    let refused = cabinet.receive("photo.png", picture(1_000)).await.expect_err("no folder");
    assert_eq!(refused.code(), ErrorCode::Unavailable);
    fs::remove_file(&place).expect("removed");
    fs::create_dir(&place).expect("a folder");
    cabinet.receive("photo.png", picture(1_000)).await.expect("received");
    cabinet.app.pass_minutes(60 * 25);
    assert_eq!(cabinet.sweep().await, 3, "what is gone already is as good as deleted");
    cabinet.app.drain().await;
}
