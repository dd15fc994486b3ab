//! The mail that identity sends: what it is about, and its templates (`templates/<language>/<name>.{subject,txt,html}`).
//!
//! Always true: a mail says what happened, what to do with the code or about what happened, and what to do if one did not
//! ask for it; it names nobody. All of it is about the recipient's own business, so nobody can decline it.

use kernel::Language;
use platform_mail::{Content, MailKind, MailTemplate, TemplateError, mail_template};

use crate::CodePurpose;

/// The job that sends identity's mail.
pub(crate) const SEND_MAIL: &str = "identity_mail";

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// A code that somebody asked for.
    Code(CodePurpose),
    /// Something that changed.
    Notice(Notice),
}

/// What changed about the way somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// An account at a provider signs in as them.
    SignInLinked,
    /// A second factor is in force.
    FactorAdded,
    /// There is none any more.
    FactorRemoved,
    /// The recovery codes until now are good no more.
    RecoveryCodesRenewed,
    /// Somebody offers them a role.
    RoleOffered,
}

impl Notice {
    const ALL: [Self; 5] = [
        Self::SignInLinked,
        Self::FactorAdded,
        Self::FactorRemoved,
        Self::RecoveryCodesRenewed,
        Self::RoleOffered,
    ];

    /// Returns what the mail says.
    pub(crate) fn content(self, language: Language) -> Result<Content, TemplateError> {
        match self {
            Self::SignInLinked => SignInLinkedMail {}.content(language),
            Self::FactorAdded => FactorAddedMail {}.content(language),
            Self::FactorRemoved => FactorRemovedMail {}.content(language),
            Self::RecoveryCodesRenewed => RecoveryCodesRenewedMail {}.content(language),
            Self::RoleOffered => RoleOfferedMail {}.content(language),
        }
    }
}

/// Returns what a mail with a code says.
pub(crate) fn code_content(
    purpose: CodePurpose,
    language: Language,
    code: &str,
) -> Result<Content, TemplateError> {
    let code = code.to_owned();
    match purpose {
        CodePurpose::Invitation => InvitationMail { code }.content(language),
        CodePurpose::PasswordReset => PasswordResetMail { code }.content(language),
        CodePurpose::EmailVerification => EmailVerificationMail { code }.content(language),
    }
}

impl Occasion {
    /// Returns the kind in the queue.
    pub(crate) const fn kind(self) -> MailKind {
        let name = match self {
            Self::Code(CodePurpose::Invitation) => "identity.invitation",
            Self::Code(CodePurpose::PasswordReset) => "identity.password_reset",
            Self::Code(CodePurpose::EmailVerification) => "identity.email_verification",
            Self::Notice(Notice::SignInLinked) => "identity.sign_in_linked",
            Self::Notice(Notice::FactorAdded) => "identity.second_factor_added",
            Self::Notice(Notice::FactorRemoved) => "identity.second_factor_removed",
            Self::Notice(Notice::RecoveryCodesRenewed) => "identity.recovery_codes_renewed",
            Self::Notice(Notice::RoleOffered) => "identity.role_offered",
        };
        MailKind::transactional(SEND_MAIL, name)
    }

    /// Returns the occasion of a kind in the queue.
    pub(crate) fn of_kind(name: &str) -> Option<Self> {
        let codes = CodePurpose::ALL.into_iter().map(Self::Code);
        codes.chain(Notice::ALL.into_iter().map(Self::Notice)).find(|it| it.kind().name() == name)
    }
}

impl From<CodePurpose> for Occasion {
    fn from(purpose: CodePurpose) -> Self {
        Self::Code(purpose)
    }
}

impl From<Notice> for Occasion {
    fn from(notice: Notice) -> Self {
        Self::Notice(notice)
    }
}

mail_template! {
    /// A code for a first password.
    struct InvitationMail { code: String }
    En: "en/invitation.subject", "en/invitation.txt", "en/invitation.html";
    Cs: "cs/invitation.subject", "cs/invitation.txt", "cs/invitation.html";
    Pl: "pl/invitation.subject", "pl/invitation.txt", "pl/invitation.html";
    Uk: "uk/invitation.subject", "uk/invitation.txt", "uk/invitation.html";
}

mail_template! {
    /// A code for a new password.
    struct PasswordResetMail { code: String }
    En: "en/password_reset.subject", "en/password_reset.txt", "en/password_reset.html";
    Cs: "cs/password_reset.subject", "cs/password_reset.txt", "cs/password_reset.html";
    Pl: "pl/password_reset.subject", "pl/password_reset.txt", "pl/password_reset.html";
    Uk: "uk/password_reset.subject", "uk/password_reset.txt", "uk/password_reset.html";
}

mail_template! {
    /// A code that proves that an address is read.
    struct EmailVerificationMail { code: String }
    En: "en/email_verification.subject", "en/email_verification.txt", "en/email_verification.html";
    Cs: "cs/email_verification.subject", "cs/email_verification.txt", "cs/email_verification.html";
    Pl: "pl/email_verification.subject", "pl/email_verification.txt", "pl/email_verification.html";
    Uk: "uk/email_verification.subject", "uk/email_verification.txt", "uk/email_verification.html";
}

