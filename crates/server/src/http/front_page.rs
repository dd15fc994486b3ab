//! The page at `/`: what this is, where to look, and how to sign in to the demo network.
//!
//! Always true: it contains only public information; it shows passwords only while the demo network, whose passwords
//! are public, is served. It loads nothing and has no script.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use kernel::Language;
use platform_http::Document;

use crate::demo::accounts::DEMO_ACCOUNTS;

/// The guides at the time of the build: path, file.
const GUIDES: [(&str, &str); 3] = [
    ("/guides/operator.md", include_str!("../../../../docs/guides/operator.md")),
    ("/guides/roaming-member.md", include_str!("../../../../docs/guides/roaming-member.md")),
    ("/guides/coordinator.md", include_str!("../../../../docs/guides/coordinator.md")),
];

/// The words of the page in one language.
struct Words {
    code: &'static str,
    about: &'static str,
    explorer: &'static str,
    health: &'static str,
    guides: [&'static str; 3],
    demo: &'static str,
    email: &'static str,
    password: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::En => Words {
            code: "en",
            about: "hubnet runs a network of smart hubs: coworking centres, libraries and community houses that share their members.",
            explorer: "Explore the graph",
            health: "Health",
            guides: ["Guide for operators", "Guide for roaming members", "Guide for coordinators"],
            demo: "This is the demo network. Sign in with the mutation signIn and one of its accounts:",
            email: "E-mail",
            password: "Password",
        },
        Language::Cs => Words {
            code: "cs",
            about: "hubnet provozuje síť chytrých center: coworkingů, knihoven a komunitních domů, které sdílejí své členy.",
            explorer: "Prozkoumat graf",
            health: "Stav",
            guides: [
                "Průvodce pro provozovatele",
                "Průvodce pro cestující členy",
                "Průvodce pro koordinátory",
            ],
            demo: "Toto je ukázková síť. Přihlaste se mutací signIn a jedním z jejích účtů:",
            email: "E-mail",
            password: "Heslo",
        },
        Language::Pl => Words {
            code: "pl",
            about: "hubnet prowadzi sieć inteligentnych hubów: centrów coworkingowych, bibliotek i domów społecznych, które dzielą się członkami.",
            explorer: "Przeglądaj graf",
            health: "Stan",
            guides: [
                "Przewodnik dla operatorów",
                "Przewodnik dla podróżujących członków",
                "Przewodnik dla koordynatorów",
            ],
            demo: "To jest sieć demonstracyjna. Zaloguj się mutacją signIn i jednym z jej kont:",
            email: "E-mail",
            password: "Hasło",
        },
        Language::Uk => Words {
            code: "uk",
            about: "hubnet керує мережею розумних хабів: коворкінгів, бібліотек і громадських домів, які мають спільних учасників.",
            explorer: "Дослідити граф",
            health: "Стан",
            guides: [
                "Посібник для операторів",
                "Посібник для мандрівних учасників",
                "Посібник для координаторів",
            ],
            demo: "Це демонстраційна мережа. Увійдіть мутацією signIn з одним із її облікових записів:",
            email: "Ел. пошта",
            password: "Пароль",
        },
    }
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;\
    color:#1a1a1a;background:#fff}a{color:#0b57d0}table{border-collapse:collapse}\
    th,td{text-align:left;padding:.3rem 1rem .3rem 0;border-bottom:1px solid #ccc}\
    @media(prefers-color-scheme:dark){body{color:#eee;background:#161616}a{color:#9cc2ff}th,td{border-color:#444}}";

/// Returns the page in the reader's language. `has_explorer`: whether `/graphql` shows one; `has_demo`: whether the
/// demo network is served, which is known only after it was loaded.
pub(crate) fn page(
    has_explorer: bool,
    has_demo: Arc<AtomicBool>,
) -> Arc<dyn Fn(Language) -> String + Send + Sync> {
    Arc::new(move |language| write(&words(language), has_explorer, has_demo.load(Ordering::Acquire)))
}

/// The guides as documents of the edge, in Markdown.
pub(crate) fn guides() -> Vec<Document> {
    let document = |(path, text): (&'static str, &'static str)| Document {
        path,
        media_type: "text/plain; charset=utf-8",
        text: Arc::new(move || text.to_owned()),
    };
    GUIDES.into_iter().map(document).collect()
}

fn write(words: &Words, has_explorer: bool, has_demo: bool) -> String {
    let mut links = String::new();
    let mut link = |path: &str, name: &str| {
        let _written = write!(links, "<li><a href=\"{path}\">{name}</a></li>");
    };
    if has_explorer {
        link("/graphql", words.explorer);
    }
    for ((path, _), name) in GUIDES.iter().zip(words.guides) {
        link(path, name);
    }
    link("/health/ready", words.health);
    let demo = if has_demo { demo(words) } else { String::new() };
    let Words { code, about, .. } = words;
    format!(
        "<!doctype html><html lang=\"{code}\"><head><meta charset=\"utf-8\"><title>hubnet</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head>\
         <body><main><h1>hubnet</h1><p>{about}</p><ul>{links}</ul>{demo}</main></body></html>\n"
    )
}

fn demo(words: &Words) -> String {
    let mut rows = String::new();
    for account in DEMO_ACCOUNTS {
        let (email, password) = (account.email, account.password);
        let _written = write!(rows, "<tr><td><code>{email}</code></td><td><code>{password}</code></td></tr>");
    }
    let Words { demo, email, password, .. } = words;
    format!(
        "<p>{demo}</p><table><thead><tr><th scope=\"col\">{email}</th><th scope=\"col\">{password}</th></tr></thead>\
         <tbody>{rows}</tbody></table>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_stand_on_the_page_only_with_the_demo_network() {
        for language in [Language::En, Language::Cs, Language::Pl, Language::Uk] {
            let without = write(&words(language), true, false);
            let with = write(&words(language), true, true);
            assert!(DEMO_ACCOUNTS.iter().all(|account| with.contains(account.password)), "{with}");
            assert!(DEMO_ACCOUNTS.iter().all(|account| !without.contains(account.password)), "{without}");
        }
    }

    #[test]
    fn the_explorer_is_named_only_where_there_is_one() {
        assert!(write(&words(Language::En), true, false).contains("href=\"/graphql\""));
        assert!(!write(&words(Language::En), false, false).contains("href=\"/graphql\""));
    }
}
