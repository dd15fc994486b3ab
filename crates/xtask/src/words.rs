//! Private words in identifiers: metaphors that a reader would have to learn, each with the standard term to use.
//!
//! A word of the list does not fail the check; the summary names how many there are and where the first one is.

use std::{fs, process::Command};

use anyhow::{Context as _, Result};

use crate::{step, workspace};

/// Words that must not come back, each with what to write instead.
const PRIVATE: [(&str, &str); 26] = [
    ("house", "app, services"),
    ("told", "visit, event, notified"),
    ("tell", "notify, publish"),
    ("tells", "notifies, publishes"),
    ("telling", "visit event, revision"),
    ("tellings", "visit events, revisions"),
    ("say", "publish, write"),
    ("says", "publishes, writes"),
    ("said", "output, answer"),
    ("hear", "consume, receive"),
    ("hears", "consumes, receives"),
    ("heard", "consumed, received"),
    ("ear", "consumer"),
    ("deed", "audit event"),
    ("deeds", "audit events"),
    ("letter", "mail template, message"),
    ("letters", "mail templates, messages"),
    ("regulars", "admission cache"),
    ("heart", "cached"),
    ("gate", "authenticator"),
    ("passage", "redirect"),
    ("onward", "redirect"),
    ("equip", "with_request_data"),
    ("pump", "stream"),
    ("conclude", "commit_with_outcome, finish"),
    ("met", "authenticated"),
];
/// Standard terms that contain a private word.
const STANDARD: [&str; 3] = ["dead_letter", "deadletter", "dead-letter"];

/// Returns the private words of all Rust files, as a note for the summary.
pub(crate) fn note() -> Result<String> {
    let mut found = Vec::new();
    let files =
        step::output_of(Command::new("git").args(["ls-files", "*.rs"]).current_dir(workspace::root()))?;
    for file in files.lines().filter(|file| !file.ends_with("xtask/src/words.rs")) {
        let text =
            fs::read_to_string(workspace::file(file)).with_context(|| format!("cannot read {file}"))?;
        let of_file = private_words(&text).into_iter();
        found
            .extend(of_file.map(|(line, word, instead)| format!("{file}:{line}: {word} (write: {instead})")));
    }
    for one in &found {
        eprintln!("{one}");
    }
    let first = found.first().map(|first| format!("WARNING: {} private words, e.g. {first}", found.len()));
    Ok(first.unwrap_or_default())
}

/// Returns the private words among the identifiers of a text, each with its line and its replacement.
fn private_words(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let mut found = Vec::new();
    for (line, code) in text.lines().map(code_of).enumerate() {
        for identifier in code.split(|c: char| !c.is_alphanumeric() && c != '_') {
            if STANDARD.iter().any(|standard| identifier.to_lowercase().contains(standard)) {
                continue;
            }
            let words = words_of(identifier);
            let private = PRIVATE.iter().filter(|(word, _)| words.iter().any(|one| one == word));
            found.extend(private.map(|(word, instead)| (line + 1, *word, *instead)));
        }
    }
    found
}

/// Returns a line without its comment and without quoted text.
fn code_of(line: &str) -> String {
    let mut code = String::new();
    let (mut is_quoted, mut before) = (false, ' ');
    for c in line.chars() {
        match c {
            '"' if before != '\\' && before != '\'' => is_quoted = !is_quoted,
            '/' if !is_quoted && before == '/' => return code,
            _ if !is_quoted => code.push(c),
            _ => {}
        }
        before = c;
    }
    code
}

/// Returns the words of an identifier: `VisitTold` and `visit_told` both contain `visit` and `told`.
fn words_of(identifier: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in identifier.chars() {
        if c == '_' || c.is_uppercase() {
            words.push(String::new());
        }
        if c != '_'
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::private_words;

    #[test]
    fn a_private_word_is_found_in_identifiers_and_nowhere_else() {
        let found =
            |text| private_words(text).into_iter().map(|(line, word, _)| (line, word)).collect::<Vec<_>>();
        assert_eq!(found("fn a() {}\nlet visit_told = House::open();"), [(2, "told"), (2, "house")]);
        assert_eq!(found("let text = \"the house\"; // told"), []);
        assert_eq!(found("dead_letters(); DeadLetter::new(); onboard(); untold"), []);
    }
}
