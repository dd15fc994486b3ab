use proptest::prelude::*;
use secrecy::SecretString;
use unicode_normalization::UnicodeNormalization;

use super::*;

fn email(text: &str) -> Result<String, TextError> {
    EmailAddress::parse(text).map(String::from)
}

fn label(text: &str) -> Result<String, TextError> {
    Label::<20>::parse(text).map(String::from)
}

fn password(text: &str) -> Result<String, TextError> {
    Password::parse(&SecretString::from(text)).map(|password| password.expose().to_owned())
}

#[test]
fn spellings_of_one_mailbox_are_one_address() {
    for (spellings, address) in [
        (
            &[
                "jana@háčkyčárky.cz",
                "jana@xn--hkyrky-ptac70bc.cz",
                "JANA@HÁČKYČÁRKY.CZ",
                "jana@ha\u{301}c\u{30C}kyc\u{30C}a\u{301}rky.cz",
            ][..],
            "jana@xn--hkyrky-ptac70bc.cz",
        ),
        (
            &["jiří@example.org", "jir\u{30C}i\u{301}@example.org", " Jiří@Example.ORG\n"][..],
            "jiří@example.org",
        ),
        (&["dot.dash-plus+tag@mail.example.org"][..], "dot.dash-plus+tag@mail.example.org"),
        (&["jana@example。org"][..], "jana@example.org"),
    ] {
        for spelling in spellings {
            assert_eq!(email(spelling).as_deref(), Ok(address), "{spelling:?}");
        }
    }
}

