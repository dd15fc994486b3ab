//! A mail in the form of the Internet (RFC 5322, MIME): headers, a plain part and an HTML part.
//!
//! Always true:
//! - The plain part says everything; the HTML part loads nothing and links only to what the plain part shows.
//! - The `Message-ID` is made of the mail's id and the sender's domain, so it is the same at every try.
//! - A mail that can be declined says how, for programs (`List-Unsubscribe`, RFC 8058) and below its text.

use askama::Template;
use kernel::{Language, MailId};
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use crate::{Composed, Content, TemplateError};

/// Why a mail has no such form.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsendable {
    #[error("the recipient's address has no form that a mail server takes")]
    Address(#[from] lettre::address::AddressError),
    #[error(transparent)]
    Form(#[from] lettre::error::Error),
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// Builds the message of a mail. `unsubscribe` is the link that declines such mail.
pub(crate) fn build(
    from: &Mailbox,
    id: MailId,
    mail: &Composed,
    unsubscribe: Option<&str>,
) -> Result<Message, Unsendable> {
    let to: Mailbox = mail.to.as_str().parse()?;
    let message_id = format!("<{}@{}>", Uuid::from(id).simple(), from.email.domain());
    let mut builder = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(mail.content.subject().as_str())
        .message_id(Some(message_id))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("Content-Language", mail.language.code()));
    if let Some(link) = unsubscribe {
        builder = builder
            .raw_header(header("List-Unsubscribe", &format!("<{link}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    let (text, html) = (text(&mail.content, mail.language, unsubscribe)?, html(mail, unsubscribe)?);
    Ok(builder.multipart(MultiPart::alternative_plain_html(text, html))?)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn text(content: &Content, language: Language, unsubscribe: Option<&str>) -> Result<String, TemplateError> {
    let footer = match language {
        Language::En => FooterEn { unsubscribe }.render()?,
        Language::Cs => FooterCs { unsubscribe }.render()?,
        Language::Pl => FooterPl { unsubscribe }.render()?,
        Language::Uk => FooterUk { unsubscribe }.render()?,
    };
    Ok(format!("{}\n\n{}\n", content.text(), footer.trim()))
}

fn html(mail: &Composed, unsubscribe: Option<&str>) -> Result<String, TemplateError> {
    let footer = match mail.language {
        Language::En => HtmlFooterEn { unsubscribe }.render()?,
        Language::Cs => HtmlFooterCs { unsubscribe }.render()?,
        Language::Pl => HtmlFooterPl { unsubscribe }.render()?,
        Language::Uk => HtmlFooterUk { unsubscribe }.render()?,
    };
    let (language, subject) = (mail.language.code(), mail.content.subject().as_str());
    Ok(Layout { language, subject, body: mail.content.html(), footer: &footer }.render()?)
}

/// The HTML document around a body, which its own template has escaped.
#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'m> {
    language: &'m str,
    subject: &'m str,
    body: &'m str,
    footer: &'m str,
}

macro_rules! footers {
    ($($text:ident $html:ident $text_file:literal $html_file:literal;)+) => {$(
        #[derive(Template)]
        #[template(path = $text_file, escape = "none")]
        struct $text<'m> { unsubscribe: Option<&'m str> }
        #[derive(Template)]
        #[template(path = $html_file, escape = "html")]
        struct $html<'m> { unsubscribe: Option<&'m str> }
    )+};
}

footers! {
    FooterEn HtmlFooterEn "en/footer.txt" "en/footer.html";
    FooterCs HtmlFooterCs "cs/footer.txt" "cs/footer.html";
    FooterPl HtmlFooterPl "pl/footer.txt" "pl/footer.html";
    FooterUk HtmlFooterUk "uk/footer.txt" "uk/footer.html";
}

#[cfg(test)]
mod tests {
    use kernel::{EmailAddress, Id as _, World};
    use proptest::prelude::*;

    use super::*;

    fn built(subject: &str, text: &str, unsubscribe: Option<&str>) -> String {
        let id = MailId::generate(&World::for_test(1));
        let to = EmailAddress::parse("jana@example.org").expect("an address");
        let content = Content::new(subject, text, "<p>Hello</p>");
        let mail = Composed { to, language: Language::Cs, content };
        let from = "Hub <hub@example.org>".parse().expect("a sender");
        let message = build(&from, id, &mail, unsubscribe).expect("a message");
        String::from_utf8(message.formatted()).expect("ASCII")
    }

    fn headers(message: &str) -> Vec<&str> {
        let head = message.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        lines.filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect()
    }

    #[test]
    fn a_mail_that_can_be_declined_says_so_for_programs_and_for_people() {
        let link = "https://hub.example.org/mail/events/unsubscribe/abc";
        let message = built("Hello", "Text", Some(link)).replace("=\r\n", "");
        assert!(message.contains(&format!("List-Unsubscribe: <{link}>\r\n")), "{message}");
        assert!(message.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{message}");
        assert_eq!(message.matches(link).count(), 4, "header, text, address and words in HTML: {message}");
        let other = built("Hello", "Text", None);
        assert!(!other.to_lowercase().contains("unsubscribe"), "{other}");
    }

    #[test]
    fn the_plain_part_comes_first_and_the_html_part_names_its_language() {
        let message = built("Hello", "Text", None).replace("=\r\n", "").replace("=3D", "=");
        let (plain, html) = (message.find("text/plain"), message.find("text/html"));
        assert!(plain.is_some() && plain < html, "{message}");
        assert!(message.contains("<html lang=\"cs\">"), "{message}");
        assert!(message.contains("Content-Language: cs\r\n"), "{message}");
    }

    proptest! {
        /// Whatever a subject holds, a mail has the same headers, and its body is where it was.
        #[test]
        fn a_subject_adds_no_header(subject in any::<String>(), tail in "(\r\n|\n|\r)(Bcc: x@example.org|)") {
            let expected = built("plain", "Text", None);
            let message = built(&format!("{subject}{tail}"), "Text", None);
            prop_assert_eq!(headers(&message), headers(&expected));
        }
    }
}
