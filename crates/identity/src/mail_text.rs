//! What is written to people, in their language. Always true: a mail says what happened, what to do with the code or
//! about what happened, and what to do if one did not ask for it; it names nobody.

use kernel::Language;

use crate::CodePurpose;

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

    const fn word(self) -> &'static str {
        match self {
            Self::SignInLinked => "sign_in_linked",
            Self::FactorAdded => "second_factor_added",
            Self::FactorRemoved => "second_factor_removed",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::RoleOffered => "role_offered",
        }
    }
}

impl Occasion {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Code(purpose) => purpose.word(),
            Self::Notice(notice) => notice.word(),
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        let notice = || Notice::ALL.into_iter().find(|notice| notice.word() == word);
        CodePurpose::from_word(word).map(Self::Code).or_else(|| notice().map(Self::Notice))
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

/// Subject and text of a mail with a code.
pub(crate) fn code_mail(purpose: CodePurpose, language: Language, code: &str) -> (&'static str, String) {
    let (subject, before, after) = words(purpose, language);
    (subject, format!("{before}\n\n{code}\n\n{after}\n\nhubnet\n"))
}

/// Subject and text of a mail about something that changed.
pub(crate) fn notice(notice: Notice, language: Language) -> (&'static str, String) {
    let (subject, what) = changed(notice, language);
    let otherwise = if notice == Notice::RoleOffered { not_wanted(language) } else { not_you(language) };
    (subject, format!("{what}\n\n{otherwise}\n\nhubnet\n"))
}

const fn words(purpose: CodePurpose, language: Language) -> (&'static str, &'static str, &'static str) {
    use CodePurpose::{EmailVerification, Invitation, PasswordReset};
    use Language::{Cs, En, Pl, Uk};
    match (purpose, language) {
        (Invitation, En) => (
            "Your invitation",
            "You are invited to sign in to your hub. Choose a password with this code, within seven days:",
            "If you do not know why you get this, ignore it.",
        ),
        (Invitation, Cs) => (
            "Vaše pozvánka",
            "Zveme vás k přihlášení do vašeho hubu. Tímto kódem si do sedmi dnů zvolíte heslo:",
            "Pokud nevíte, proč vám píšeme, zprávu ignorujte.",
        ),
        (Invitation, Pl) => (
            "Twoje zaproszenie",
            "Zapraszamy do zalogowania się w Twoim hubie. Tym kodem ustawisz hasło w ciągu siedmiu dni:",
            "Jeśli nie wiesz, skąd ta wiadomość, zignoruj ją.",
        ),
        (Invitation, Uk) => (
            "Ваше запрошення",
            "Запрошуємо вас увійти до вашого хабу. Цим кодом ви встановите пароль протягом семи днів:",
            "Якщо ви не знаєте, чому отримали цей лист, не зважайте на нього.",
        ),
        (PasswordReset, En) => (
            "A new password",
            "Somebody asked for a new password for your account. Set it with this code, within an hour:",
            "If it was not you, ignore this: your password stays as it is.",
        ),
        (PasswordReset, Cs) => (
            "Nové heslo",
            "Někdo požádal o nové heslo k vašemu účtu. Nastavíte je do hodiny tímto kódem:",
            "Pokud jste to nebyli vy, zprávu ignorujte: heslo zůstává beze změny.",
        ),
        (PasswordReset, Pl) => (
            "Nowe hasło",
            "Ktoś poprosił o nowe hasło do Twojego konta. Ustawisz je tym kodem w ciągu godziny:",
            "Jeśli to nie Ty, zignoruj tę wiadomość: hasło pozostaje bez zmian.",
        ),
        (PasswordReset, Uk) => (
            "Новий пароль",
            "Хтось попросив новий пароль до вашого облікового запису. Встановіть його цим кодом протягом години:",
            "Якщо це були не ви, не зважайте на цей лист: пароль залишається без змін.",
        ),
        (EmailVerification, En) => (
            "Is this your address?",
            "Show with this code, within a day, that you read mail at this address:",
            "If you do not know why you get this, ignore it.",
        ),
        (EmailVerification, Cs) => (
            "Je to vaše adresa?",
            "Tímto kódem do jednoho dne potvrdíte, že na této adrese čtete poštu:",
            "Pokud nevíte, proč vám píšeme, zprávu ignorujte.",
        ),
        (EmailVerification, Pl) => (
            "Czy to Twój adres?",
            "Tym kodem w ciągu jednego dnia potwierdzisz, że czytasz pocztę pod tym adresem:",
            "Jeśli nie wiesz, skąd ta wiadomość, zignoruj ją.",
        ),
        (EmailVerification, Uk) => (
            "Це ваша адреса?",
            "Цим кодом протягом дня підтвердьте, що читаєте пошту за цією адресою:",
            "Якщо ви не знаєте, чому отримали цей лист, не зважайте на нього.",
        ),
    }
}

const fn changed(notice: Notice, language: Language) -> (&'static str, &'static str) {
    use Language::{Cs, En, Pl, Uk};
    use Notice::{FactorAdded, FactorRemoved, RecoveryCodesRenewed, RoleOffered, SignInLinked};
    match (notice, language) {
        (SignInLinked, En) => (
            "A new way to sign in",
            "From now on you can sign in to your account with the one your organisation gave you.",
        ),
        (SignInLinked, Cs) => (
            "Nový způsob přihlášení",
            "Od této chvíle se ke svému účtu můžete přihlásit i účtem, který vám dala vaše organizace.",
        ),
        (SignInLinked, Pl) => (
            "Nowy sposób logowania",
            "Od teraz możesz logować się na swoje konto także kontem, które dała Ci Twoja organizacja.",
        ),
        (SignInLinked, Uk) => (
            "Новий спосіб входу",
            "Відтепер ви можете входити до свого облікового запису і тим, який вам надала ваша організація.",
        ),
        (FactorAdded, En) => (
            "A second factor protects your account",
            "From now on nobody signs in to your account without a code from your phone.",
        ),
        (FactorAdded, Cs) => (
            "Váš účet chrání druhý faktor",
            "Od této chvíle se k vašemu účtu nikdo nepřihlásí bez kódu z vašeho telefonu.",
        ),
        (FactorAdded, Pl) => (
            "Twoje konto chroni drugi składnik",
            "Od teraz nikt nie zaloguje się na Twoje konto bez kodu z Twojego telefonu.",
        ),
        (FactorAdded, Uk) => (
            "Ваш обліковий запис захищає другий чинник",
            "Відтепер ніхто не увійде до вашого облікового запису без коду з вашого телефону.",
        ),
        (FactorRemoved, En) => (
            "The second factor was switched off",
            "Codes from your phone are not asked for any more when somebody signs in to your account.",
        ),
        (FactorRemoved, Cs) => {
            ("Druhý faktor byl vypnut", "Při přihlášení k vašemu účtu se už nežádá kód z telefonu.")
        }
        (FactorRemoved, Pl) => (
            "Drugi składnik został wyłączony",
            "Przy logowaniu na Twoje konto nie jest już wymagany kod z telefonu.",
        ),
        (FactorRemoved, Uk) => (
            "Другий чинник вимкнено",
            "Під час входу до вашого облікового запису код із телефону більше не потрібен.",
        ),
        (RecoveryCodesRenewed, En) => (
            "New recovery codes",
            "New recovery codes were made for your account. Those you had are good no more.",
        ),
        (RecoveryCodesRenewed, Cs) => {
            ("Nové záložní kódy", "K vašemu účtu byly vytvořeny nové záložní kódy. Ty dosavadní už neplatí.")
        }
        (RecoveryCodesRenewed, Pl) => (
            "Nowe kody zapasowe",
            "Do Twojego konta utworzono nowe kody zapasowe. Dotychczasowe są już nieważne.",
        ),
        (RecoveryCodesRenewed, Uk) => (
            "Нові резервні коди",
            "Для вашого облікового запису створено нові резервні коди. Попередні більше не дійсні.",
        ),
        (RoleOffered, En) => (
            "A role is offered to you",
            "You are offered a role in your network of hubs. It counts once you accept it in the app, within seven days.",
        ),
        (RoleOffered, Cs) => (
            "Nabídka role",
            "Ve vaší síti hubů je vám nabídnuta role. Platí, až ji do sedmi dnů v aplikaci přijmete.",
        ),
        (RoleOffered, Pl) => (
            "Propozycja roli",
            "W Twojej sieci hubów zaproponowano Ci rolę. Obowiązuje, gdy przyjmiesz ją w aplikacji w ciągu siedmiu dni.",
        ),
        (RoleOffered, Uk) => (
            "Вам пропонують роль",
            "У вашій мережі хабів вам пропонують роль. Вона діятиме, коли ви приймете її в застосунку протягом семи днів.",
        ),
    }
}

const fn not_wanted(language: Language) -> &'static str {
    match language {
        Language::En => "If you do not want it, do nothing: without your consent nothing changes.",
        Language::Cs => "Pokud o ni nestojíte, nedělejte nic: bez vašeho souhlasu se nic nezmění.",
        Language::Pl => "Jeśli jej nie chcesz, nic nie rób: bez Twojej zgody nic się nie zmieni.",
        Language::Uk => "Якщо ви її не бажаєте, нічого не робіть: без вашої згоди нічого не зміниться.",
    }
}

