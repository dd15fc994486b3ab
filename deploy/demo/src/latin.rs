//! Transliterates Czech, Polish and Ukrainian names to plain lower-case letters, for mail addresses.

/// Removes diacritics and transliterates Cyrillic; drops every other character that is not a sign.
pub(crate) fn latin(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).fold(String::new(), |mut out, sign| {
        match sign {
            'a'..='z' => out.push(sign),
            _ => out.push_str(in_latin(sign)),
        }
        out
    })
}

fn in_latin(sign: char) -> &'static str {
    match sign {
        'á' | 'ą' | 'а' => "a",
        'č' | 'ć' => "c",
        'ď' | 'д' => "d",
        'é' | 'ě' | 'ę' | 'е' => "e",
        'í' | 'и' | 'і' | 'ї' => "i",
        'ł' | 'л' => "l",
        'ň' | 'ń' | 'н' => "n",
        'ó' | 'о' => "o",
        'ř' | 'р' => "r",
        'š' | 'ś' | 'с' => "s",
        'ť' | 'т' => "t",
        'ú' | 'ů' | 'у' => "u",
        'ý' | 'й' => "y",
        'ž' | 'ź' | 'ż' | 'з' => "z",
        'б' => "b",
        'в' => "v",
        'г' => "h",
        'ґ' => "g",
        'є' => "ie",
        'ж' => "zh",
        'к' => "k",
        'м' => "m",
        'п' => "p",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ю' => "iu",
        'я' => "ia",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::latin;

    #[test]
    fn names_of_three_alphabets_become_plain_ascii() {
        assert_eq!(latin("Jiří Dvořák"), "jiridvorak");
        assert_eq!(latin("Łukasz Wójcik"), "lukaszwojcik");
        assert_eq!(latin("Оксана Шевченко"), "oksanashevchenko");
    }
}
