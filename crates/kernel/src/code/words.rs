//! The sentences people read with a code.
//!
//! Always true: a sentence is safe to show to anybody, whatever happened; every code has its words in every language,
//! else this does not compile.

use super::ErrorCode;
use crate::Language;

/// The words of one code.
struct Words {
    /// The remedy for the client's developer.
    remedy: &'static str,
    en: &'static str,
    cs: &'static str,
    pl: &'static str,
    uk: &'static str,
}

impl ErrorCode {
    /// Returns the sentence for people.
    pub const fn sentence(self, language: Language) -> &'static str {
        let words = self.words();
        match language {
            Language::En => words.en,
            Language::Cs => words.cs,
            Language::Pl => words.pl,
            Language::Uk => words.uk,
        }
    }

    /// Returns the remedy for the client's developer.
    pub const fn remedy(self) -> &'static str {
        self.words().remedy
    }

    #[expect(clippy::too_many_lines, reason = "one list, read from top to bottom")]
    const fn words(self) -> Words {
        match self {
            Self::Unauthenticated => Words {
                remedy: "Sign in again and send the new token.",
                en: "Please sign in.",
                cs: "Přihlaste se, prosím.",
                pl: "Zaloguj się, proszę.",
                uk: "Будь ласка, увійдіть.",
            },
            Self::CodeRefused => Words {
                remedy: "Wait for the next code and give that; or give a recovery code.",
                en: "This code is wrong or was used already.",
                cs: "Tento kód je chybný nebo už byl použit.",
                pl: "Ten kod jest błędny albo został już użyty.",
                uk: "Цей код хибний або вже використаний.",
            },
            Self::AccountNotLinked => Words {
                remedy: "Sign in this way with your invitation, or verify your e-mail here and try again.",
                en: "No account here belongs to this sign-in. Ask for an invitation, or verify your e-mail.",
                cs: "K tomuto přihlášení zde nepatří žádný účet. Požádejte o pozvánku nebo ověřte svůj e-mail.",
                pl: "Do tego logowania nie należy tu żadne konto. Poproś o zaproszenie albo potwierdź swój e-mail.",
                uk: "До цього входу тут не належить жоден обліковий запис. Попросіть запрошення або підтвердьте свою електронну адресу.",
            },
            Self::Forbidden => Words {
                remedy: "Ask somebody with a larger role at that place.",
                en: "You are not allowed to do this.",
                cs: "K tomu nemáte oprávnění.",
                pl: "Nie masz do tego uprawnień.",
                uk: "У вас немає на це дозволу.",
            },
            Self::NotFound => Words {
                remedy: "Check the id or the address.",
                en: "There is no such thing here.",
                cs: "Nic takového tu není.",
                pl: "Nie ma tu nic takiego.",
                uk: "Тут такого немає.",
            },
            Self::InvalidInput => Words {
                remedy: "Correct the field the detail names.",
                en: "Something in the request is not right.",
                cs: "Něco v požadavku není správně.",
                pl: "Coś w żądaniu jest nieprawidłowe.",
                uk: "У запиті щось неправильно.",
            },
            Self::Conflict => Words {
                remedy: "Read the object again, then decide.",
                en: "This exists already or can no longer be done.",
                cs: "To už existuje, nebo už to není možné.",
                pl: "To już istnieje albo nie jest już możliwe.",
                uk: "Це вже існує або більше неможливо.",
            },
            Self::VersionConflict => Words {
                remedy: "Read the object again, look at what changed, and send the change with its present version.",
                en: "Somebody else has changed this meanwhile.",
                cs: "Mezitím to změnil někdo jiný.",
                pl: "Ktoś inny zmienił to w międzyczasie.",
                uk: "Тим часом це змінив хтось інший.",
            },
            Self::IdempotencyConflict => Words {
                remedy: "Use a new `Idempotency-Key` for a new request.",
                en: "This request was already sent with other content.",
                cs: "Tento požadavek už byl odeslán s jiným obsahem.",
                pl: "To żądanie zostało już wysłane z inną treścią.",
                uk: "Цей запит уже надсилали з іншим вмістом.",
            },
            Self::PeriodClosed => Words {
                remedy: "Post to the first open month.",
                en: "That month is settled and cannot change any more.",
                cs: "Tento měsíc je vyúčtován a už se nemění.",
                pl: "Ten miesiąc jest rozliczony i już się nie zmieni.",
                uk: "Цей місяць розраховано, він більше не зміниться.",
            },
            Self::EventFull => Words {
                remedy: "Join the waiting list or choose another event.",
                en: "Every seat is taken.",
                cs: "Všechna místa jsou obsazena.",
                pl: "Wszystkie miejsca są zajęte.",
                uk: "Усі місця зайняті.",
            },
            Self::RateMissing => Words {
                remedy: "Add the rate to the rates file, then ask again.",
                en: "An exchange rate is missing.",
                cs: "Chybí směnný kurz.",
                pl: "Brakuje kursu wymiany.",
                uk: "Бракує обмінного курсу.",
            },
            Self::RateStale => Words {
                remedy: "Add rates of the month's last days to the rates file, then ask again.",
                en: "The latest exchange rate is too old.",
                cs: "Poslední směnný kurz je příliš starý.",
                pl: "Ostatni kurs wymiany jest zbyt stary.",
                uk: "Останній обмінний курс застарілий.",
            },
            Self::PlanWithoutRoaming => Words {
                remedy: "Enrol members who are to roam with a plan that includes roaming (`hub.plans.roaming`), or without one.",
                en: "This member's plan does not include roaming.",
                cs: "Tarif tohoto člena neumožňuje pobyt v jiných centrech.",
                pl: "Plan tego członka nie obejmuje innych hubów.",
                uk: "План цього учасника не дає права відвідувати інші хаби.",
            },
            Self::Unavailable => Words {
                remedy: "Wait as `Retry-After` says and ask again; a mutation with the same `Idempotency-Key`.",
                en: "A part of the service is away. Try again in a moment.",
                cs: "Část služby je nedostupná. Zkuste to za chvíli znovu.",
                pl: "Część usługi jest niedostępna. Spróbuj za chwilę ponownie.",
                uk: "Частина сервісу недоступна. Спробуйте за мить ще раз.",
            },
            Self::Internal => Words {
                remedy: "Tell whoever runs the service, with the time of the request.",
                en: "Something went wrong on our side.",
                cs: "Na naší straně se něco pokazilo.",
                pl: "Coś poszło nie tak po naszej stronie.",
                uk: "З нашого боку щось пішло не так.",
            },
            Self::BadRequest => Words {
                remedy: "Send one JSON object with `query` and, if needed, `variables` and `operationName`.",
                en: "The request cannot be read.",
                cs: "Požadavek nelze přečíst.",
                pl: "Nie można odczytać żądania.",
                uk: "Запит неможливо прочитати.",
            },
            Self::BatchNotSupported => Words {
                remedy: "Send the requests one by one.",
                en: "Send one request at a time.",
                cs: "Posílejte požadavky po jednom.",
                pl: "Wysyłaj żądania pojedynczo.",
                uk: "Надсилайте запити по одному.",
            },
            Self::GraphqlParseFailed => Words {
                remedy: "Correct the document; `locations` says where.",
                en: "The query is not valid GraphQL.",
                cs: "Dotaz není platný GraphQL.",
                pl: "Zapytanie nie jest poprawnym GraphQL.",
                uk: "Запит не є правильним GraphQL.",
            },
            Self::GraphqlValidationFailed => Words {
                remedy: "Compare the document with the schema.",
                en: "The query does not fit the schema.",
                cs: "Dotaz neodpovídá schématu.",
                pl: "Zapytanie nie pasuje do schematu.",
                uk: "Запит не відповідає схемі.",
            },
            Self::QueryTooComplex => Words {
                remedy: "Ask for less at once, in several requests.",
                en: "The query asks for too much at once.",
                cs: "Dotaz chce příliš mnoho najednou.",
                pl: "Zapytanie prosi o zbyt wiele naraz.",
                uk: "Запит просить забагато одразу.",
            },
            Self::IntrospectionOff => Words {
                remedy: "Read the published `schema.graphql`.",
                en: "This server does not describe its schema.",
                cs: "Tento server své schéma nepopisuje.",
                pl: "Ten serwer nie opisuje swojego schematu.",
                uk: "Цей сервер не описує своєї схеми.",
            },
            Self::DocumentRequired => Words {
                remedy: "Send `documentId`, or have the document added to the installation's list.",
                en: "Only known queries are answered here.",
                cs: "Zde se odpovídá jen na známé dotazy.",
                pl: "Odpowiadamy tu tylko na znane zapytania.",
                uk: "Тут відповідають лише на відомі запити.",
            },
            Self::DocumentUnknown => Words {
                remedy: "Check the hash; send the document itself where that is allowed.",
                en: "This query is not known here.",
                cs: "Tento dotaz tu není známý.",
                pl: "To zapytanie nie jest tu znane.",
                uk: "Цей запит тут невідомий.",
            },
            Self::StreamRequired => Words {
                remedy: "Subscribe over a WebSocket, or accept `text/event-stream`.",
                en: "This has to be asked over a stream.",
                cs: "O toto je třeba žádat proudem.",
                pl: "O to trzeba pytać strumieniem.",
                uk: "Про це треба питати потоком.",
            },
            Self::PostRequired => Words {
                remedy: "Send the mutation by `POST`.",
                en: "Changes have to be sent by POST.",
                cs: "Změny je třeba posílat metodou POST.",
                pl: "Zmiany trzeba wysyłać metodą POST.",
                uk: "Зміни треба надсилати методом POST.",
            },
            Self::TooManyOperations => Words {
                remedy: "Complete some operations, or open another socket.",
                en: "This connection carries too much already.",
                cs: "Toto spojení už nese příliš mnoho.",
                pl: "To połączenie niesie już zbyt wiele.",
                uk: "Це з'єднання вже несе забагато.",
            },
            Self::TooManyConnections => Words {
                remedy: "Share one socket between subscriptions; close those not needed.",
                en: "Too many connections are open from your address.",
                cs: "Z vaší adresy je otevřeno příliš mnoho spojení.",
                pl: "Z twojego adresu otwarto zbyt wiele połączeń.",
                uk: "З вашої адреси відкрито забагато з'єднань.",
            },
            Self::RateLimited => Words {
                remedy: "Wait as `Retry-After` says; ask less often.",
                en: "Too many requests. Please wait a moment.",
                cs: "Příliš mnoho požadavků. Chvíli prosím počkejte.",
                pl: "Zbyt wiele żądań. Poczekaj chwilę.",
                uk: "Забагато запитів. Зачекайте трохи.",
            },
            Self::Overloaded => Words {
                remedy: "Wait as `Retry-After` says and ask again.",
                en: "The service is busy. Try again in a moment.",
                cs: "Služba je přetížená. Zkuste to za chvíli znovu.",
                pl: "Usługa jest przeciążona. Spróbuj za chwilę.",
                uk: "Сервіс перевантажений. Спробуйте за мить.",
            },
            Self::OriginForbidden => Words {
                remedy: "Have the page's origin added to `server.allowed_origins`.",
                en: "Pages of this site may not ask here.",
                cs: "Stránky tohoto webu se zde ptát nesmějí.",
                pl: "Strony tej witryny nie mogą tu pytać.",
                uk: "Сторінкам цього сайту тут питати не можна.",
            },
            Self::MethodNotAllowed => Words {
                remedy: "Use a method that `Allow` names.",
                en: "This cannot be asked in this way.",
                cs: "Takto se zde ptát nelze.",
                pl: "W ten sposób nie można tu pytać.",
                uk: "У такий спосіб тут питати не можна.",
            },
            Self::NotAcceptable => Words {
                remedy: "Accept `application/graphql-response+json` or `application/json`.",
                en: "There is no answer in the form you accept.",
                cs: "Odpověď v požadovaném tvaru neexistuje.",
                pl: "Nie ma odpowiedzi w żądanej postaci.",
                uk: "Відповіді в потрібній формі немає.",
            },
            Self::RequestTimeout => Words {
                remedy: "Send the whole body at once.",
                en: "The request came too slowly.",
                cs: "Požadavek přicházel příliš pomalu.",
                pl: "Żądanie przychodziło zbyt wolno.",
                uk: "Запит надходив надто повільно.",
            },
            Self::PayloadTooLarge => Words {
                remedy: "Send less at once, in several requests.",
                en: "The request is too large.",
                cs: "Požadavek je příliš velký.",
                pl: "Żądanie jest zbyt duże.",
                uk: "Запит завеликий.",
            },
            Self::UnsupportedMediaType => Words {
                remedy: "Send `Content-Type: application/json` in UTF-8, uncompressed.",
                en: "The request is not in a form we read.",
                cs: "Požadavek není ve tvaru, který čteme.",
                pl: "Żądanie nie ma postaci, którą czytamy.",
                uk: "Запит не у формі, яку ми читаємо.",
            },
            Self::DeadlineExceeded => Words {
                remedy: "Ask for less; repeat a mutation with the same `Idempotency-Key`, it may have been done.",
                en: "The answer took too long.",
                cs: "Odpověď trvala příliš dlouho.",
                pl: "Odpowiedź trwała zbyt długo.",
                uk: "Відповідь тривала надто довго.",
            },
        }
    }
}
