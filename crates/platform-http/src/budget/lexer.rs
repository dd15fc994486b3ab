//! The tokens of a GraphQL document, as far as counting needs them.
//!
//! Always true: whatever the real parser could read as a name, a spread or a brace is such a token here too, so a
//! string or a comment of this lexer hides none. A string without an end stops the reading.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `{`, `[` or `(`.
    Open(u8),
    /// `}`, `]` or `)`.
    Close,
    /// `...`
    Spread,
    /// `@`
    At,
    /// `:`
    Colon,
    /// A word.
    Name,
    /// A string, a number, any other sign.
    Other,
    /// A string that never ends.
    EndlessString,
}

/// Reads tokens from the bytes of a document.
pub(super) struct Lexer<'a> {
    rest: &'a [u8],
}

impl<'a> Lexer<'a> {
    pub(super) fn new(document: &'a str) -> Self {
        Self { rest: document.as_bytes() }
    }

    /// Steps over `length` bytes.
    fn skip(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
    }

    /// Steps over all bytes that `belongs` accepts.
    fn skip_while(&mut self, belongs: impl Fn(u8) -> bool) {
        let length = self.rest.iter().take_while(|&&byte| belongs(byte)).count();
        self.skip(length);
    }

    fn skip_ignored(&mut self) {
        loop {
            match self.rest {
                [b' ' | b'\t' | b'\r' | b'\n' | b',', ..] => self.skip(1),
                [0xEF, 0xBB, 0xBF, ..] => self.skip(3),
                [b'#', ..] => self.skip_while(|byte| byte != b'\n' && byte != b'\r'),
                _ => return,
            }
        }
    }

    /// Reads a string after its opening quote.
    fn string(&mut self) -> Token {
        loop {
            match self.rest {
                [] | [b'\n' | b'\r', ..] => return Token::EndlessString,
                [b'"', ..] => {
                    self.skip(1);
                    return Token::Other;
                }
                [b'\\', _, ..] => self.skip(2),
                _ => self.skip(1),
            }
        }
    }

    /// Reads a block string after its three opening quotes.
    fn block_string(&mut self) -> Token {
        loop {
            match self.rest {
                [] => return Token::EndlessString,
                [b'"', b'"', b'"', ..] => {
                    self.skip(3);
                    return Token::Other;
                }
                [b'\\', b'"', b'"', b'"', ..] => self.skip(4),
                _ => self.skip(1),
            }
        }
    }

    fn sign(&mut self, length: usize, token: Token) -> Token {
        self.skip(length);
        token
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip_ignored();
        let token = match self.rest {
            [] => return None,
            [open @ (b'{' | b'[' | b'('), ..] => self.sign(1, Token::Open(*open)),
            [b'}' | b']' | b')', ..] => self.sign(1, Token::Close),
            [b'.', b'.', b'.', ..] => self.sign(3, Token::Spread),
            [b'@', ..] => self.sign(1, Token::At),
            [b':', ..] => self.sign(1, Token::Colon),
            [b'"', b'"', b'"', ..] => {
                self.skip(3);
                self.block_string()
            }
            [b'"', ..] => {
                self.skip(1);
                self.string()
            }
            [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => {
                self.skip_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                Token::Name
            }
            [b'0'..=b'9', ..] => {
                self.skip_while(|byte| byte.is_ascii_digit());
                Token::Other
            }
            _ => self.sign(1, Token::Other),
        };
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(document: &str) -> Vec<Token> {
        Lexer::new(document).collect()
    }

    #[test]
    fn strings_and_comments_hide_what_they_hold() {
        assert_eq!(tokens(r#" "...{" # ...{ "#), [Token::Other]);
        assert_eq!(tokens("\"\"\" { \\\"\"\" } \n \"\"\""), [Token::Other]);
        assert_eq!(tokens(r#" "a \" { b" "#), [Token::Other]);
    }

    #[test]
    fn a_comment_ends_with_its_line() {
        assert_eq!(tokens("# note\rname # note\n:"), [Token::Name, Token::Colon]);
    }

    #[test]
    fn a_string_without_an_end_stops_the_reading() {
        for endless in ["\"open", "\"open\nclose\"", "\"\"\" open \""] {
            assert_eq!(tokens(endless)[0], Token::EndlessString, "{endless}");
        }
    }

    #[test]
    fn commas_and_the_byte_order_mark_are_nothing() {
        assert_eq!(tokens("\u{feff}a,,,b"), [Token::Name, Token::Name]);
    }

    #[test]
    fn other_bytes_count_one_by_one() {
        assert_eq!(tokens("é").len(), 2);
        assert_eq!(tokens("-1.5e9 $x!").len(), 8);
    }
}
