//! Checks the documents against the code: crates, paths, links, words, events and the schema.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";
const GLOSSARY: &str = "docs/GLOSSARY.md";
const EVENTS: &str = "docs/EVENTS.md";
/// The first cells of the tables' headings.
const HEADINGS: [&str; 5] = ["room", "word", "type", "they try", "rule"];

#[test]
fn every_crate_stands_in_the_code_map() {
    let text = read(ARCHITECTURE);
    let map = section(&text, "## Code map");
    let named: BTreeSet<String> = rows(map).map(|row| in_backticks(row[0]).concat()).collect();
    let mut rooms: BTreeSet<String> = ["migrations", "deploy/demo", "tests"].map(str::to_owned).into();
    for entry in fs::read_dir(root().join("crates")).expect("crates") {
        let name = entry.expect("a crate").file_name().into_string().expect("a name");
        rooms.insert(format!("crates/{name}"));
    }
    assert_eq!(named, rooms, "the code map in {ARCHITECTURE} and the folders of the workspace differ");
}

/// A folder of another name would be applied to nothing.
#[test]
fn every_folder_of_migrations_is_that_of_a_service_or_the_plumbing() {
    for folder in migrations::folders() {
        let is_known = folder == "plumbing" || server::Service::named(folder).is_some();
        assert!(is_known, "no service reads migrations/{folder}");
    }
}

#[test]
fn every_path_the_documents_name_exists() {
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a document");
        for path in in_backticks(&text).into_iter().filter(|word| is_path(word)) {
            assert!(root().join(path).exists(), "{} names {path}, which is not there", document.display());
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a document");
        let folder = document.parent().expect("a folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            let is_here = !link.contains("://") && !target.is_empty();
            assert!(!is_here || folder.join(target).exists(), "{} links to {link}", document.display());
        }
    }
}

#[test]
fn every_test_the_threats_and_the_rules_name_exists() {
    let sources = all_tests();
    for document in ["docs/THREATS.md", "docs/RULES.md"] {
        let text = read(document);
        for row in rows(&text).filter(|row| row.len() == 3) {
            let tests = in_backticks(row[2]);
            assert!(!tests.is_empty(), "no test proves {row:?}");
            for test in tests {
                assert!(
                    sources.contains(&format!("fn {test}(")),
                    "{document} names {test}, which is nowhere"
                );
            }
        }
    }
}

/// Returns the text of every file that may contain a test.
fn all_tests() -> String {
    let mut sources = source_of("tests/it");
    for entry in fs::read_dir(root().join("crates")).expect("crates") {
        let path = entry.expect("a crate").path();
        for folder in ["src", "tests"].map(|folder| path.join(folder)).iter().filter(|path| path.is_dir()) {
            sources
                .push_str(&source_of(folder.strip_prefix(root()).expect("below").to_str().expect("a path")));
        }
    }
    sources
}

#[test]
fn the_committed_schema_matches_the_code() {
    let committed = read("schema.graphql");
    assert!(committed == server::cli::sdl(), "schema.graphql is out of date: run `cargo xtask schema`");
}

#[test]
fn the_glossarys_words_exist_in_the_graph() {
    let schema = graph_types();
    for word in glossary_column(4) {
        let (name, field) =
            word.split_once('.').map_or((word.as_str(), None), |(name, field)| (name, Some(field)));
        let fields =
            schema.get(name).unwrap_or_else(|| panic!("the glossary names {name}, the graph does not"));
        assert!(field.is_none_or(|field| fields.contains(field)), "the graph has no {word}");
    }
}

#[test]
fn the_glossarys_words_exist_in_the_tables() {
    let tables = tables();
    for word in glossary_column(3).into_iter().filter(|word| !word.contains('…')) {
        let (name, column) =
            word.split_once('.').map_or((word.as_str(), None), |(name, column)| (name, Some(column)));
        let columns =
            tables.get(name).unwrap_or_else(|| panic!("the glossary names {name}, no migration makes it"));
        assert!(column.is_none_or(|column| columns.contains(column)), "there is no column {word}");
    }
}

