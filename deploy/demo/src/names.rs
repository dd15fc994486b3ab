//! Common names of the three countries, and headlines of what people seek. Surnames agree with the bearer's sex, as
//! in Czech, Polish and some Ukrainian names.

/// Names of one language.
pub(crate) struct Names {
    pub(crate) women: &'static [&'static str],
    pub(crate) women_surnames: &'static [&'static str],
    pub(crate) men: &'static [&'static str],
    pub(crate) men_surnames: &'static [&'static str],
    /// What people seek, as shown on the presence page.
    pub(crate) headlines: &'static [&'static str],
}

/// Returns the names of a hub's language: cs, pl or uk.
pub(crate) fn names_in(language: &str) -> &'static Names {
    match language {
        "cs" => &CZECH,
        "uk" => &UKRAINIAN,
        _ => &POLISH,
    }
}

#[rustfmt::skip] // one name per line would hide the lists
static CZECH: Names = Names {
    women: &[
        "Jana", "Marie", "Eva", "Hana", "Anna", "Lenka", "Kateřina", "Lucie", "Věra", "Alena",
        "Petra", "Veronika", "Tereza", "Barbora", "Zuzana", "Markéta", "Klára", "Eliška", "Jitka",
        "Šárka",
    ],
    women_surnames: &[
        "Nováková", "Svobodová", "Novotná", "Dvořáková", "Černá", "Procházková", "Kučerová",
        "Veselá", "Krejčí", "Horáková", "Němcová", "Pokorná", "Marková", "Růžičková", "Benešová",
        "Fialová", "Sedláčková", "Zemanová", "Kolářová", "Vaňková", "Bártová", "Říhová", "Šimková",
        "Hrubá",
    ],
    men: &[
        "Jiří", "Jan", "Petr", "Josef", "Pavel", "Martin", "Tomáš", "Jaroslav", "Miroslav",
        "Zdeněk", "Václav", "Michal", "František", "Jakub", "Milan", "Karel", "Lukáš", "David",
        "Ondřej", "Vojtěch",
    ],
    men_surnames: &[
        "Novák", "Svoboda", "Novotný", "Dvořák", "Černý", "Procházka", "Kučera", "Veselý", "Krejčí",
        "Horák", "Němec", "Pokorný", "Marek", "Růžička", "Beneš", "Fiala", "Sedláček", "Zeman",
        "Kolář", "Vaněk", "Bárta", "Říha", "Šimek", "Hrubý",
    ],
    headlines: &[
        "Grafička hledá tiskárnu na krátké série",
        "Vývojář nabízí pomoc s webem, hledá účetní",
        "Sháním partu na běžky a na podnikání",
        "Překlady z polštiny, hledám nakladatele",
        "Hledám společníka do truhlářské dílny",
        "Účetní pro neziskovky má volnou kapacitu",
        "Lektorka angličtiny hledá firmy v okolí",
    ],
};

#[rustfmt::skip] // one name per line would hide the lists
static POLISH: Names = Names {
    women: &[
        "Anna", "Maria", "Katarzyna", "Małgorzata", "Agnieszka", "Krystyna", "Barbara", "Ewa",
        "Elżbieta", "Zofia", "Joanna", "Magdalena", "Monika", "Aleksandra", "Natalia", "Zuzanna",
        "Dorota", "Iwona", "Hanna", "Beata",
    ],
    women_surnames: &[
        "Nowak", "Kowalska", "Wiśniewska", "Wójcik", "Kowalczyk", "Kamińska", "Lewandowska",
        "Zielińska", "Szymańska", "Woźniak", "Dąbrowska", "Kozłowska", "Jankowska", "Mazur",
        "Kwiatkowska", "Krawczyk", "Piotrowska", "Grabowska", "Nowakowska", "Pawłowska",
        "Michalska", "Król", "Wieczorek", "Jabłońska",
    ],
    men: &[
        "Piotr", "Krzysztof", "Andrzej", "Tomasz", "Jan", "Paweł", "Michał", "Marcin", "Jakub",
        "Adam", "Stanisław", "Marek", "Łukasz", "Grzegorz", "Mateusz", "Wojciech", "Mariusz",
        "Dariusz", "Zbigniew", "Rafał",
    ],
    men_surnames: &[
        "Nowak", "Kowalski", "Wiśniewski", "Wójcik", "Kowalczyk", "Kamiński", "Lewandowski",
        "Zieliński", "Szymański", "Woźniak", "Dąbrowski", "Kozłowski", "Jankowski", "Mazur",
        "Kwiatkowski", "Krawczyk", "Piotrowski", "Grabowski", "Nowakowski", "Pawłowski",
        "Michalski", "Król", "Wieczorek", "Jabłoński",
    ],
    headlines: &[
        "Szukam firmy, która zamówi catering społeczny",
        "Programistka pomoże stowarzyszeniom ze stroną",
        "Szukam wspólnika do warsztatu rowerowego",
        "Fotograf chętnie nauczy w zamian za biurko",
        "Doradca dotacyjny, konsultacje po 16",
        "Szukam tłumacza ukraińskiego na dwa dni w tygodniu",
        "Krawcowe z pracowni szyją torby dla firm",
    ],
};

#[rustfmt::skip] // one name per line would hide the lists
static UKRAINIAN: Names = Names {
    women: &[
        "Оксана", "Наталія", "Олена", "Ірина", "Тетяна", "Людмила", "Світлана", "Юлія", "Катерина",
        "Марія", "Ганна", "Вікторія", "Надія", "Галина", "Софія", "Дарина",
    ],
    women_surnames: &[
        "Шевченко", "Коваленко", "Бондаренко", "Ткаченко", "Кравченко", "Олійник", "Поліщук",
        "Савченко", "Лисенко", "Мельник", "Марченко", "Руденко", "Петренко", "Клименко", "Павленко",
        "Левицька", "Савицька", "Гончар", "Мороз", "Кравчук",
    ],
    men: &[
        "Олександр", "Сергій", "Андрій", "Володимир", "Микола", "Іван", "Василь", "Дмитро", "Юрій",
        "Віктор", "Тарас", "Богдан", "Максим", "Петро", "Ярослав", "Олег",
    ],
    men_surnames: &[
        "Шевченко", "Коваленко", "Бондаренко", "Ткаченко", "Кравченко", "Олійник", "Поліщук",
        "Савченко", "Лисенко", "Мельник", "Марченко", "Руденко", "Петренко", "Клименко", "Павленко",
        "Левицький", "Савицький", "Гончар", "Мороз", "Кравчук",
    ],
    headlines: &[
        "Шукаю віддалену роботу перекладачки",
        "Навчаю шити, шукаю майстерню",
        "Краєзнавець шукає старі світлини міста",
        "Допоможу з комп’ютером літнім сусідам",
    ],
};
