//! Lists the SQL files of `migrations/<folder>/`, so that they are part of the program. A new file needs no line of code.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let mut files = Vec::new();
    for entry in fs::read_dir(&root)? {
        let folder = entry?;
        let name = folder.file_name().to_string_lossy().into_owned();
        if folder.file_type()?.is_dir() && name != "src" {
            println!("cargo:rerun-if-changed={name}");
            files.extend(sql_files(&folder.path())?.into_iter().map(|file| (name.clone(), file)));
        }
    }
    println!("cargo:rerun-if-changed=.");
    files.sort();
    let mut list = String::from("&[\n");
    for (folder, file) in files {
        writeln!(
            list,
            "    MigrationFile {{ folder: {folder:?}, name: {file:?}, text: include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{folder}/{file}.sql\")) }},"
        )
        .map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("files.rs"), list)
}

/// Returns the names of the SQL files of a folder, without their extension.
fn sql_files(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".sql").map(str::to_owned));
    }
    Ok(names)
}
