//! Two networks and, in one of them, two hubs, all full of data, with one caller of each kind.
//!
//! Always true: private data of a hub contains the hub's canary, a word that occurs nowhere else.

use std::collections::BTreeMap;

use testkit::{Client, TestApp, json};

use super::{
    hub::Hub,
    table::{CALLERS, Whose},
};
use crate::{spec::identity::single_sign_on::Liar, support::post::Post};

/// The password of every account.
pub(super) const PASSWORD: &str = "correct horse battery";

/// A hub whose objects are requested.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// Words that are part of all private data there.
    pub(super) canaries: Canaries,
    pub(super) ids: BTreeMap<String, String>,
    /// People with an account there, to whom codes are sent.
    pub(super) people: Vec<(String, Client)>,
    /// A person there with a second factor in force.
    pub(super) guarded: (String, Client),
}

/// Words that only some callers may read.
#[derive(Debug, Clone, Default)]
pub(super) struct Canaries {
    /// Words of members: for the hub's staff.
    pub(super) members: Vec<String>,
    /// Ids of members: for readers of the hub's log, too.
    pub(super) ids: Vec<String>,
    /// Words of the staff: for those who give roles there.
    pub(super) staff: Vec<String>,
}

impl Target {
    /// Returns the id of the object there for an argument of this name.
    pub(super) fn id(&self, name: &str) -> Option<&str> {
        self.ids.get(name).map(String::as_str)
    }

    /// Returns the same hub with ids of objects that it does not have.
    fn with_nothing(&self) -> Self {
        let is_public = |name: &str| ["hub", "network", "event"].iter().any(|it| name.starts_with(it));
        let mut nowhere = self.clone();
        for (_, id) in nowhere.ids.iter_mut().filter(|(name, _)| !is_public(name)) {
            let turned = |digit: char| digit.to_digit(16).and_then(|it| char::from_digit(15 - it, 16));
            let kept = id.len().saturating_sub(10);
            let ending: String = id.chars().skip(kept).map(|it| turned(it).unwrap_or(it)).collect();
            id.truncate(kept);
            id.push_str(&ending);
        }
        nowhere
    }
}

/// A caller.
#[derive(Debug)]
pub(super) enum Caller {
    /// A caller that the authenticator accepts.
    LetIn(Box<Client>),
    /// A caller whose token the authenticator refuses, with the code.
    TurnedAway(String),
}

pub(super) struct Fixture {
    pub(super) app: TestApp,
    pub(super) post: Post,
    /// The provider at which people of both networks have accounts.
    pub(super) liar: Liar,
    pub(super) home: Target,
    pub(super) other: Target,
    pub(super) far: Target,
    /// Another network's hub, without any objects.
    pub(super) nowhere: Target,
    /// In the order of the matrix's columns.
    pub(super) callers: Vec<Caller>,
}

impl Fixture {
    pub(super) async fn build() -> Self {
        let liar = Liar::start().await;
        let (app, post) = Post::open_with(|config| {
            config.identity.public_url = Some("http://localhost:1".to_owned());
            config.identity.single_sign_on = ["north", "south"].map(|it| liar.settings(it, it)).into();
        })
        .await;
        let (north, south) = (app.network("north").await, app.network("south").await);
        let mut home = Hub::onboard(&app, &north, "home").await;
        let mut other = Hub::onboard(&app, &north, "other").await;
        let mut far = Hub::onboard(&app, &south, "far").await;
        let beyond = Hub::onboard(&app, &south, "beyond").await;
        let ways = [(&home, &other), (&other, &home), (&far, &beyond), (&beyond, &far)];
        for (from, to) in ways {
            from.visit(&app, &from.place).await;
            from.visit(&app, &to.place).await;
            from.forget_to_check_out(&app, &to.place).await;
        }
        app.set_clock("2026-11-02T19:30:00Z");
        app.close_forgotten_visits().await;
        app.drain().await;
        app.set_clock("2026-11-03T07:00:00Z");
        for (from, to) in ways {
            from.hand_in_the_check_out(&app, &to.place).await;
        }
        app.drain().await;
        app.set_clock("2026-12-01T12:00:00Z");
        app.services().load_revocations().await.expect("the revocations are loaded");
        for network in [&north, &south] {
            let close = "mutation($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { id } } }";
            let input = json!({ "input": { "networkId": network.id, "month": "2026-11" } });
            app.system().ask(close, input).await;
        }
        let mut accounts = Vec::new();
        for hub in [&mut home, &mut other, &mut far] {
            hub.furnish(&app).await;
            accounts.push(Box::pin(hub.people(&app, &post, &liar)).await);
        }
        app.drain().await;
        let suspended = home.locked_out(&app, &post).await;
        app.recount().await;
        // All events are consumed, so no service waits for an event under way.
        app.pass_minutes(2);
        app.services().load_revocations().await.expect("the revocations are loaded");
        let [own, neighbour, stranger]: [_; 3] = accounts.try_into().expect("three hubs");
        let let_in = |client: &Client| Caller::LetIn(Box::new(client.clone()));
        let callers = vec![
            Caller::LetIn(Box::new(app.anonymous())),
            let_in(&own.member),
            Caller::TurnedAway(suspended),
            let_in(&own.device),
            let_in(&own.operator),
            let_in(&own.administrator),
            let_in(&own.coordinator),
            let_in(&neighbour.administrator),
            let_in(&stranger.administrator),
            let_in(&own.program),
            let_in(&own.network_administrator),
            let_in(&stranger.network_administrator),
        ];
        assert_eq!(callers.len(), CALLERS.len());
        let (home, other, far) = (home.target(), other.target(), far.target());
        let nowhere = far.with_nothing();
        Self { app, post, liar, home, other, far, nowhere, callers }
    }

    /// Returns the place for an origin of ids.
    pub(super) fn at(&self, whose: Whose) -> &Target {
        match whose {
            Whose::Own => &self.home,
            Whose::Other => &self.other,
            Whose::Far => &self.far,
        }
    }

    /// Returns the words that a caller must not see.
    pub(super) fn canaries_for(&self, caller: &str) -> Vec<&str> {
        let places = [(&self.home, "home"), (&self.other, "other"), (&self.far, "far")];
        let forbidden = places.into_iter().flat_map(|(place, name)| {
            let Canaries { members, ids, staff } = &place.canaries;
            let is_staff = matches!(
                (name, caller),
                ("home", "operator" | "administrator") | ("other", "neighbour") | ("far", "stranger")
            );
            let gives_roles =
                matches!((name, caller), ("home" | "other", "network administrator") | ("far", "outsider"));
            let is_operator = name == "home" && caller == "operator";
            let knows_staff = move |word: &str| {
                gives_roles || (is_staff && !is_operator) || (is_operator && word.ends_with("operator"))
            };
            let members = members.iter().filter(move |_| !is_staff);
            let ids = ids.iter().filter(move |_| !is_staff && !gives_roles);
            members.chain(ids).chain(staff.iter().filter(move |word| !knows_staff(word)))
        });
        forbidden.map(String::as_str).collect()
    }
}
