//! `hubnet backup FILE` and `hubnet restore FILE`: the database of an embedded installation, whole and consistent.
//!
//! Always true: the file at the end of `backup`, and the database at the end of `restore`, was written completely,
//! synced to the disk and checked before it got its name. No existing file is overwritten. A backup does not contain
//! the keys: a stolen one opens no second factor and signs no token (docs/BACKUP.md).

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use migrations::MigrateError;
use platform_db::{Db, DbConfig};

use super::doctor::storage;
use crate::{Config, Exit, ExitCode, Service};

const OF_POSTGRESQL: &str = "PostgreSQL is backed up and restored by its own tools, pg_dump and pg_restore, and \
                             checked by `hubnet verify`: see docs/BACKUP.md";

/// Writes a copy of the database with all committed data, even while a server runs.
///
/// # Errors
/// Fails if the installation is not embedded or has no database, or if the file exists or cannot be written.
pub async fn backup(config: &Config, file: &Path) -> Result<(), Exit> {
    let database = database_file(config)?;
    if !database.is_file() {
        return Err(data_error(format!("there is no database at {}", database.display())));
    }
    refuse_existing(file)?;
    let partial = beside(file, "partial");
    remove_left_over(&partial)?;
    let db = open(&database).await?;
    // The newest commits are in the file beside the database until they are moved: SQLite reads both.
    let done = match db.copy_into(text(&partial)?).await {
        Ok(()) => finish(&partial, file).await,
        Err(error) => Err(Exit::because(ExitCode::Unavailable, &error)),
    };
    if done.is_err() {
        remove_left_over(&partial)?;
    }
    done?;
    let size = fs::metadata(file).map(|about| about.len()).unwrap_or_default();
    println!("{} holds the database: {size} bytes, checked", file.display());
    println!(
        "The keys in {} are not in it: keep a copy of them in another place",
        config.key_folder().display()
    );
    Ok(())
}

/// Replaces the database with a copy.
///
/// # Errors
/// Fails if the file is no whole database of hubnet or is of a newer version, if there is a database already and
/// `replaces` is not given, or if a server has it open.
pub async fn restore(config: &Config, file: &Path, replaces: bool) -> Result<(), Exit> {
    let database = database_file(config)?;
    if !file.is_file() {
        return Err(data_error(format!("there is no file {}", file.display())));
    }
    if database.exists() && !replaces {
        return Err(data_error(format!(
            "{} exists: restore into an empty data folder, or say --replace; the old database is kept beside the new one",
            database.display()
        )));
    }
    fs::create_dir_all(&config.data_dir).map_err(|error| cannot(&config.data_dir, &error))?;
    let restoring = beside(&database, "restoring");
    remove_left_over(&restoring)?;
    fs::copy(file, &restoring).map_err(|error| cannot(&restoring, &error))?;
    let named = |exit: Exit| {
        let (copy, given) = (restoring.display().to_string(), file.display().to_string());
        Exit::new(exit.code, exit.message.replace(&copy, &given))
    };
    let checked = check(&restoring).await.map_err(named);
    let placed = match checked {
        Ok(()) => place(&restoring, &database).await,
        Err(exit) => Err(exit),
    };
    if placed.is_err() {
        remove_left_over(&restoring)?;
    }
    placed?;
    println!("{} is restored and checked. `hubnet verify` looks at what is in it.", database.display());
    if !config.key_folder().join("sealing.key").exists() {
        println!(
            "There is no sealing key in {}: put the keys of that installation there before the first start, or second factors are lost",
            config.key_folder().display()
        );
    }
    Ok(())
}

/// Syncs a copy to the disk, checks it, and gives it its name.
async fn finish(partial: &Path, file: &Path) -> Result<(), Exit> {
    check(partial).await?;
    sync(partial)?;
    // A link fails where a rename would overwrite another process's new file.
    fs::hard_link(partial, file).map_err(|error| cannot(file, &error))?;
    fs::remove_file(partial).map_err(|error| cannot(partial, &error))?;
    sync_folder(file)
}

/// Renames a checked copy to the database; the previous database is kept under another name.
async fn place(restoring: &Path, database: &Path) -> Result<(), Exit> {
    sync(restoring)?;
    if database.exists() {
        refuse_open(database).await?;
        let kept = free_name(database);
        fs::hard_link(database, &kept).map_err(|error| cannot(&kept, &error))?;
        println!("The database that was there is kept as {}", kept.display());
    }
    fs::rename(restoring, database).map_err(|error| cannot(database, &error))?;
    sync_folder(database)
}