const fn not_you(language: Language) -> &'static str {
    match language {
        Language::En => "If it was not you, tell the staff of your hub at once, and set a new password.",
        Language::Cs => {
            "Pokud jste to nebyli vy, řekněte to hned personálu svého hubu a nastavte si nové heslo."
        }
        Language::Pl => "Jeśli to nie Ty, od razu powiadom personel swojego hubu i ustaw nowe hasło.",
        Language::Uk => {
            "Якщо це були не ви, негайно повідомте персонал свого хабу та встановіть новий пароль."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occasion_is_read_as_it_is_written_and_has_a_mail_in_every_language() {
        let purposes = [CodePurpose::Invitation, CodePurpose::PasswordReset, CodePurpose::EmailVerification];
        for purpose in purposes {
            assert_eq!(Occasion::from_word(purpose.word()), Some(Occasion::Code(purpose)));
        }
        for about in Notice::ALL {
            assert_eq!(Occasion::from_word(about.word()), Some(Occasion::Notice(about)));
            let mails: std::collections::BTreeSet<_> =
                Language::ALL.iter().map(|language| notice(about, *language).1).collect();
            assert_eq!(mails.len(), Language::ALL.len(), "{about:?}");
        }
        assert_eq!(Occasion::from_word("greeting"), None);
    }
}