#[test]
fn what_is_no_plain_address_is_refused() {
    for bad in [
        "",
        "alena",
        "@example.org",
        "alena@",
        "alena@org",
        "a@b@example.org",
        "a b@example.org",
        "a\n@example.org",
        "dot@example.org.",
        "a@.example.org",
        "a@example..org",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        "<a@example.org>",
        "Jana <jana@example.org>",
        "\"a\"@example.org",
        "a(b)@example.org",
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@exa mple.org",
        "a@exam_ple.org",
        "a@-example.org",
        "a@xn--a.org",
        "a\u{202E}b@example.org",
        "a\u{200B}b@example.org",
        "a\u{A0}b@example.org",
        "\u{301}a@example.org",
        "a,b@example.org",
        "a@example.org,",
        &format!("{}@example.org", "a".repeat(65)),
        &format!("a@{}.org", "a".repeat(64)),
        &format!("a@{}org", "label.".repeat(50)),
    ] {
        assert!(email(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_label_is_trimmed_composed_and_visible() {
    assert_eq!(label("  Z\u{30C}luty\u{301} ku\u{30A}n\u{30C} ").as_deref(), Ok("Žlutý kůň"));
    assert_eq!(label("👩\u{200D}🚀 O’Brien ♥\u{FE0F}").as_deref(), Ok("👩\u{200D}🚀 O’Brien ♥\u{FE0F}"));
    assert_eq!(label(&"ž".repeat(20)).map(|it| it.chars().count()), Ok(20));
    assert_eq!(label(&"ž".repeat(21)), Err(TextError::TooLong(20)));
    for empty in ["", "  ", "\u{A0}\u{3000}", "\u{200D}", "\u{2800}", "\u{FE0F}"] {
        assert!(label(empty).is_err(), "{empty:?}");
    }
    for bad in [
        '\0',
        '\n',
        '\u{7F}',
        '\u{85}',
        '\u{200E}',
        '\u{202E}',
        '\u{2066}',
        '\u{200B}',
        '\u{FEFF}',
        '\u{3164}',
        '\u{2028}',
        '\u{FFFF}',
        '\u{E0041}',
    ] {
        assert_eq!(label(&format!("a{bad}b")), Err(TextError::Forbidden(bad)));
    }
    assert_eq!(label("\u{301}a"), Err(TextError::Forbidden('\u{301}')));
}

#[test]
fn a_free_text_has_lines_and_may_be_empty() {
    let text = |text: &str| FreeText::<20>::parse(text).map(String::from);
    assert_eq!(text(" \n ").as_deref(), Ok(""));
    assert_eq!(text("one\r\ntwo\tthree\n").as_deref(), Ok("one\ntwo three"));
    assert_eq!(text("one\rtwo"), Err(TextError::Forbidden('\r')));
    assert_eq!(text("\u{200B}"), Err(TextError::Forbidden('\u{200B}')));
    assert_eq!(text(&"x".repeat(21)), Err(TextError::TooLong(20)));
}

#[test]
fn a_slug_has_lower_case_a_to_z_digits_and_inner_dashes() {
    let slug = |text: &str| Slug::parse(text).map(String::from);
    assert_eq!(slug(" nowa-huta2 ").as_deref(), Ok("nowa-huta2"));
    for bad in ["", "-a", "a-", "A", "ž", "a b", "a_b", "a\u{202E}b", &"a".repeat(61)] {
        assert!(slug(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn an_external_id_is_kept_byte_by_byte() {
    let id = |text: &str| ExternalId::<8>::parse(text).map(String::from);
    assert_eq!(id(" i\u{301} ").as_deref(), Ok(" i\u{301} "));
    for bad in ["", " ", "123456789", "a\0", "a\u{202E}"] {
        assert!(id(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_code_is_the_same_however_it_came_over() {
    let code = |text: &str| Code::parse(text).map(|code| code.expose().to_owned());
    for spelling in
        ["ab2c-d3_E", " ab2c-\r\n d3_E\u{200B}", "\u{FEFF}ａｂ２ｃ－ｄ３＿Ｅ", "ab2c\u{2013}d3_E\u{AD}"]
    {
        assert_eq!(code(spelling).as_deref(), Ok("ab2c-d3_E"), "{spelling:?}");
    }
    assert!(code(" ").is_err() && code("a\0b").is_err() && code(&"a".repeat(501)).is_err());
    assert!(!format!("{:?}", Code::parse("secret")).contains("secret"));
}

#[test]
fn a_password_is_the_same_on_every_keyboard() {
    let plain = "Žluťoučký kůň 1";
    let decomposed: String = plain.nfd().collect();
    assert_eq!(password(&decomposed).as_deref(), Ok(plain));
    assert_eq!(password("Žluťoučký\u{A0}kůň\u{3000}1").as_deref(), Ok(plain));
    assert_eq!(password("  correct horse  ").as_deref(), Ok("  correct horse  "), "nothing is trimmed");
    assert_eq!(password("twelve foxes🦊").as_deref(), Ok("twelve foxes🦊"), "younger than Unicode 6.3");
    let korean: String = "비밀번호가열두글자이상".nfd().collect();
    assert_eq!(password(&format!("{korean}!")).as_deref(), Ok("비밀번호가열두글자이상!"));
    assert_eq!(password("elevenchars"), Err(TextError::TooShort(12)));
    assert_eq!(password(&"ž".repeat(257)), Err(TextError::TooLong(256)));
    assert!(password(&"ž".repeat(256)).is_ok());
    for bad in ['\0', '\n', '\u{200D}', '\u{202E}', '\u{E000}', '\u{FFFF}'] {
        assert_eq!(password(&format!("long enough {bad}")), Err(TextError::Forbidden(bad)));
    }
}

#[test]
fn a_shown_password_is_tried_prepared_and_as_it_was_typed() {
    let shown = |text: &str| ShownPassword::from(SecretString::from(text));
    let (prepared, typed) = ("kůň", "ku\u{30A}n\u{30C}");
    assert_eq!((shown(prepared).prepared(), shown(prepared).as_typed()), (Some(prepared), None));
    assert_eq!((shown(typed).prepared(), shown(typed).as_typed()), (Some(prepared), Some(typed)));
    assert_eq!((shown("a\nb").prepared(), shown("a\nb").as_typed()), (None, Some("a\nb")));
    assert!(!format!("{:?}", shown(typed)).contains(typed));
}

#[test]
fn an_error_states_the_rule_and_the_length() {
    assert_eq!(
        label("a\u{202E}").expect_err("bad").to_string(),
        "must not contain control characters or invisible ones, such as U+202E"
    );
    assert_eq!(TextError::TooLong(20).to_string(), "must have at most 20 characters");
}

/// Texts near the rules: letters with and without marks, blanks, invisible characters, and anything else.
fn texts() -> impl Strategy<Value = String> {
    let near = prop::sample::select(vec![
        "a",
        "Ž",
        "z\u{30C}",
        "\u{301}",
        " ",
        "\u{A0}",
        "\n",
        "\r\n",
        "\t",
        "\u{200B}",
        "\u{200D}",
        "\u{202E}",
        "\u{2066}",
        "İ",
        "Σ",
        "ß",
        "ǆ",
        "K",
        "ﬁ",
        "가",
        "\u{1100}\u{1161}",
        "-",
        ".",
        "@",
        "1",
        "xn--",
        "🦊",
        "\u{FE0F}",
        "\0",
    ]);
    let sign = prop_oneof![3 => near.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(sign, 0..12).prop_map(|signs| signs.concat())
}

/// Texts near addresses: mostly letters, some of them in another composition.
fn addresses() -> impl Strategy<Value = String> {
    ("[a-zA-Zžřůíß0-9İΣ]{1,8}(\\.[a-zé]{1,4})?", "[a-zA-Zčšáü0-9]{1,8}", "(cz|org|PL|укр)")
        .prop_map(|(local, domain, top)| format!("{local}@{domain}.{top}"))
}

proptest! {
    #[test]
    fn reading_again_what_was_accepted_changes_nothing(text in texts()) {
        if let Ok(once) = label(&text) { prop_assert_eq!(label(&once), Ok(once)); }
        if let Ok(once) = FreeText::<20>::parse(&text) {
            prop_assert_eq!(FreeText::<20>::parse(once.as_str()), Ok(once));
        }
        if let Ok(once) = Slug::parse(&text) { prop_assert_eq!(Slug::parse(once.as_str()), Ok(once)); }
        if let Ok(once) = password(&text.repeat(3)) { prop_assert_eq!(password(&once), Ok(once)); }
        if let Ok(once) = Code::parse(&text) {
            prop_assert_eq!(Code::parse(once.expose()).map(|it| it.expose().to_owned()), Ok(once.expose().to_owned()));
        }
        if let Ok(once) = email(&text) { prop_assert_eq!(email(&once), Ok(once)); }
    }

    #[test]
    fn what_is_accepted_is_displayed_as_it_is_stored(text in texts()) {
        if let Ok(shown) = label(&text) {
            prop_assert!(shown.chars().any(is_visible));
            prop_assert!(!shown.chars().any(|sign| sign.is_control() || is_forbidden(sign)));
            prop_assert!(shown.trim() == shown && shown.chars().count() <= 20);
            prop_assert_eq!(shown.nfc().collect::<String>(), shown);
        }
    }

    #[test]
    fn a_mailbox_is_one_in_each_spelling(address in addresses()) {
        let one = email(&address);
        prop_assert!(one.is_ok(), "{address}");
        let one = one.expect("an address");
        prop_assert_eq!(email(&one), Ok(one.clone()));
        let spellings: [String; 3] =
            [address.nfd().collect(), format!(" {address} "), address.nfc().collect()];
        for spelling in spellings {
            prop_assert_eq!(email(&spelling), Ok(one.clone()), "{:?}", spelling);
        }
        let (local, domain) = one.split_once('@').expect("an address");
        prop_assert!(domain.is_ascii() && domain.to_ascii_lowercase() == domain);
        prop_assert_eq!(local.nfc().collect::<String>(), local);
        let in_unicode = format!("{local}@{}", idna::domain_to_unicode(domain).0);
        prop_assert_eq!(email(&in_unicode), Ok(one.clone()));
    }

    #[test]
    fn a_password_in_another_normal_form_is_the_same(text in "[ -~žščřůíéßäöü가-힣]{12,40}") {
        let decomposed: String = text.nfd().collect();
        prop_assert_eq!(password(&text), password(&decomposed));
    }
}
