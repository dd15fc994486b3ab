//! Translations of the rules of the input: what is wrong with a field, or with the state of an object.
//!
//! Always true: the English sentence is the key, like a `msgid` of gettext, so a refusal is written once, beside its
//! rule. A sentence that is missing here is shown as the sentence of its code. `{}` stands for a value, and the values
//! keep their order in every language. Tests check every refusal of the specification's run against this list
//! (`testkit::assert_contract`).

use crate::Language;

/// The sentences of one rule.
struct Words {
    en: &'static str,
    cs: &'static str,
    pl: &'static str,
    uk: &'static str,
}

macro_rules! rules {
    ($($en:literal: $cs:literal, $pl:literal, $uk:literal;)+) => {
        const RULES: &[Words] = &[$(Words { en: $en, cs: $cs, pl: $pl, uk: $uk }),+];
    };
}

rules! {
    // Calendars: before the sentences about numbers that are shorter.
    "must last at most {} days":
        "smí trvat nejvýše {} dní", "może trwać najwyżej {} dni", "має тривати щонайбільше {} днів";
    "must be in whole seconds":
        "musí být v celých sekundách", "musi być w pełnych sekundach", "має бути в цілих секундах";
    "{} cannot stand in a recurrence rule: {}":
        "{} nemůže být v pravidle opakování: {}", "{} nie może stać w regule powtarzania: {}", "{} не може бути в правилі повторення: {}";
    "the rule must give {} as its first occurrence":
        "podle pravidla musí být prvním výskytem {}", "według reguły pierwszym wystąpieniem musi być {}", "за правилом першим повторенням має бути {}";
    "the series has no occurrence at {}":
        "řada nemá výskyt v čase {}", "seria nie ma wystąpienia o czasie {}", "серія не має повторення в час {}";
    "at most {} dates can be left out, added or moved":
        "vynechat, přidat nebo přesunout lze nejvýše {} termínů", "pominąć, dodać lub przenieść można najwyżej {} terminów", "пропустити, додати або перенести можна щонайбільше {} дат";
    "at most {} occurrences at once":
        "nejvýše {} výskytů najednou", "najwyżej {} wystąpień naraz", "щонайбільше {} повторень за один раз";
    "{} has two exceptions":
        "{} má dvě výjimky", "{} ma dwa wyjątki", "{} має два винятки";
    "{} is a day without opening hours: write from when until when it is open":
        "{} je den bez otevírací doby: napište, odkdy dokdy je otevřeno", "{} to dzień bez godzin otwarcia: napisz, od kiedy do kiedy jest otwarte", "{} — день без годин роботи: напишіть, відколи й доки відчинено";
    "the stretches of {} overlap":
        "časy dne {} se překrývají", "godziny dnia {} nakładają się", "години дня {} перекриваються";
    "{} has no stretch in which it is open":
        "{} nemá čas, kdy je otevřeno", "{} nie ma godzin, w których jest otwarte", "{} не має годин, коли відчинено";

    // Hubs that change.
    "it was changed meanwhile; its version is now {}":
        "mezitím se to změnilo; verze je nyní {}", "w międzyczasie zostało to zmienione; wersja to teraz {}", "тим часом це змінено; версія тепер {}";
    "the hub is no draft":
        "centrum není rozpracované", "centrum nie jest w przygotowaniu", "центр не є чернеткою";
    "the hub is paused already":
        "centrum už je pozastavené", "centrum jest już wstrzymane", "центр уже призупинено";
    "the hub is not live":
        "centrum není v provozu", "centrum nie działa", "центр не працює";
    "the hub is closed already":
        "centrum už je zrušené", "centrum jest już zamknięte", "центр уже закрито";
    "the hub is neither paused nor closed":
        "centrum není pozastavené ani zrušené", "centrum nie jest ani wstrzymane, ani zamknięte", "центр не призупинено і не закрито";
    "the hub is closed":
        "centrum je zrušené", "centrum jest zamknięte", "центр закрито";
    "not before today":
        "ne dříve než dnes", "nie wcześniej niż dziś", "не раніше ніж сьогодні";
    "not before from":
        "ne dříve než from", "nie wcześniej niż from", "не раніше ніж from";
    "after today":
        "až po dnešku", "po dniu dzisiejszym", "після сьогодні";
    "after from":
        "až po from", "po from", "після from";
    "at most {} days":
        "nejvýše {} dní", "najwyżej {} dni", "щонайбільше {} днів";
    "still missing: {}":
        "ještě chybí: {}", "brakuje jeszcze: {}", "ще бракує: {}";
    "a time of the day, such as {}":
        "čas, například {}", "godzina, na przykład {}", "час доби, наприклад {}";
    "either until or open":
        "buď until, nebo open", "albo until, albo open", "або until, або open";
    "a language's two letters of ISO 639-1, such as {}":
        "dvě písmena jazyka podle ISO 639-1, například {}", "dwie litery języka według ISO 639-1, na przykład {}", "дві літери мови за ISO 639-1, наприклад {}";
    "a telephone number: digits, with a plus, blanks, dots, dashes and brackets":
        "telefonní číslo: číslice, případně plus, mezery, tečky, pomlčky a závorky",
        "numer telefonu: cyfry, ewentualnie plus, odstępy, kropki, myślniki i nawiasy",
        "номер телефону: цифри, за потреби плюс, пробіли, крапки, риски й дужки";
    "an address of the web that begins with https:// or http://":
        "webová adresa, která začíná https:// nebo http://",
        "adres internetowy, który zaczyna się od https:// lub http://",
        "адреса в інтернеті, що починається з https:// або http://";
    "{} to {} kilometres":
        "{} až {} kilometrů", "od {} do {} kilometrów", "від {} до {} кілометрів";

    // Numbers and lengths.
    "must be between {} and {}":
        "musí být mezi {} a {}", "musi być między {} a {}", "має бути між {} і {}";
    "must lie between {} and {}":
        "musí ležet mezi {} a {}", "musi leżeć między {} a {}", "має лежати між {} і {}";
    "must be at most {} periods after from":
        "smí být nejvýše {} období po from", "może być najwyżej {} okresów po from", "має бути щонайбільше за {} періодів після from";
    "must be at most {}":
        "smí být nejvýše {}", "może być najwyżej {}", "має бути щонайбільше {}";
    "at most {} at once":
        "nejvýše {} najednou", "najwyżej {} naraz", "щонайбільше {} за один раз";
    "at most {} contacts":
        "nejvýše {} kontaktů", "najwyżej {} kontaktów", "щонайбільше {} контактів";
    "at most {}":
        "nejvýše {}", "najwyżej {}", "щонайбільше {}";
    "not negative":
        "nesmí být záporné", "nie może być ujemne", "не може бути від’ємним";
    "{} to {} people":
        "{} až {} osob", "od {} do {} osób", "від {} до {} осіб";
    "the commissions together at most {}":
        "provize dohromady nejvýše {}", "prowizje łącznie najwyżej {}", "комісії разом щонайбільше {}";
    "must not be below minimumPerDay":
        "nesmí být nižší než minimumPerDay", "nie może być niższe niż minimumPerDay", "не може бути меншим за minimumPerDay";
    "must have at most {} decimal places":
        "smí mít nejvýše {} desetinných míst", "może mieć najwyżej {} miejsc po przecinku", "може мати щонайбільше {} знаків після коми";
    "must be a decimal number, such as {}: digits, with a point if need be, and nothing else":
        "musí být desetinné číslo, například {}: číslice, případně tečka, a nic jiného",
        "musi być liczbą dziesiętną, na przykład {}: cyfry, w razie potrzeby kropka, i nic więcej",
        "має бути десятковим числом, наприклад {}: цифри, за потреби крапка, і більше нічого";
    "{} has more decimal places than {} has":
        "{} má více desetinných míst než měna {}", "{} ma więcej miejsc po przecinku niż waluta {}", "{} має більше знаків після коми, ніж валюта {}";
    "the amount is too large":
        "částka je příliš velká", "kwota jest za duża", "сума завелика";
    "degrees: latitude within ±90, longitude within ±180":
        "stupně: zeměpisná šířka do ±90, délka do ±180",
        "stopnie: szerokość w granicach ±90, długość w granicach ±180",
        "градуси: широта в межах ±90, довгота в межах ±180";

    // Texts.
    "must not be empty":
        "nesmí být prázdné", "nie może być puste", "не може бути порожнім";
    "must have {} to {} characters":
        "musí mít {} až {} znaků", "musi mieć od {} do {} znaków", "має містити від {} до {} символів";
    "must have at least {} characters":
        "musí mít alespoň {} znaků", "musi mieć co najmniej {} znaków", "має містити щонайменше {} символів";
    "must have at most {} characters":
        "smí mít nejvýše {} znaků", "może mieć najwyżej {} znaków", "може містити щонайбільше {} символів";
    "must have at most {} bytes":
        "smí mít nejvýše {} bajtů", "może mieć najwyżej {} bajtów", "може містити щонайбільше {} байтів";
    "must not be longer than {} characters":
        "nesmí být delší než {} znaků", "nie może być dłuższe niż {} znaków", "не може бути довшим за {} символів";
    "must not contain control characters or invisible ones, such as {}":
        "nesmí obsahovat řídicí ani neviditelné znaky, jako je {}",
        "nie może zawierać znaków sterujących ani niewidocznych, takich jak {}",
        "не може містити керівних або невидимих символів, таких як {}";
    "{} to {} characters, none of them control characters":
        "{} až {} znaků, žádný z nich řídicí", "od {} do {} znaków, żaden z nich sterujący", "від {} до {} символів, жоден із них не керівний";
    "{} to {} bytes, no control characters":
        "{} až {} bajtů, žádné řídicí znaky", "od {} do {} bajtów, bez znaków sterujących", "від {} до {} байтів, без керівних символів";
    "{} to {} small letters, digits and inner dashes":
        "{} až {} malých písmen, číslic a vnitřních pomlček",
        "od {} do {} małych liter, cyfr i wewnętrznych myślników",
        "від {} до {} малих літер, цифр і внутрішніх дефісів";
    "must have only small letters a to z, digits and inner dashes":
        "smí mít jen malá písmena a až z, číslice a vnitřní pomlčky",
        "może mieć tylko małe litery od a do z, cyfry i wewnętrzne myślniki",
        "може містити лише малі літери від a до z, цифри і внутрішні дефіси";
    "must be an e-mail address, such as {}":
        "musí být e-mailová adresa, například {}", "musi być adresem e-mail, na przykład {}", "має бути адресою електронної пошти, наприклад {}";
    "must be an e-mail address":
        "musí být e-mailová adresa", "musi być adresem e-mail", "має бути адресою електронної пошти";
    "an e-mail address":
        "musí být e-mailová adresa", "musi być adresem e-mail", "має бути адресою електронної пошти";
    "the code {} stands twice":
        "kód {} je zde dvakrát", "kod {} występuje dwa razy", "код {} трапляється двічі";
    "a text holds a character that cannot be kept":
        "text obsahuje znak, který nelze uložit", "tekst zawiera znak, którego nie można zapisać", "текст містить символ, який не можна зберегти";
    "A text holds the character NUL.":
        "Text obsahuje znak NUL.", "Tekst zawiera znak NUL.", "Текст містить символ NUL.";
    "Idempotency-Key: {} to {} visible ASCII characters":
        "Idempotency-Key: {} až {} viditelných znaků ASCII",
        "Idempotency-Key: od {} do {} widocznych znaków ASCII",
        "Idempotency-Key: від {} до {} видимих символів ASCII";
    "The query cannot be read.":
        "Dotaz v adrese nelze přečíst.", "Zapytania w adresie nie można odczytać.", "Запит в адресі не вдається прочитати.";
    "The cookies cannot be read.":
        "Cookies nelze přečíst.", "Ciasteczek nie można odczytać.", "Файли cookie не вдається прочитати.";

    // Values of a known form.
    "expected an id like {}":
        "musí být id, například {}", "musi być identyfikatorem, na przykład {}", "має бути ідентифікатором, наприклад {}";
    "an id or a slug":
        "musí být zadáno id nebo slug", "musi być podane id albo slug", "має бути вказано id або slug";
    "is not a cursor of this list":
        "není kurzor tohoto seznamu", "nie jest kursorem tej listy", "не є курсором цього списку";
    "must not be given with {}":
        "nesmí být zadáno spolu s {}", "nie może być podane razem z {}", "не може бути вказано разом із {}";
    "a chip number is {} to {} whole bytes, two hexadecimal digits each":
        "číslo čipu je {} až {} celých bajtů, každý dvě šestnáctkové číslice",
        "numer chipa to od {} do {} całych bajtów, każdy po dwie cyfry szesnastkowe",
        "номер чипа — від {} до {} цілих байтів, кожен із двох шістнадцяткових цифр";
    "either a chip or a member":
        "buď čip, nebo člen", "albo chip, albo członek", "або чип, або учасник";
    "a country's two capital letters of ISO 3166, such as CZ or GB":
        "dvě velká písmena státu podle ISO 3166, například CZ nebo GB",
        "dwie wielkie litery państwa według ISO 3166, na przykład CZ lub GB",
        "дві великі літери держави за ISO 3166, наприклад CZ або GB";
    "{} is not a currency code of ISO 4217":
        "{} není kód měny podle ISO 4217", "{} nie jest kodem waluty według ISO 4217", "{} не є кодом валюти за ISO 4217";
    "nobody pays in {} (any more)":
        "měnou {} se (už) neplatí", "walutą {} (już) się nie płaci", "валютою {} (вже) не платять";
    "{} and {} cannot be added":
        "{} a {} nelze sečíst", "{} i {} nie można dodać", "{} і {} не можна додати";
    "{} is not a member category, such as resident or student":
        "{} není kategorie členů, například resident nebo student",
        "{} nie jest kategorią członków, na przykład resident lub student",
        "{} не є категорією учасників, наприклад resident або student";
    "opening hours {} are not in the OpenStreetMap syntax: {}":
        "otevírací doba {} není zapsána v syntaxi OpenStreetMap: {}",
        "godziny otwarcia {} nie są zapisane w składni OpenStreetMap: {}",
        "години роботи {} не записано в синтаксисі OpenStreetMap: {}";
    "opening hours {} overlap themselves":
        "otevírací doba {} se překrývá", "godziny otwarcia {} nakładają się", "години роботи {} перекриваються";
    "{} cannot be evaluated: {}":
        "{} nelze vyhodnotit: {}", "{} nie można obliczyć: {}", "{} не вдається обчислити: {}";
    "the {} holidays of {} are not known here: write their days out, such as {}":
        "svátky ({}) státu {} zde nejsou známy: vypište jejich dny, například {}",
        "święta ({}) państwa {} nie są tu znane: wypisz ich dni, na przykład {}",
        "свята ({}) держави {} тут невідомі: випишіть їхні дні, наприклад {}";
    "must be a value of the type {}":
        "musí být hodnota typu {}", "musi być wartością typu {}", "має бути значенням типу {}";
    "either a space or a resource":
        "buď prostor, nebo vybavení", "albo przestrzeń, albo zasób", "або простір, або ресурс";
    "is not a field of this input":
        "není pole tohoto vstupu", "nie jest polem tego wejścia", "не є полем цього вводу";
    "must be given":
        "musí být uvedeno", "musi być podane", "має бути вказано";
    "{} is not one of the values of its type":
        "{} není žádná z hodnot svého typu", "{} nie jest żadną z wartości swojego typu", "{} не є жодним зі значень свого типу";
    "Failed to parse {}":
        "hodnotu nelze přečíst: {}", "nie można odczytać wartości: {}", "не вдається прочитати значення: {}";
    "Expected input type {}":
        "hodnota je jiného typu: {}", "wartość jest innego typu: {}", "значення іншого типу: {}";

    // Times.
    "{} is not a time zone of the IANA database, such as {}":
        "{} není časové pásmo databáze IANA, například {}",
        "{} nie jest strefą czasową bazy IANA, na przykład {}",
        "{} не є часовим поясом бази IANA, наприклад {}";
    "{} names a time zone that does not exist, or that has another offset then":
        "{} uvádí časové pásmo, které neexistuje nebo má tehdy jiný posun",
        "{} podaje strefę czasową, która nie istnieje albo ma wtedy inne przesunięcie",
        "{} називає часовий пояс, якого не існує або який тоді має інше зміщення";
    "{} is not an instant, such as {}":
        "{} není okamžik, například {}", "{} nie jest chwilą, na przykład {}", "{} не є моментом часу, наприклад {}";
    "{} is not a day, such as {}":
        "{} není den, například {}", "{} nie jest dniem, na przykład {}", "{} не є днем, наприклад {}";
    "{} is not a month, such as {}":
        "{} není měsíc, například {}", "{} nie jest miesiącem, na przykład {}", "{} не є місяцем, наприклад {}";
    "{} is not a time of day, such as {}":
        "{} není denní doba, například {}", "{} nie jest porą dnia, na przykład {}", "{} не є часом доби, наприклад {}";
    "{} must lie between {} and {}":
        "{} musí ležet mezi {} a {}", "{} musi leżeć między {} a {}", "{} має лежати між {} і {}";
    "must be a day, such as {}":
        "musí být den, například {}", "musi być dniem, na przykład {}", "має бути днем, наприклад {}";
    "must be a month, such as {}":
        "musí být měsíc, například {}", "musi być miesiącem, na przykład {}", "має бути місяцем, наприклад {}";
    "the end must be after the start":
        "konec musí být po začátku", "koniec musi być po początku", "кінець має бути після початку";
    "must be after from, on the same day; 24:00 ends a day":
        "musí být po from, ve stejný den; den končí ve 24:00",
        "musi być po from, tego samego dnia; dzień kończy się o 24:00",
        "має бути після from, того самого дня; день закінчується о 24:00";
    "must be after validFrom and in the future":
        "musí být po validFrom a v budoucnosti", "musi być po validFrom i w przyszłości", "має бути після validFrom і в майбутньому";
    "must be in the future, and after validFrom":
        "musí být v budoucnosti a po validFrom", "musi być w przyszłości i po validFrom", "має бути в майбутньому і після validFrom";
    "must be after {}":
        "musí být po {}", "musi być po {}", "має бути після {}";
    "must be in the future":
        "musí být v budoucnosti", "musi być w przyszłości", "має бути в майбутньому";
    "must lie in the future":
        "musí být v budoucnosti", "musi być w przyszłości", "має бути в майбутньому";
    "not in the future":
        "nesmí být v budoucnosti", "nie może być w przyszłości", "не може бути в майбутньому";
    "must not lie in the past: visits have been charged since":
        "nesmí být v minulosti: od té doby byly účtovány návštěvy",
        "nie może być w przeszłości: od tego czasu rozliczono wizyty",
        "не може бути в минулому: відтоді нараховано плату за відвідування";
    "must not lie before the visit of a guest who has been charged":
        "nesmí být před návštěvou hosta, která už byla účtována",
        "nie może być przed wizytą gościa, która została już rozliczona",
        "не може бути раніше за відвідування гостя, за яке вже нараховано плату";
    "must be given with {}":
        "musí být zadáno spolu s {}", "musi być podane razem z {}", "має бути вказано разом із {}";

    // What belongs together.
    "no plan of this hub has that code":
        "žádný tarif tohoto hubu nemá takový kód", "żaden plan tego hubu nie ma takiego kodu", "жоден план цього хабу не має такого коду";
    "the member's plan is not for this category":
        "tarif člena není pro tuto kategorii", "plan członka nie jest dla tej kategorii", "план учасника не для цієї категорії";
    "a telephone number or an e-mail address":
        "telefon nebo e-mailová adresa", "telefon lub adres e-mail", "телефон або електронна адреса";
    "no guardian of this member":
        "není zákonným zástupcem tohoto člena", "nie jest opiekunem tego członka", "не є опікуном цього учасника";
    "must contain a letter or a digit":
        "musí obsahovat písmeno nebo číslici", "musi zawierać literę lub cyfrę", "має містити літеру або цифру";
    "must be four hexadecimal digits":
        "musí být čtyři šestnáctkové číslice", "muszą być cztery cyfry szesnastkowe", "має бути чотири шістнадцяткові цифри";
    "not for members of this category":
        "není pro členy této kategorie", "nie jest dla członków tej kategorii", "не для учасників цієї категорії";
    "must be given: you belong to no network":
        "musí být zadáno: nepatříte do žádné sítě", "musi być podane: nie należysz do żadnej sieci", "має бути вказано: ви не належите до жодної мережі";
    "must say which network: there are several":
        "musí určit síť: je jich několik", "musi wskazać sieć: jest ich kilka", "має вказувати мережу: їх декілька";
    "must be the hub's, or be left out":
        "musí být síť tohoto hubu, nebo chybět", "musi być siecią tego hubu albo nie być podane", "має бути мережею цього хабу або бути відсутнім";
    "must be given, or networkId":
        "musí být uvedeno, nebo networkId", "musi być podane, albo networkId", "має бути вказано, або networkId";
    "must say at which hub the role is held":
        "musí určit, ve kterém hubu role platí", "musi wskazać, w którym hubie rola obowiązuje", "має вказувати, у якому хабі діє роль";
    "must be left out: the role is held in the whole network":
        "musí chybět: role platí v celé síti", "nie może być podane: rola obowiązuje w całej sieci", "має бути відсутнім: роль діє в усій мережі";
    "cannot be given: members are enrolled at their hub":
        "nelze udělit: členy zapisuje jejich hub", "nie można nadać: członków zapisuje ich hub", "не можна надати: учасників записує їхній хаб";
    "must be something devices do: {}":
        "musí být něco, co zařízení dělají: {}", "musi być czymś, co robią urządzenia: {}", "має бути тим, що роблять пристрої: {}";
    "must name something programs may do":
        "musí jmenovat něco, co programy smějí", "musi wymieniać coś, co programom wolno", "має називати те, що дозволено програмам";
    "or password must be given, one of them":
        "nebo heslo: musí být zadáno právě jedno", "albo hasło: musi być podane dokładnie jedno", "або пароль: має бути вказано рівно одне";
    "must be true: this is not the address the member gave, so make sure who asks for it":
        "musí být true: tuto adresu člen neuvedl, ověřte tedy, kdo o ni žádá",
        "musi być true: to nie jest adres podany przez członka, sprawdź więc, kto o niego prosi",
        "має бути true: це не адреса, яку вказав учасник, тож перевірте, хто про неї просить";
    "must say whose seat it is: you are not a member":
        "musí určit, čí místo to je: nejste člen", "musi wskazać, czyje to miejsce: nie jesteś członkiem", "має вказувати, чиє це місце: ви не учасник";
    "must be one of the addresses that are listed for this provider":
        "musí být jedna z adres uvedených u tohoto poskytovatele",
        "musi być jednym z adresów podanych u tego dostawcy",
        "має бути однією з адрес, указаних для цього постачальника";
    "must be one of {}":
        "musí být jedno z: {}", "musi być jednym z: {}", "має бути одним із: {}";
    "must be the S256 challenge of a verifier, {} signs long":
        "musí být výzva S256 k ověřovacímu řetězci, dlouhá {} znaků",
        "musi być wyzwaniem S256 weryfikatora o długości {} znaków",
        "має бути викликом S256 верифікатора завдовжки {} символів";
    "this sign-in did not begin in this browser, or is over: begin it anew":
        "toto přihlášení nezačalo v tomto prohlížeči, nebo už skončilo: začněte znovu",
        "to logowanie nie zaczęło się w tej przeglądarce albo już się skończyło: zacznij od nowa",
        "цей вхід почався не в цьому браузері або вже завершився: почніть знову";

    // The state of things.
    "hub exists already":
        "hub už existuje", "hub już istnieje", "хаб уже існує";
    "network exists already":
        "síť už existuje", "sieć już istnieje", "мережа вже існує";
    "member exists already":
        "člen už existuje", "członek już istnieje", "учасник уже існує";
    "the membership has ended":
        "členství skončilo", "członkostwo się skończyło", "членство закінчилося";
    "the membership has not ended":
        "členství neskončilo", "członkostwo się nie skończyło", "членство не закінчилося";
    "the {} has changed since it was read":
        "mezitím se to změnilo: {}", "w międzyczasie zmieniło się: {}", "тим часом змінилося: {}";
    "chip exists already":
        "čip už existuje", "chip już istnieje", "чип уже існує";
    "the database refused":
        "databáze to odmítla", "baza danych odmówiła", "база даних відмовила";
    "membership's database":
        "databáze to odmítla", "baza danych odmówiła", "база даних відмовила";
    "roaming's database":
        "databáze to odmítla", "baza danych odmówiła", "база даних відмовила";
    "the row exists already":
        "už to existuje", "to już istnieje", "це вже існує";
    "{} exists already":
        "už existuje: {}", "już istnieje: {}", "уже існує: {}";
    "that event id belongs to another request":
        "toto id události patří jinému požadavku", "to id zdarzenia należy do innego żądania", "цей ідентифікатор події належить іншому запиту";
    "another request was made under this Idempotency-Key":
        "pod tímto Idempotency-Key už přišel jiný požadavek",
        "pod tym Idempotency-Key przyszło już inne żądanie",
        "з цим Idempotency-Key вже надійшов інший запит";
    "this was done before under this Idempotency-Key; its secret was shown then, and is not kept":
        "to už bylo pod tímto Idempotency-Key provedeno; tajný údaj se ukázal tehdy a neuchovává se",
        "to zostało już wykonane pod tym Idempotency-Key; sekret pokazano wtedy i nie jest przechowywany",
        "це вже виконано з цим Idempotency-Key; секрет показано тоді, і він не зберігається";
    "the member is in a hub and cannot be checked out":
        "člen je v hubu a nelze ho odhlásit", "członek jest w hubie i nie można go wymeldować", "учасник перебуває в хабі, і його не можна виписати";
    "the plan of the member does not include roaming":
        "tarif člena nezahrnuje roaming", "plan członka nie obejmuje roamingu", "план учасника не включає роумінг";
    "the member has a roaming pass already":
        "člen už roamingovou propustku má", "członek ma już przepustkę roamingową", "учасник уже має роумінгову перепустку";
    "the pass ended at {} already":
        "propustka už skončila {}", "przepustka skończyła się już {}", "перепустка вже закінчилася {}";
    "{} is not over yet in the network's time zone":
        "{} v časovém pásmu sítě ještě neskončil", "{} w strefie czasowej sieci jeszcze się nie skończył", "{} у часовому поясі мережі ще не закінчився";
    "no rate of {} is known on or before {}":
        "není znám žádný kurz {} k {} ani dříve", "nie jest znany żaden kurs {} na {} ani wcześniej", "невідомо жодного курсу {} на {} чи раніше";
    "the latest rate of {} is of {}, too old for {}":
        "poslední kurz {} je z {}, pro {} je příliš starý",
        "ostatni kurs {} jest z {}, za stary na {}",
        "останній курс {} — за {}, застарий для {}";
    "the event is over":
        "událost už skončila", "wydarzenie już się skończyło", "подія вже закінчилася";
    "this member has an account already":
        "tento člen už účet má", "ten członek ma już konto", "цей учасник уже має обліковий запис";
    "this e-mail has an account already":
        "tento e-mail už účet má", "ten e-mail ma już konto", "ця електронна адреса вже має обліковий запис";
    "this sign-in was linked a moment ago: try again":
        "toto přihlášení bylo právě propojeno: zkuste to znovu",
        "to logowanie właśnie powiązano: spróbuj ponownie",
        "цей вхід щойно пов’язано: спробуйте ще раз";
    "this person has the role already":
        "tato osoba už roli má", "ta osoba ma już tę rolę", "ця особа вже має цю роль";
    "this person has not accepted their invitation, or is suspended":
        "tato osoba nepřijala pozvánku nebo je pozastavena",
        "ta osoba nie przyjęła zaproszenia albo jest zawieszona",
        "ця особа не прийняла запрошення або її призупинено";
    "no second factor is in force":
        "žádný druhý faktor není zapnut", "żaden drugi składnik nie jest włączony", "жоден другий фактор не ввімкнено";
    "a second factor is in force already: switch it off first":
        "druhý faktor už je zapnut: nejdřív ho vypněte",
        "drugi składnik jest już włączony: najpierw go wyłącz",
        "другий фактор уже ввімкнено: спочатку вимкніть його";
    "no second factor waits to be confirmed: enrol one first":
        "žádný druhý faktor nečeká na potvrzení: nejdřív ho založte",
        "żaden drugi składnik nie czeka na potwierdzenie: najpierw go dodaj",
        "жоден другий фактор не чекає на підтвердження: спочатку додайте його";
    "whoever offered this role may not give it any more":
        "kdo tuto roli nabídl, už ji udělit nesmí",
        "kto zaproponował tę rolę, nie może już jej nadać",
        "той, хто запропонував цю роль, більше не може її надати";
    "this is the last way into the account: set a password first":
        "toto je poslední cesta do účtu: nejdřív nastavte heslo",
        "to ostatnia droga do konta: najpierw ustaw hasło",
        "це останній спосіб увійти в обліковий запис: спочатку встановіть пароль";
    "this token belongs to no session":
        "tento token nepatří k žádnému přihlášení", "ten token nie należy do żadnej sesji", "цей токен не належить до жодного сеансу";
    "no mail goes out here: ask those who run the hub":
        "odtud se neposílá pošta: obraťte se na provozovatele hubu",
        "stąd nie wychodzi poczta: zwróć się do prowadzących hub",
        "звідси пошта не надсилається: зверніться до тих, хто веде хаб";
}

