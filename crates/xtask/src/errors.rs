//! `cargo xtask errors`: generates docs/ERRORS.md, the list of error codes, from the code.

use std::{fmt::Write as _, fs};

use anyhow::{Context as _, Result, bail};
use kernel::{ErrorCode, Language};

use crate::workspace;

const DOCUMENT: &str = "docs/ERRORS.md";

const HEAD: &str = "\
# Errors

Written by `cargo xtask errors` from `crates/kernel/src/code.rs`; a test compares.

Every refusal has a code from this list. A published code keeps its meaning; sentences may change.

- **`/graphql`**: `errors[].extensions.code`. `message` is for people, in the language `Accept-Language` likes best among
  en, cs, pl and uk (over a socket: in the header, or in the payload of `connection_init`): it names the rule that was
  broken, after its field, as `capacity: must be between 1 and 500`. `extensions.detail` is the same in English. Every
  `INVALID_INPUT` has `extensions.field`, as `plans[1].monthlyFee`, unless the request as a whole is wrong or a value is
  of another type. What is our own fault, or away, has no detail: it stands in the log.
- **Plain routes**: `application/problem+json` (RFC 9457). `type` is `urn:hubnet:problem:` and the code in lower case
  with hyphens, `title` the sentence in the caller's language, `detail` as above, `code` the code.

The status is that of a request refused as a whole. An error of one field of a GraphQL answer leaves the others alone
and travels with status 200, as does a document that cannot be executed when the client accepts only `application/json`.
429 and 503 come with `Retry-After`.

";

/// Writes docs/ERRORS.md: every error code with its meaning, status, remedy and sentences.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing: fail if the committed file differs from the generated one.
    #[arg(long)]
    pub(crate) check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let file = workspace::file(DOCUMENT);
    if arguments.check {
        if fs::read_to_string(&file).ok() == Some(document()) {
            return Ok(());
        }
        bail!("{DOCUMENT} is out of date: run `cargo xtask errors`");
    }
    fs::write(&file, document()).with_context(|| format!("cannot write {}", file.display()))?;
    println!("{} written", file.display());
    Ok(())
}

fn document() -> String {
    let mut text = HEAD.to_owned();
    text.push_str("| code | status | what it means | what to do |\n| --- | --- | --- | --- |\n");
    for code in ErrorCode::ALL {
        add(
            &mut text,
            &[&format!("`{code}`"), &code.status().to_string(), code.meaning().trim(), code.remedy()],
        );
    }
    text.push_str(
        "\n## What people are told\n\n| code | en | cs | pl | uk |\n| --- | --- | --- | --- | --- |\n",
    );
    for code in ErrorCode::ALL {
        let name = format!("`{code}`");
        let sentences = Language::ALL.map(|language| code.sentence(language));
        add(&mut text, &[&[name.as_str()], sentences.as_slice()].concat());
    }
    text
}

fn add(text: &mut String, cells: &[&str]) {
    // Writing to a string cannot fail.
    let _written = writeln!(text, "| {} |", cells.join(" | "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_of_errors_matches_the_code() {
        run(&Arguments { check: true }).expect("current");
    }
}
