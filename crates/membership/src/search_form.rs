//! The form in which members are found and sorted: words without diacritics, script or case, and a sort key.
//!
//! Always true:
//! - The stored words and the searched words are made by the same functions, so what is typed as it is written is
//!   found, whatever the keyboard: `Żółć` by `zolc`, `Олена` by `olena`, `Novák` by `Новак`.
//! - A word in Cyrillic is stored in two forms: as `deunicode` romanises it, and as a Ukrainian passport does.
//! - A word of a search matches the beginning of any word of a name or address; all words of a search must match.
//! - Names are sorted as the language of the hub sorts them: in Czech `Ch` follows `H`, in Polish `Ł` follows `L`.
//! - The forms are personal data: they lead to the name. They are erased with it.

use std::{collections::BTreeSet, sync::LazyLock};

use deunicode::{deunicode, deunicode_char};
use icu_collator::{CollatorBorrowed, CollatorPreferences, options::CollatorOptions};
use icu_locale_core::locale;
use kernel::Language;

/// Longer words are cut; a search for more than this finds what begins so.
const LONGEST_WORD: usize = 80;
/// The part of a sort key that counts, in bytes; names that differ later are sorted by their ids.
const LONGEST_KEY: usize = 200;
/// The most words of one search.
pub(crate) const MOST_WORDS: usize = 8;

/// Returns the words by which a member is found: those of the name, the address, and the parts of its local part.
pub(crate) fn words_of(name: &str, email: &str) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = pieces(&plain(name)).collect();
    words.extend(pieces(&romanised(name)));
    let local = email.split('@').next().unwrap_or_default();
    words.extend(pieces(&plain(local)));
    words.insert(cut(&plain(email)));
    words.retain(|word| !word.is_empty());
    words
}

/// Returns the words of a search, each of which must begin a word of a member. A word with `@` is the beginning of an
/// address.
pub(crate) fn searched_words(text: &str) -> Vec<String> {
    let of_part = |part: &str| -> Vec<String> {
        let plain = plain(part);
        if plain.contains('@') { vec![cut(&plain)] } else { pieces(&plain).collect() }
    };
    let mut words: Vec<String> = text.split_whitespace().flat_map(of_part).collect();
    // The longest word selects the fewest members.
    words.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    words.dedup();
    words
}

/// Returns the key that sorts a name as a language does, in hexadecimal digits.
pub(crate) fn sort_key(language: Language, name: &str) -> String {
    let mut key = Vec::new();
    match collator(language) {
        Some(collator) => {
            let Ok(()) = collator.write_sort_key_to(name, &mut key);
        }
        None => key.extend(plain(name).bytes()),
    }
    key.truncate(LONGEST_KEY);
    hex::encode(key)
}

fn collator(language: Language) -> Option<&'static CollatorBorrowed<'static>> {
    static COLLATORS: LazyLock<[Option<CollatorBorrowed<'static>>; 4]> = LazyLock::new(|| {
        let of =
            |locale: CollatorPreferences| CollatorBorrowed::try_new(locale, CollatorOptions::default()).ok();
        [
            of(locale!("en").into()),
            of(locale!("cs").into()),
            of(locale!("pl").into()),
            of(locale!("uk").into()),
        ]
    });
    let [en, cs, pl, uk] = &*COLLATORS;
    match language {
        Language::En => en,
        Language::Cs => cs,
        Language::Pl => pl,
        Language::Uk => uk,
    }
    .as_ref()
}

/// Returns a text in small Latin letters. Apostrophes and the soft sign are left out: `Мар'яна` is one word.
fn plain(text: &str) -> String {
    let text = deunicode(text).to_lowercase();
    text.chars().filter(|sign| !is_apostrophe(*sign)).collect()
}

/// Returns a text as a Ukrainian passport romanises it (resolution 55 of 2010), in small letters; empty if it has no
/// Cyrillic letter.
fn romanised(text: &str) -> String {
    let text = text.to_lowercase();
    if !text.chars().any(|letter| ('\u{400}'..='\u{52F}').contains(&letter)) {
        return String::new();
    }
    let mut romanised = String::new();
    let mut previous = ' ';
    for letter in text.chars().filter(|letter| !is_apostrophe(*letter)) {
        let is_first = !previous.is_alphanumeric();
        romanised.push_str(match letter {
            'г' if previous == 'з' => "gh",
            'г' => "h",
            'ґ' => "g",
            'є' => {
                if is_first {
                    "ye"
                } else {
                    "ie"
                }
            }
            'ж' => "zh",
            'и' => "y",
            'й' | 'ї' => {
                if is_first {
                    "yi"
                } else {
                    "i"
                }
            }
            'х' => "kh",
            'ц' => "ts",
            'ч' => "ch",
            'ш' => "sh",
            'щ' => "shch",
            'ю' => {
                if is_first {
                    "yu"
                } else {
                    "iu"
                }
            }
            'я' => {
                if is_first {
                    "ya"
                } else {
                    "ia"
                }
            }
            'ь' | 'ъ' => "",
            other => deunicode_char(other).unwrap_or_default(),
        });
        previous = letter;
    }
    plain(&romanised)
}

