//! Enums that are stored as words: one way to write them and to read them back.

/// Gives an enum the words under which its values are stored: `word` and `from_word`. The words are in tables and in
/// events, so a word keeps its meaning for ever.
#[macro_export]
macro_rules! stored_words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// Returns the word under which the value is stored.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// Returns the value stored as a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the enum of the test is private")]
mod tests {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Tide {
        Rising,
        Falling,
    }

    crate::stored_words!(Tide { Rising = "rising", Falling = "falling" });

    #[test]
    fn a_value_is_read_back_from_its_word_and_from_no_other() {
        for tide in [Tide::Rising, Tide::Falling] {
            assert_eq!(Tide::from_word(tide.word()), Some(tide));
        }
        assert_eq!(Tide::from_word("Rising"), None);
    }
}
