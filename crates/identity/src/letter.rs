//! What is written to people, in their language. Always true: a letter says what happened, what to do with the code, and
//! what to do if one did not ask for it; it names nobody.

use kernel::Language;

use crate::CodePurpose;

/// Subject and text of a letter with a code.
pub(crate) fn letter(purpose: CodePurpose, language: Language, code: &str) -> (&'static str, String) {
    let (subject, before, after) = words(purpose, language);
    (subject, format!("{before}\n\n{code}\n\n{after}\n\nhubnet\n"))
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
