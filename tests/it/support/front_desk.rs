//! The front desk of an installation: enrols members over HTTP, hands out chips and passes, and administers every
//! hub.
//!
//! Always true: members, their chips and their passes are valid since a quarter of a year, so visits of last month
//! count. The clock is the machine's own, because processes have no other.

use jiff::{SignedDuration, Timestamp};
use kernel::Clock;
use testkit::{Json, json};

use crate::{support::installation::Installation, support::remote::Remote};

const MEMBERS_SINCE: SignedDuration = SignedDuration::from_hours(24 * 90);
/// The hubs of every installation here.
pub(crate) const HUBS: [&str; 2] = ["humpolec", "piaseczno"];

/// A member with a chip.
#[derive(Debug, Clone)]
pub(crate) struct Traveller {
    /// The member's id.
    pub(crate) id: String,
    /// The number of the chip.
    pub(crate) chip: String,
    /// The id of the chip.
    pub(crate) chip_id: String,
    /// The e-mail, which signs in.
    pub(crate) email: String,
}

/// A caller who may do everything at two hubs, and coordinates their network.
#[derive(Debug, Clone)]
pub(crate) struct FrontDesk {
    remote: Remote,
    hubs: Vec<(String, String)>,
}

impl FrontDesk {
    /// Opens the front desk at a server of an installation.
    pub(crate) async fn open(installation: &Installation, url: &str) -> Self {
        let at = HUBS.map(|slug| ["--hub", slug]).concat();
        let token = installation.token(&[["administrator", "--as", "coordinator"].as_slice(), &at].concat());
        let remote = Remote::anonymous(url).with_token(&token);
        let answer = remote.ask("{ hubs { nodes { slug id } } }", json!({})).await;
        let nodes = answer["hubs"]["nodes"].as_array().expect("hubs");
        let hubs = nodes.iter().map(|hub| (word(&hub["slug"]), word(&hub["id"]))).collect();
        Self { remote, hubs }
    }

    /// Returns the caller at the server.
    pub(crate) fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Returns the id of a hub.
    pub(crate) fn hub(&self, slug: &str) -> &str {
        let found = self.hubs.iter().find(|(of, _)| of == slug);
        found.map(|(_, id)| id.as_str()).expect("a hub of this network")
    }

    /// Enrols a member with a chip, whose number only has to be unique.
    pub(crate) async fn enrol(&self, home: &str, name: &str, chip: &str) -> Traveller {
        const ENROL: &str =
            "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
        const CHIP: &str = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        let since = now() - MEMBERS_SINCE;
        let input = json!({
            "hubId": self.hub(home), "name": name, "email": email, "language": "cs", "category": "RESIDENT",
            "plan": "resident", "joinedAt": since,
        });
        let id =
            word(&self.remote.ask(ENROL, json!({ "input": input })).await["enrollMember"]["member"]["id"]);
        let input = json!({ "memberId": id, "number": chip, "issuedAt": since });
        let chip_id =
            word(&self.remote.ask(CHIP, json!({ "input": input })).await["issueChip"]["chip"]["id"]);
        Traveller { id, chip: chip.to_owned(), chip_id, email }
    }

    /// Gives a member a roaming pass.
    pub(crate) async fn give_pass(&self, traveller: &Traveller) {
        const PASS: &str =
            "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { id } } }";
        let input = json!({ "memberId": traveller.id, "validFrom": now() - MEMBERS_SINCE });
        self.remote.ask(PASS, json!({ "input": input })).await;
    }

    /// Returns a hub's visits in a comparable form: who, from when until when, how long, in order.
    pub(crate) async fn visits(&self, slug: &str) -> Vec<Json> {
        const VISITS: &str = "query($id: ID!, $after: String) { hub(id: $id) { visits(first: 100, after: $after) { \
            nodes { id member { email } startedAt endedAt minutes endedBy } pageInfo { hasNextPage endCursor } } } }";
        let (mut visits, mut after) = (Vec::new(), Json::Null);
        loop {
            let answer = self.remote.ask(VISITS, json!({ "id": self.hub(slug), "after": after })).await;
            let page = &answer["hub"]["visits"];
            visits.extend(page["nodes"].as_array().expect("visits").iter().cloned());
            if page["pageInfo"]["hasNextPage"] != true {
                return visits;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }
}

/// Returns the present instant, to the second.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(kernel::SystemClock.now().as_second()).expect("an instant")
}

/// Returns a text of a response.
pub(crate) fn word(value: &Json) -> String {
    value.as_str().expect("a text").to_owned()
}