/// The last process to close a database removes the files beside it. If they stay, another process has it open.
async fn refuse_open(database: &Path) -> Result<(), Exit> {
    let db = open(database).await?;
    close(db, database).await?;
    if beside_of_sqlite(database, "-wal").exists() {
        return Err(Exit::new(
            ExitCode::Unavailable,
            format!("{} is open in another process: stop the server first", database.display()),
        ));
    }
    Ok(())
}

/// Checks that a file is an undamaged database of this version, or of an earlier one, which the next start upgrades.
async fn check(file: &Path) -> Result<(), Exit> {
    let db = open(file).await?;
    let checked = check_open(&db, file).await;
    checked.and(close(db, file).await)
}

/// Checks that the database itself is undamaged and of this version; another version is not upgraded here.
pub(super) async fn check_database(config: &Config) -> Result<(), Exit> {
    let database = database_file(config)?;
    if !database.is_file() {
        return Err(data_error(format!("there is no database at {}", database.display())));
    }
    let db = open(&database).await?;
    for service in Service::all().map(Service::name) {
        migrations::check(&db, service).await.map_err(|error| Exit::because(ExitCode::DataError, &error))?;
    }
    close(db, &database).await
}

async fn close(db: Db, file: &Path) -> Result<(), Exit> {
    db.close().await.map_err(|error| {
        let exit = Exit::because(ExitCode::Unavailable, &error);
        Exit::new(exit.code, format!("{} cannot be closed: {exit}", file.display()))
    })
}

async fn check_open(db: &Db, file: &Path) -> Result<(), Exit> {
    let bad = |why: &str| data_error(format!("{} is no whole database of hubnet: {why}", file.display()));
    storage::damage(db).await.map_err(|why| bad(&why))?;
    let mut is_known = false;
    for service in Service::all().map(Service::name) {
        match migrations::check(db, service).await {
            Ok(()) => is_known = true,
            Err(MigrateError::Older(_)) => is_known |= migrations::has_any(db, service).await,
            Err(error) => return Err(bad(&Exit::because(ExitCode::DataError, &error).message)),
        }
    }
    if is_known { Ok(()) } else { Err(bad("it has none of the tables")) }
}

async fn open(file: &Path) -> Result<Db, Exit> {
    let url = format!("sqlite://{}?mode=rw", text(file)?);
    let db = Db::connect(&DbConfig { url: url.into(), schema: None, max_connections: 1 }).await;
    db.map_err(|error| {
        let exit = Exit::because(ExitCode::DataError, &error);
        Exit::new(exit.code, format!("{} cannot be opened: {exit}", file.display()))
    })
}

/// The file of an embedded installation.
fn database_file(config: &Config) -> Result<PathBuf, Exit> {
    if !config.is_embedded() {
        return Err(Exit::new(ExitCode::Config, OF_POSTGRESQL));
    }
    let url = config.database_url("");
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    Ok(PathBuf::from(path.split('?').next().unwrap_or(path)))
}

fn refuse_existing(file: &Path) -> Result<(), Exit> {
    if file.exists() {
        return Err(Exit::new(
            ExitCode::CannotCreate,
            format!("{} exists: a backup overwrites nothing; choose another name", file.display()),
        ));
    }
    Ok(())
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    beside_of_sqlite(file, &format!(".{ending}"))
}

fn beside_of_sqlite(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn free_name(database: &Path) -> PathBuf {
    let names = (1_u32..).map(|number| beside(database, &format!("replaced-{number}")));
    names.into_iter().find(|name| !name.exists()).unwrap_or_else(|| beside(database, "replaced"))
}

/// Removes the files of an interrupted run, with those SQLite keeps beside them.
fn remove_left_over(file: &Path) -> Result<(), Exit> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let file = beside_of_sqlite(file, ending);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot(&file, &error)),
            _gone => {}
        }
    }
    Ok(())
}

fn sync(file: &Path) -> Result<(), Exit> {
    File::open(file).and_then(|open| open.sync_all()).map_err(|error| cannot(file, &error))
}

fn sync_folder(file: &Path) -> Result<(), Exit> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync(folder)
}

fn text(file: &Path) -> Result<&str, Exit> {
    file.to_str().ok_or_else(|| data_error(format!("{} is not UTF-8", file.display())))
}

fn cannot(file: &Path, error: &io::Error) -> Exit {
    Exit::new(ExitCode::CannotCreate, format!("{}: {error}", file.display()))
}

fn data_error(message: String) -> Exit {
    Exit::new(ExitCode::DataError, message)
}
