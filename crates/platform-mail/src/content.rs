//! What a mail says, and the templates that it is made from.
//!
//! Always true:
//! - Each template is three files for each language (subject, text, HTML), compiled into the program: a missing file, a
//!   misspelt field or a missing language does not compile.
//! - The HTML file escapes every value that it shows. The text file needs no escaping. A subject is one line.

use std::fmt;

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 200;

/// The subject of a mail: one line of visible text.
///
/// Always true: it holds no line break and no other control character, so it cannot end its header and begin another
/// (header injection).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(String);

impl Subject {
    /// Makes a subject of any text: control characters and line separators count as spaces, spaces fall together, and
    /// what is longer than 200 characters is cut off.
    pub fn new(text: &str) -> Self {
        let is_break =
            |sign: char| sign.is_whitespace() || sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}');
        let words: Vec<&str> = text.split(is_break).filter(|word| !word.is_empty()).collect();
        let line: String = words.join(" ").chars().take(LONGEST_SUBJECT).collect();
        Self(line.trim_end().to_owned())
    }

    /// Returns the line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a mail says in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    subject: Subject,
    text: String,
    html: String,
}

impl Content {
    /// Joins the three rendered parts. The HTML is what stands inside the body of the mail.
    pub fn new(subject: &str, text: &str, html: &str) -> Self {
        Self { subject: Subject::new(subject), text: text.trim().to_owned(), html: html.trim().to_owned() }
    }

    /// Returns the subject.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Returns the plain text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the HTML.
    pub fn html(&self) -> &str {
        &self.html
    }
}

/// A template cannot be rendered.
#[derive(Debug, thiserror::Error)]
#[error("a mail template cannot be rendered")]
pub struct TemplateError(#[from] askama::Error);

/// A mail before its language is known.
pub trait MailTemplate {
    /// Renders it.
    ///
    /// # Errors
    /// Fails if a value cannot be shown.
    fn content(&self, language: kernel::Language) -> Result<Content, TemplateError>;
}

/// Declares a mail: the values that its templates show, and its files for each language below the crate's `templates`.
/// The files name a value `mail.<field>`. The crate depends on `askama`.
///
/// ```ignore
/// platform_mail::mail_template! {
///     /// A code for a new password.
///     pub(crate) struct PasswordReset { code: String }
///     En: "en/password_reset.subject", "en/password_reset.txt", "en/password_reset.html";
///     // … Cs, Pl, Uk
/// }
/// ```
#[macro_export]
macro_rules! mail_template {
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident { $($field:ident: $type:ty),* $(,)? }
        $($language:ident: $subject:literal, $text:literal, $html:literal;)+
    ) => {
        $(#[$doc])*
        $vis struct $name { $(pub(crate) $field: $type),* }

        impl $crate::MailTemplate for $name {
            fn content(
                &self,
                language: ::kernel::Language,
            ) -> ::core::result::Result<$crate::Content, $crate::TemplateError> {
                match language {
                    $(::kernel::Language::$language => {
                        #[derive(::askama::Template)]
                        #[template(path = $subject, escape = "none")]
                        struct InSubject<'t> { mail: &'t $name }
                        #[derive(::askama::Template)]
                        #[template(path = $text, escape = "none")]
                        struct InText<'t> { mail: &'t $name }
                        #[derive(::askama::Template)]
                        #[template(path = $html, escape = "html")]
                        struct InHtml<'t> { mail: &'t $name }
                        let (subject, text, html) =
                            (InSubject { mail: self }, InText { mail: self }, InHtml { mail: self });
                        // A mail without values reads none of them.
                        let _read = (subject.mail, text.mail, html.mail);
                        Ok($crate::Content::new(
                            &::askama::Template::render(&subject)?,
                            &::askama::Template::render(&text)?,
                            &::askama::Template::render(&html)?,
                        ))
                    })+
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use kernel::Language;
    use proptest::prelude::*;

    use super::*;

    crate::mail_template! {
        /// A mail that shows a value everywhere.
        struct Toy { name: String }
        En: "test/toy.subject", "test/toy.txt", "test/toy.html";
        Cs: "test/toy.subject", "test/toy.txt", "test/toy.html";
        Pl: "test/toy.subject", "test/toy.txt", "test/toy.html";
        Uk: "test/toy.subject", "test/toy.txt", "test/toy.html";
    }

    proptest! {
        /// Whatever somebody calls themselves, a mail's subject is one line and its HTML holds no tag of theirs.
        #[test]
        fn a_value_cannot_leave_its_place_in_a_mail(name in any::<String>()) {
            let content = Toy { name: name.clone() }.content(Language::En).expect("rendered");
            prop_assert!(!content.subject().as_str().chars().any(char::is_control));
            prop_assert!(content.subject().as_str().chars().count() <= LONGEST_SUBJECT);
            let shown = content.html().strip_prefix("<p>").and_then(|it| it.strip_suffix("</p>"));
            prop_assert!(shown.is_some_and(|shown| !shown.contains(['<', '>', '"'])), "{}", content.html());
        }
    }

    #[test]
    fn a_subject_with_a_line_break_is_one_line() {
        let subject = Subject::new("Hello\r\nBcc: everybody@example.org\u{2028}\tand\u{0}more ");
        assert_eq!(subject.as_str(), "Hello Bcc: everybody@example.org and more");
    }
}
