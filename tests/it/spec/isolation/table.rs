//! The matrix file: sections that describe how a type is reached, each with one line per field.

use std::fmt;

/// The callers, in the order of the columns.
pub(super) const CALLERS: [&str; 12] = [
    "anonymous",
    "member",
    "suspended",
    "device",
    "operator",
    "administrator",
    "coordinator",
    "neighbour",
    "stranger",
    "program",
    "network administrator",
    "outsider",
];

/// The callers of another tenant: they use this hub's ids alone, which are not theirs.
pub(super) const TENANTS: [&str; 3] = ["neighbour", "stranger", "outsider"];

/// The access of a caller, depending on whose id is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Access with any id.
    Allow,
    /// Access in their own network, nothing in others.
    Network,
    /// Access to their own, nothing of others.
    Own,
    /// A refusal: they may not.
    Deny,
    /// The object appears not to exist.
    None,
}

impl Word {
    /// Returns whether a caller gets it with ids of that place.
    pub(super) fn gets(self, whose: Whose) -> bool {
        match self {
            Self::Allow => true,
            Self::Network => whose != Whose::Far,
            Self::Own => whose == Whose::Own,
            Self::Deny | Self::None => false,
        }
    }

    const ALL: [(Self, &str); 5] = [
        (Self::Allow, "allow"),
        (Self::Network, "network"),
        (Self::Own, "own"),
        (Self::Deny, "deny"),
        (Self::None, "none"),
    ];

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name)| *name == word).map(|(word, _)| word)
    }
}

/// The origin of the given ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    Own,
    /// Another hub of the network.
    Other,
    /// Another network.
    Far,
}

impl Whose {
    /// Returns the name of its part of an operation.
    pub(super) const fn alias(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Other => "other",
            Self::Far => "far",
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.into_iter().find(|(word, _)| word == self).map_or("", |(_, name)| name);
        f.pad(name)
    }
}

/// A way to reach a type, and the access to its fields this way.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) of: String,
    /// A selection in which `@` stands for the field.
    pub(super) way: String,
    pub(super) rows: Vec<Row>,
}

/// A line: a field, or `*` for every other field of the type in the section.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) field: String,
    /// `None`: whoever gets the parent object gets the field.
    pub(super) words: Option<[Word; CALLERS.len()]>,
}

/// A field by one of its ways.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) of: String,
    pub(super) field: String,
    pub(super) way: String,
    pub(super) words: [Word; CALLERS.len()],
}

impl Line {
    /// Returns the field, with its type.
    pub(super) fn name(&self) -> String {
        format!("{}.{}", self.of, self.field)
    }
}

/// Reads the matrix of the repository.
pub(super) fn read() -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in include_str!("matrix.txt").lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((of, way)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            sections.push(Section { of: of.to_owned(), way: way.trim().to_owned(), rows: Vec::new() });
            continue;
        }
        let section = sections.last_mut().expect("a section before the first line");
        section.rows.push(row(&section.of, line));
    }
    sections
}

fn row(of: &str, line: &str) -> Row {
    let (name, cells) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let field = name.strip_prefix(of).and_then(|rest| rest.strip_prefix('.'));
    let field = field.unwrap_or_else(|| panic!("{name} stands in the section of {of}")).to_owned();
    if cells.trim() == "with its parent" {
        return Row { field, words: None };
    }
    let words =
        cells.split_whitespace().map(|word| Word::of(word).unwrap_or_else(|| panic!("{line}: {word}")));
    let words: Vec<Word> = words.collect();
    let words = words.try_into().unwrap_or_else(|_| {
        panic!("{line}: a word for each of {CALLERS:?}; how to add one stands at the head of the file")
    });
    Row { field, words: Some(words) }
}