mail_template! {
    /// An account at a provider signs in as them.
    struct SignInLinkedMail {}
    En: "en/sign_in_linked.subject", "en/sign_in_linked.txt", "en/sign_in_linked.html";
    Cs: "cs/sign_in_linked.subject", "cs/sign_in_linked.txt", "cs/sign_in_linked.html";
    Pl: "pl/sign_in_linked.subject", "pl/sign_in_linked.txt", "pl/sign_in_linked.html";
    Uk: "uk/sign_in_linked.subject", "uk/sign_in_linked.txt", "uk/sign_in_linked.html";
}

mail_template! {
    /// A second factor is in force.
    struct FactorAddedMail {}
    En: "en/second_factor_added.subject", "en/second_factor_added.txt", "en/second_factor_added.html";
    Cs: "cs/second_factor_added.subject", "cs/second_factor_added.txt", "cs/second_factor_added.html";
    Pl: "pl/second_factor_added.subject", "pl/second_factor_added.txt", "pl/second_factor_added.html";
    Uk: "uk/second_factor_added.subject", "uk/second_factor_added.txt", "uk/second_factor_added.html";
}

mail_template! {
    /// The second factor is gone.
    struct FactorRemovedMail {}
    En: "en/second_factor_removed.subject", "en/second_factor_removed.txt", "en/second_factor_removed.html";
    Cs: "cs/second_factor_removed.subject", "cs/second_factor_removed.txt", "cs/second_factor_removed.html";
    Pl: "pl/second_factor_removed.subject", "pl/second_factor_removed.txt", "pl/second_factor_removed.html";
    Uk: "uk/second_factor_removed.subject", "uk/second_factor_removed.txt", "uk/second_factor_removed.html";
}

mail_template! {
    /// The recovery codes so far are no longer valid.
    struct RecoveryCodesRenewedMail {}
    En: "en/recovery_codes_renewed.subject", "en/recovery_codes_renewed.txt", "en/recovery_codes_renewed.html";
    Cs: "cs/recovery_codes_renewed.subject", "cs/recovery_codes_renewed.txt", "cs/recovery_codes_renewed.html";
    Pl: "pl/recovery_codes_renewed.subject", "pl/recovery_codes_renewed.txt", "pl/recovery_codes_renewed.html";
    Uk: "uk/recovery_codes_renewed.subject", "uk/recovery_codes_renewed.txt", "uk/recovery_codes_renewed.html";
}

mail_template! {
    /// Somebody offers them a role.
    struct RoleOfferedMail {}
    En: "en/role_offered.subject", "en/role_offered.txt", "en/role_offered.html";
    Cs: "cs/role_offered.subject", "cs/role_offered.txt", "cs/role_offered.html";
    Pl: "pl/role_offered.subject", "pl/role_offered.txt", "pl/role_offered.html";
    Uk: "uk/role_offered.subject", "uk/role_offered.txt", "uk/role_offered.html";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn every_occasion() -> impl Iterator<Item = Occasion> {
        let codes = CodePurpose::ALL.into_iter().map(Occasion::Code);
        codes.chain(Notice::ALL.into_iter().map(Occasion::Notice))
    }

    fn content(about: Occasion, language: Language) -> Content {
        let content = match about {
            Occasion::Code(purpose) => code_content(purpose, language, "hubnet_code_A-1_b"),
            Occasion::Notice(notice) => notice.content(language),
        };
        content.expect("rendered")
    }

    #[test]
    fn every_occasion_is_read_as_it_is_written_and_has_a_mail_of_its_own_in_every_language() {
        let (mut texts, mut subjects, mut expected) = (BTreeSet::new(), BTreeSet::new(), 0);
        for about in every_occasion() {
            assert_eq!(Occasion::of_kind(about.kind().name()), Some(about));
            for language in Language::ALL {
                let content = content(about, language);
                texts.insert(content.text().to_owned());
                subjects.insert(content.subject().as_str().to_owned());
                expected += 1;
            }
        }
        assert_eq!((texts.len(), subjects.len()), (expected, expected));
        assert_eq!(Occasion::of_kind("identity.greeting"), None);
    }

    #[test]
    fn the_plain_part_and_the_html_part_say_the_same() {
        for (about, language) in every_occasion().flat_map(|it| Language::ALL.map(|language| (it, language)))
        {
            let content = content(about, language);
            let paragraphs = content.html().lines().map(|line| {
                let (_, inside) = line.split_once('>').expect("a paragraph");
                inside.strip_suffix("</p>").expect("a paragraph").to_owned()
            });
            let shown: Vec<String> = paragraphs.collect();
            assert_eq!(shown.join("\n\n"), content.text().replace('\'', "&#39;"), "{about:?} {language}");
            let has_code = content.text().contains("hubnet_code_A-1_b");
            assert_eq!(has_code, matches!(about, Occasion::Code(_)), "{about:?}");
        }
    }
}