#[test]
fn the_glossarys_words_exist_in_the_code() {
    for word in glossary_column(2) {
        let mut parts = word.split("::");
        let (owner, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let source = source_of(&format!("crates/{}/src", owner.replace('_', "-")));
        let declares = ["struct", "enum", "trait", "fn"].map(|kind| format!("pub {kind} {name}"));
        let is_there =
            declares.iter().any(|line| source.contains(line)) || source.contains(&format!(" {name} = \""));
        assert!(is_there, "the glossary names {word}, which {owner} does not declare");
        let field = parts.next().map(|field| format!("pub {field}: "));
        assert!(field.is_none_or(|field| source.contains(&field)), "{word} is no field");
    }
}

#[test]
fn the_catalogue_lists_exactly_the_emitted_events_and_their_consumers() {
    let text = read(EVENTS);
    let asyncapi = read("docs/asyncapi.yaml");
    let mut listed = BTreeMap::new();
    for row in rows(&text).filter(|row| row.len() == 4 && row[0].contains(".v")) {
        let consumers: BTreeSet<String> =
            row[3].split(", ").filter(|consumer| *consumer != "–").map(str::to_owned).collect();
        listed.insert(in_backticks(row[0]).concat(), consumers);
    }
    let mut emitted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for service in server::Service::all().map(server::Service::name) {
        let events = root().join(format!("crates/{service}/src/events.rs"));
        for kind in event_types(&fs::read_to_string(events).unwrap_or_default()) {
            emitted.entry(kind).or_default();
        }
        for kind in event_types(&read(&format!("crates/{service}/src/consumer.rs"))) {
            emitted.entry(kind).or_default().insert(service.to_owned());
        }
    }
    assert_eq!(listed, emitted, "{EVENTS} and the code differ");
    for kind in emitted.keys() {
        assert!(asyncapi.contains(&format!("address: {kind}\n")), "docs/asyncapi.yaml does not list {kind}");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns README and every document below docs.
fn documents() -> Vec<PathBuf> {
    let mut documents = files_below(&root().join("docs"), "md");
    documents.push(root().join("README.md"));
    documents
}

fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path, ending));
        } else if path.extension().is_some_and(|it| it == ending) {
            files.push(path);
        }
    }
    files
}

/// Returns all source below a folder of the repository.
pub(crate) fn source_of(folder: &str) -> String {
    let files = files_below(&root().join(folder), "rs");
    files.iter().map(|file| fs::read_to_string(file).expect("a source file")).collect()
}

fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let (_, after) = text.split_once(heading).unwrap_or_else(|| panic!("there is no {heading}"));
    after.split("\n## ").next().unwrap_or_default()
}

/// Returns the cells of each table row in a text, without headings.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = text.lines().filter(|line| line.starts_with("| "));
    let cells = lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    cells.filter(|row| !row[0].starts_with("---") && !HEADINGS.contains(&row[0]))
}

fn in_backticks(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn is_path(word: &str) -> bool {
    let beginnings = ["crates/", "deploy/", "migrations/", "tests/", "docs/"];
    beginnings.iter().any(|beginning| word.starts_with(beginning)) && !word.contains(['*', ' ', '<'])
}

fn glossary_column(column: usize) -> Vec<String> {
    let text = read(GLOSSARY);
    let words: Vec<String> = rows(&text)
        .flat_map(|row| in_backticks(row[column]).into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(words.len() > 10, "the glossary has a table with types, tables and graph names");
    words
}

/// Returns the types of the graph with the names of their fields, read from the schema's text.
fn graph_types() -> BTreeMap<String, BTreeSet<String>> {
    let mut types: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in server::cli::sdl().lines() {
        let mut words = line.split(|sign: char| !(sign.is_alphanumeric() || sign == '_'));
        match (line.starts_with('\t'), words.next()) {
            (false, Some("type" | "input" | "enum" | "union" | "scalar")) => {
                words.next().unwrap_or_default().clone_into(&mut current);
                types.entry(current.clone()).or_default();
            }
            (true, _) => {
                let field = line.trim_start().split(['(', ':']).next().unwrap_or_default();
                types.entry(current.clone()).or_default().insert(field.to_owned());
            }
            (false, _) => {}
        }
    }
    types
}

/// Returns the tables of all services with their columns, read from the migrations' texts.
fn tables() -> BTreeMap<String, BTreeSet<String>> {
    let files = files_below(&root().join("migrations"), "sql");
    let source: String = files.iter().map(|file| fs::read_to_string(file).expect("a migration")).collect();
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for create in source.split("create table ").skip(1) {
        let Some((name, rest)) = create.split_once(" (") else { continue };
        let body = rest.split(");").next().unwrap_or_default();
        let columns = body.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned);
        tables.insert(name.to_owned(), columns.collect());
    }
    for alter in source.split("alter table ").skip(1) {
        let Some((name, column)) = alter.split_once(" add column ") else { continue };
        let column = column.split_whitespace().next().unwrap_or_default();
        if let Some(columns) = tables.get_mut(name) {
            columns.insert(column.to_owned());
        }
    }
    tables
}

/// Returns the event types that a source names, such as `"membership.visit_ended.v1"`.
fn event_types(source: &str) -> Vec<String> {
    let literals = source.split('"').skip(1).step_by(2);
    let is_type = |word: &&str| word.split('.').count() == 3 && word.contains(".v") && !word.contains(' ');
    literals.filter(is_type).map(str::to_owned).collect()
}
