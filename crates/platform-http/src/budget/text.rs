//! Counts what a document's text shows. Always true: it makes one pass and stops at the first exceeded limit.

use super::{
    Overspent, QueryBudget,
    lexer::{Lexer, Token},
};

/// The content of an open brace, bracket or parenthesis.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Fields: `name:` renames one.
    Selections,
    /// Arguments, variables, values: `name:` names one.
    Values,
}

#[derive(Default)]
struct Count {
    open: Vec<Inside>,
    after_name: bool,
    tokens: usize,
    spreads: usize,
    aliases: usize,
    directives: usize,
}

pub(super) fn check(budget: &QueryBudget, document: &str) -> Result<(), Overspent> {
    QueryBudget::within(budget.document_bytes, document.len(), "bytes")?;
    let mut count = Count::default();
    for token in Lexer::new(document) {
        count.add(token)?;
        count.check(budget)?;
    }
    Ok(())
}

impl Count {
    fn add(&mut self, token: Token) -> Result<(), Overspent> {
        self.tokens += 1;
        match token {
            Token::Open(sign) => self.open.push(self.opened_by(sign)),
            Token::Close => {
                self.open.pop();
            }
            Token::Spread => self.spreads += 1,
            Token::At => self.directives += 1,
            Token::Colon if self.after_name && self.open.last() == Some(&Inside::Selections) => {
                self.aliases += 1;
            }
            Token::EndlessString => return Err(Overspent::EndlessString),
            Token::Colon | Token::Name | Token::Other => {}
        }
        self.after_name = token == Token::Name;
        Ok(())
    }

    /// A brace opens a selection, unless it stands among values: then it opens an object.
    fn opened_by(&self, sign: u8) -> Inside {
        match self.open.last() {
            None | Some(Inside::Selections) if sign == b'{' => Inside::Selections,
            _ => Inside::Values,
        }
    }

    fn check(&self, budget: &QueryBudget) -> Result<(), Overspent> {
        QueryBudget::within(budget.tokens, self.tokens, "tokens")?;
        QueryBudget::within(budget.nesting, self.open.len(), "levels of nesting")?;
        QueryBudget::within(budget.spreads, self.spreads, "fragment spreads")?;
        QueryBudget::within(budget.aliases, self.aliases, "aliases")?;
        QueryBudget::within(budget.directives, self.directives, "directives")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(document: &str) -> Result<(), Overspent> {
        QueryBudget::default().check_text(document)
    }

    fn too_many(of: &'static str, limit: usize) -> Result<(), Overspent> {
        Err(Overspent::TooMany { of, limit })
    }

    #[test]
    fn an_ordinary_query_passes() {
        let query = r#"query Board($slug: String = "humpolec", $page: PageInput = {first: 10}) {
            hub(slug: $slug) { id home: name occupancy { present capacity } upcomingEvents(page: $page) { id } }
        }"#;
        assert_eq!(verdict(query), Ok(()));
    }

    #[test]
    fn a_long_document_is_refused_whatever_it_contains() {
        assert_eq!(verdict(&" ".repeat(16 * 1024 + 1)), too_many("bytes", 16 * 1024));
        assert_eq!(verdict(&" ".repeat(16 * 1024)), Ok(()));
    }

    #[test]
    fn many_words_are_refused() {
        assert_eq!(verdict(&format!("{{{}}}", "a ".repeat(498))), Ok(()));
        assert_eq!(verdict(&format!("{{{}}}", "a ".repeat(499))), too_many("tokens", 500));
    }

    #[test]
    fn deep_nesting_is_refused_in_fields_and_in_values() {
        let refused = too_many("levels of nesting", 15);
        assert_eq!(verdict(&"{a".repeat(15)), Ok(()));
        assert_eq!(verdict(&"{a".repeat(16)), refused);
        assert_eq!(verdict(&format!("{{a(x:{}", "[".repeat(14))), refused);
    }

    #[test]
    fn many_aliases_are_refused_and_arguments_are_none() {
        assert_eq!(verdict(&format!("{{{}}}", "a:b ".repeat(30))), Ok(()));
        assert_eq!(verdict(&format!("{{{}}}", "a:b ".repeat(31))), too_many("aliases", 30));
        assert_eq!(verdict(&format!("{{a({}x:{{{}}})}}", "a:b ".repeat(40), "a:b ".repeat(40))), Ok(()));
        let after_an_object = format!("{{a(x:{{y:1}}){{{}}}}}", "a:b ".repeat(31));
        assert_eq!(verdict(&after_an_object), too_many("aliases", 30));
    }

    #[test]
    fn many_directives_are_refused() {
        assert_eq!(verdict(&format!("{{a{}}}", "@x".repeat(5))), Ok(()));
        assert_eq!(verdict(&format!("{{a{}}}", "@x".repeat(6))), too_many("directives", 5));
    }

    #[test]
    fn many_spreads_are_refused_named_or_inline() {
        assert_eq!(verdict(&format!("{{{}}}", "...f ".repeat(20))), Ok(()));
        assert_eq!(verdict(&format!("{{{}}}", "...{a}".repeat(21))), too_many("fragment spreads", 20));
    }

    #[test]
    fn the_fragment_bomb_is_refused_before_parsing() {
        let fragments: Vec<String> =
            (0..26).map(|n| format!("fragment f{n} on Query{{...f{}...f{}}}", n + 1, n + 1)).collect();
        assert_eq!(verdict(&format!("{{...f0}}{}", fragments.concat())), too_many("fragment spreads", 20));
    }

    #[test]
    fn nothing_hides_behind_a_string_that_never_ends() {
        assert_eq!(verdict(r#"{a(x:[""" "])...f}"#), Err(Overspent::EndlessString));
    }

    #[test]
    fn closing_what_was_never_opened_is_left_to_the_parser() {
        assert_eq!(verdict("}}]])){a}"), Ok(()));
    }
}