fn is_apostrophe(sign: char) -> bool {
    matches!(sign, '\'' | '"' | '`' | '´' | '\u{2018}' | '\u{2019}' | '\u{2BC}' | '\u{2B9}' | '\u{2032}')
}

/// Returns the words of a plain text.
fn pieces(plain: &str) -> impl Iterator<Item = String> {
    plain.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(cut)
}

fn cut(word: &str) -> String {
    word.chars().take(LONGEST_WORD).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_found(name: &str, email: &str, text: &str) -> bool {
        let words = words_of(name, email);
        let searched = searched_words(text);
        !searched.is_empty()
            && searched.iter().all(|one| words.iter().any(|word| word.starts_with(one.as_str())))
    }

    #[test]
    fn a_name_is_found_whatever_its_diacritics_and_script() {
        for (name, text) in [
            ("Zofia Żółć", "zolc"),
            ("Zofia Żółć", "ŻÓŁĆ zof"),
            ("Олена Григоренко", "olena"),
            ("Олена Григоренко", "hryhor"),
            ("Олена Григоренко", "григ"),
            ("Ярина Щербак", "yaryna shcher"),
            ("Мар'яна Луць", "marian"),
            ("Мар’яна Луць", "мар'яна"),
            ("Jan Novák", "Новак"),
            ("Iva O'Brien-Nováková", "obrien novak"),
            ("Łukasz Ząb", "lukasz zab"),
        ] {
            assert!(is_found(name, "x@example.org", text), "{name} by {text}: {:?}", words_of(name, ""));
        }
        for text in ["ovak", "jana", "novak petr", "example", "..."] {
            assert!(!is_found("Jan Novák", "x@example.org", text), "{text}");
        }
    }

    #[test]
    fn an_address_is_found_by_its_beginning_and_by_the_parts_before_the_at_sign() {
        for text in ["jan.novak@exa", "Jan.N", "novak", "JAN.NOVAK@EXAMPLE.ORG"] {
            assert!(is_found("Somebody Else", "jan.novak@example.org", text), "{text}");
        }
        assert!(!is_found("Somebody Else", "jan.novak@example.org", "novak@exa"));
    }

    #[test]
    fn names_are_sorted_as_the_language_of_the_hub_sorts_them() {
        let sorted = |language: Language, names: &[&str]| {
            let mut sorted: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            sorted.sort_by_key(|name| sort_key(language, name));
            sorted.join(" ")
        };
        assert_eq!(
            sorted(Language::Cs, &["Chalupa", "Cibulka", "Hora", "Čech", "Ivan", "Dub"]),
            "Cibulka Čech Dub Hora Chalupa Ivan"
        );
        assert_eq!(sorted(Language::Pl, &["Łoś", "Lis", "Mak", "Luty"]), "Lis Luty Łoś Mak");
        assert_eq!(sorted(Language::Uk, &["Ґудзь", "Гай", "Дуб", "Іван", "Ива"]), "Гай Ґудзь Дуб Ива Іван");
        assert_eq!(sorted(Language::En, &["Chalk", "Hill", "Cook"]), "Chalk Cook Hill");
    }

    proptest! {
        /// Whoever types the beginning of any word of a name, as it is written, finds the member.
        #[test]
        fn the_beginning_of_any_word_of_a_name_finds_it(
            name in "[A-Za-zÀ-žА-Яа-яҐґЄєІіЇї]{1,12}( [A-Za-zÀ-žА-Яа-яҐґЄєІіЇї]{1,12}){0,3}",
            which in 0_usize..4,
            length in 1_usize..13,
        ) {
            let words: Vec<&str> = name.split(' ').collect();
            let word = words[which % words.len()];
            let beginning: String = word.chars().take(length).collect();
            if !searched_words(&beginning).is_empty() {
                prop_assert!(is_found(&name, "x@example.org", &beginning), "{} by {}", name, beginning);
            }
        }

        /// Sorted by their keys, equal names are neighbours, and the order does not depend on the order of insertion.
        #[test]
        fn a_key_depends_on_the_name_alone(name in "\\PC{0,40}") {
            prop_assert_eq!(sort_key(Language::Cs, &name), sort_key(Language::Cs, &name));
            prop_assert!(sort_key(Language::Cs, &name).len() <= 2 * LONGEST_KEY);
        }
    }
}