/// Translates a rule, given its English sentence.
pub fn rule_in(english: &str, language: Language) -> Option<String> {
    RULES.iter().find_map(|words| {
        let values = values(words.en, english)?;
        let template = match language {
            Language::En => words.en,
            Language::Cs => words.cs,
            Language::Pl => words.pl,
            Language::Uk => words.uk,
        };
        Some(filled(template, &values))
    })
}

/// Returns the values at the places of `{}` in a template; `None` if the sentence does not match it.
fn values<'a>(template: &str, sentence: &'a str) -> Option<Vec<&'a str>> {
    let mut pieces = template.split("{}");
    let mut rest = sentence.strip_prefix(pieces.next()?)?;
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, between)) = pieces.split_last() else { return rest.is_empty().then(Vec::new) };
    let mut values = Vec::new();
    for piece in between {
        let (value, after) = rest.split_once(piece)?;
        values.push(value);
        rest = after;
    }
    values.push(rest.strip_suffix(last)?);
    values.iter().all(|value| !value.is_empty()).then_some(values)
}

fn filled(template: &str, values: &[&str]) -> String {
    let mut pieces = template.split("{}");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.zip(values).fold(first, |text, (piece, value)| text + value + piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_with_its_values_is_found_in_each_language() {
        let translated = |language| rule_in("must be between 1 and 100", language);
        assert_eq!(translated(Language::En).as_deref(), Some("must be between 1 and 100"));
        assert_eq!(translated(Language::Cs).as_deref(), Some("musí být mezi 1 a 100"));
        assert_eq!(translated(Language::Pl).as_deref(), Some("musi być między 1 a 100"));
        assert_eq!(translated(Language::Uk).as_deref(), Some("має бути між 1 і 100"));
        assert_eq!(rule_in("at most 5 at once", Language::Cs).as_deref(), Some("nejvýše 5 najednou"));
        assert_eq!(rule_in("the moon is full", Language::Cs), None);
    }

    /// The values keep their order, so each language has the same number of places; and no rule hides a later one.
    #[test]
    fn every_rule_reads_as_itself_in_every_language() {
        for words in RULES {
            let places = words.en.matches("{}").count();
            let values: Vec<String> = (0..places).map(|place| format!("“{place}”")).collect();
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let sentence = filled(words.en, &values);
            for (language, template) in [
                (Language::En, words.en),
                (Language::Cs, words.cs),
                (Language::Pl, words.pl),
                (Language::Uk, words.uk),
            ] {
                assert_eq!(template.matches("{}").count(), places, "{template}");
                assert_eq!(rule_in(&sentence, language), Some(filled(template, &values)), "{sentence}");
            }
        }
    }
}
