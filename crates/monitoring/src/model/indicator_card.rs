//! Indicator cards: the name, definition and unit of an indicator, in the network's languages.
//!
//! Always true: a built-in card names a figure of [`Metrics`](crate::Metrics); a published code keeps its meaning.

use crate::Language;

/// A text in every language of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    en: &'static str,
    cs: &'static str,
    pl: &'static str,
    uk: &'static str,
}

/// A description of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndicatorCard {
    /// The stable code.
    pub code: &'static str,
    /// The name.
    pub name: Words,
    /// The unit.
    pub unit: Words,
    /// What is counted, and what is not.
    pub definition: Words,
}

impl Words {
    /// Returns the text in one language.
    pub const fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Cs => self.cs,
            Language::Pl => self.pl,
            Language::Uk => self.uk,
        }
    }
}

impl IndicatorCard {
    /// The cards of the indicators that are computed from the visits themselves.
    pub const BUILT_IN: [Self; 4] = [
        Self {
            code: "VISITS_MONTH",
            name: Words {
                en: "Visits a month",
                cs: "Návštěvy za měsíc",
                pl: "Wizyty w miesiącu",
                uk: "Відвідування за місяць",
            },
            unit: VISITS,
            definition: Words {
                en: "Visits that began in the month at the hub, by its own calendar. Annulled visits do not count.",
                cs: "Návštěvy, které v daném měsíci v hubu začaly, podle místního kalendáře. Zrušené se nepočítají.",
                pl: "Wizyty rozpoczęte w hubie w danym miesiącu, według miejscowego kalendarza. Anulowane się nie liczą.",
                uk: "Відвідування, що почалися в хабі цього місяця за місцевим календарем. Скасовані не враховуються.",
            },
        },
        Self {
            code: "VISIT_MINUTES",
            name: Words {
                en: "Minutes visited",
                cs: "Minuty strávené v hubu",
                pl: "Minuty spędzone w hubie",
                uk: "Хвилини перебування",
            },
            unit: MINUTES,
            definition: Words {
                en: "Whole minutes of ended visits, counted in the period in which the visit began.",
                cs: "Celé minuty ukončených návštěv, započtené do období, ve kterém návštěva začala.",
                pl: "Pełne minuty zakończonych wizyt, liczone w okresie, w którym wizyta się zaczęła.",
                uk: "Повні хвилини завершених відвідувань, зараховані до періоду, в якому відвідування почалося.",
            },
        },
        Self {
            code: "ROAMING_VISITS",
            name: Words {
                en: "Visits from other hubs",
                cs: "Návštěvy z jiných hubů",
                pl: "Wizyty z innych hubów",
                uk: "Відвідування з інших хабів",
            },
            unit: VISITS,
            definition: Words {
                en: "Those of the visits that were by members at home in another hub.",
                cs: "Ty z návštěv, které vykonali členové s domovským hubem jinde.",
                pl: "Te z wizyt, które odbyli członkowie innego huba.",
                uk: "Ті з відвідувань, які здійснили учасники з іншого домашнього хабу.",
            },
        },
        Self {
            code: "ROAMING_MINUTES",
            name: Words {
                en: "Minutes by members of other hubs",
                cs: "Minuty členů jiných hubů",
                pl: "Minuty członków innych hubów",
                uk: "Хвилини учасників інших хабів",
            },
            unit: MINUTES,
            definition: Words {
                en: "Those of the visited minutes that were by members at home in another hub.",
                cs: "Ty z minut, které v hubu strávili členové s domovským hubem jinde.",
                pl: "Te z minut, które spędzili w hubie członkowie innego huba.",
                uk: "Ті з хвилин перебування, які провели учасники з іншого домашнього хабу.",
            },
        },
    ];
}

const VISITS: Words = Words { en: "visits", cs: "návštěvy", pl: "wizyty", uk: "відвідування" };
const MINUTES: Words = Words { en: "minutes", cs: "minuty", pl: "minuty", uk: "хвилини" };
