//! The search for members: by name, address, category, plan, presence and chip, whatever the script.

use kernel::Role;
use platform_db::Reach;
use testkit::{Client, Json, TestApp, TestHub, TestMember, json};

const FIND: &str = "query($hub: ID!, $search: MemberSearchInput, $sort: MemberSort, $first: Int, $after: String, \
    $last: Int, $before: String) { hub(id: $hub) { members(search: $search, sort: $sort, first: $first, \
    after: $after, last: $last, before: $before) { totalCount nodes { name } \
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }";
const CORRECT: &str =
    "mutation($input: CorrectMemberInput!) { correctMember(input: $input) { member { version } } }";

async fn page(client: &Client, hub: &TestHub, arguments: Json) -> Json {
    let mut variables = json!({ "hub": hub.id });
    let more = arguments.as_object().expect("arguments").clone();
    variables.as_object_mut().expect("variables").extend(more);
    client.ask(FIND, variables).await["hub"]["members"].clone()
}

fn names(page: &Json) -> Vec<String> {
    let nodes = page["nodes"].as_array().expect("members").iter();
    nodes.map(|node| node["name"].as_str().expect("a name").to_owned()).collect()
}

async fn found(client: &Client, hub: &TestHub, search: Json) -> Vec<String> {
    names(&page(client, hub, json!({ "search": search })).await)
}

/// Enrols a member with an address of their own.
async fn enrol(app: &TestApp, hub: &TestHub, name: &str, email: &str, category: &str) -> String {
    let enrol = "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
    let input =
        json!({ "hubId": hub.id, "name": name, "email": email, "language": "cs", "category": category });
    let data = app.system().ask(enrol, json!({ "input": input })).await;
    data["enrollMember"]["member"]["id"].as_str().expect("an id").to_owned()
}

async fn people(app: &TestApp) -> TestHub {
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    for (place, name) in
        ["Chalupa Petr", "Zofia Żółć", "Hora Jan", "Олена Григоренко", "Cibulka Jan", "Čech Jan"]
            .into_iter()
            .enumerate()
    {
        app.pass_minutes(1);
        let category = if place % 2 == 0 { "RESIDENT" } else { "SENIOR" };
        enrol(app, &hub, name, &format!("person{place}@example.org"), category).await;
    }
    app.drain().await;
    hub
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_found_by_the_beginning_of_any_word_whatever_the_script_and_diacritics() {
    let app = TestApp::new().await;
    let hub = people(&app).await;
    let operator = app.operator(&hub);
    for (text, expected) in [
        ("zolc", "Zofia Żółć"),
        ("ŻÓŁ", "Zofia Żółć"),
        ("olena", "Олена Григоренко"),
        ("hryho", "Олена Григоренко"),
        ("григ", "Олена Григоренко"),
        ("cech", "Čech Jan"),
        ("jan hor", "Hora Jan"),
        ("person4@", "Cibulka Jan"),
        ("PERSON0", "Chalupa Petr"),
    ] {
        assert_eq!(found(&operator, &hub, json!({ "text": text })).await, [expected], "{text}");
    }
    for nobody in ["ech", "zolcx", "example", "jan petr"] {
        assert_eq!(found(&operator, &hub, json!({ "text": nobody })).await, [""; 0], "{nobody}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_sorted_as_the_language_of_their_hub_sorts_names_or_by_joining() {
    let app = TestApp::new().await;
    let hub = people(&app).await;
    let operator = app.operator(&hub);
    let by_name = ["Cibulka Jan", "Čech Jan", "Hora Jan", "Chalupa Petr", "Zofia Żółć", "Олена Григоренко"];
    let sorted = page(&operator, &hub, json!({ "sort": "NAME" })).await;
    assert_eq!((names(&sorted), &sorted["totalCount"]), (by_name.map(String::from).to_vec(), &json!(6)));
    assert_eq!(found(&operator, &hub, json!({ "text": " " })).await, by_name, "a blank text is no condition");
    let by_joining = page(&operator, &hub, json!({ "sort": "JOINED_AT", "search": { "text": "jan" } })).await;
    assert_eq!(names(&by_joining), ["Hora Jan", "Cibulka Jan", "Čech Jan"]);
    assert_eq!(by_joining["totalCount"], 3);
    // Read page by page, forward and backward, in either order.
    for sort in ["NAME", "JOINED_AT"] {
        let whole = names(&page(&operator, &hub, json!({ "sort": sort })).await);
        let (mut forward, mut after) = (Vec::new(), Json::Null);
        loop {
            let next = page(&operator, &hub, json!({ "sort": sort, "first": 2, "after": after })).await;
            forward.extend(names(&next));
            after = next["pageInfo"]["endCursor"].clone();
            if next["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(forward, whole, "{sort}");
        let (mut backward, mut before) = (Vec::new(), Json::Null);
        loop {
            let next = page(&operator, &hub, json!({ "sort": sort, "last": 4, "before": before })).await;
            let mut read = names(&next);
            read.append(&mut backward);
            backward = read;
            before = next["pageInfo"]["startCursor"].clone();
            if next["pageInfo"]["hasPreviousPage"] == false {
                break;
            }
        }
        assert_eq!(backward, whole, "{sort}");
    }
    let cursor =
        page(&operator, &hub, json!({ "sort": "NAME", "first": 1 })).await["pageInfo"]["endCursor"].clone();
    let foreign = json!({ "hub": hub.id, "sort": "JOINED_AT", "first": 1, "after": cursor });
    let response = operator.response(FIND, foreign).await;
    assert_eq!(
        response["errors"][0]["extensions"]["field"], "after",
        "a cursor of another order: {response}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_are_combined() {
    let app = TestApp::new().await;
    let hub = people(&app).await;
    let inside: TestMember = app.member(&hub, "Jana Uvnitř").await;
    let outside = app.member(&hub, "Jan Venku").await;
    app.check_in(&hub, &inside).await;
    app.drain().await;
    let operator = app.operator(&hub);
    let seniors = found(&operator, &hub, json!({ "category": "SENIOR" })).await;
    assert_eq!(seniors, ["Čech Jan", "Zofia Żółć", "Олена Григоренко"]);
    assert_eq!(found(&operator, &hub, json!({ "category": "SENIOR", "text": "jan" })).await, ["Čech Jan"]);
    let present = json!({ "presentNow": true });
    assert_eq!(found(&operator, &hub, present).await, ["Jana Uvnitř"]);
    assert_eq!(found(&operator, &hub, json!({ "presentNow": true, "text": "venku" })).await, [""; 0]);
    let ending = &outside.chip[outside.chip.len() - 4..];
    assert_eq!(found(&operator, &hub, json!({ "chipEnding": ending })).await, ["Jan Venku"]);
    let of_both = json!({ "chipEnding": ending.to_lowercase(), "presentNow": true });
    assert_eq!(found(&operator, &hub, of_both).await, [""; 0]);
    let plans =
        operator.ask("query($id: ID!) { hub(id: $id) { plans { id } } }", json!({ "id": hub.id })).await;
    let plan = &plans["hub"]["plans"][0]["id"];
    let with_plan = page(&operator, &hub, json!({ "search": { "planId": plan } })).await;
    assert_eq!(
        (names(&with_plan), &with_plan["totalCount"]),
        (vec!["Jan Venku".into(), "Jana Uvnitř".into()], &json!(2))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_name_is_found_at_once_and_an_erased_one_never_again() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let member = app.member(&hub, "Jana Novkaova").await;
    let administrator = app.staff(Role::Administrator, &hub);
    let correction = json!({ "input": { "memberId": member.id, "expectedVersion": 1, "name": "Jana Nováková",
                                        "category": "SENIOR", "email": "jana@example.net" } });
    administrator.ask(CORRECT, correction).await;
    assert_eq!(found(&administrator, &hub, json!({ "text": "novak" })).await, ["Jana Nováková"]);
    assert_eq!(found(&administrator, &hub, json!({ "text": "jana@example.net" })).await, ["Jana Nováková"]);
    assert_eq!(found(&administrator, &hub, json!({ "category": "SENIOR" })).await, ["Jana Nováková"]);
    for before in [json!({ "text": "novka" }), json!({ "category": "RESIDENT" })] {
        assert_eq!(found(&administrator, &hub, before).await, [""; 0]);
    }
    let erase = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { memberId } }";
    administrator.ask(erase, json!({ "input": { "memberId": member.id } })).await;
    app.drain().await;
    for gone in [json!({ "text": "novak" }), json!({ "text": "" }), json!({ "category": "RESIDENT" })] {
        assert_eq!(found(&administrator, &hub, gone).await, [""; 0]);
    }
    let db = &app.services().databases()[0];
    let tx = db.read(Reach::Network(network.id.parse().expect("an id"))).await.expect("a transaction");
    let rows = tx.rows("select word from member_search", []).await.expect("rows");
    assert!(rows.is_empty(), "no word of an erased member is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_nobody_of_another_hub_and_is_for_the_staff() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, other) = (app.hub(&network, "home").await, app.hub(&network, "other").await);
    let member = app.member(&home, "Jana Nováková").await;
    app.member(&other, "Jana Jinde").await;
    assert_eq!(found(&app.operator(&home), &home, json!({ "text": "jana" })).await, ["Jana Nováková"]);
    let asked = json!({ "hub": home.id, "search": { "text": "jana" } });
    assert_eq!(app.operator(&other).refused(FIND, asked.clone()).await, "NOT_FOUND");
    assert_eq!(app.as_member(&member).refused(FIND, asked.clone()).await, "FORBIDDEN");
    assert_eq!(app.coordinator(&network).refused(FIND, asked.clone()).await, "FORBIDDEN");
    assert_eq!(app.anonymous().refused(FIND, asked).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_cannot_find_anything_is_refused_by_its_field() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    for (search, field) in [
        (json!({ "text": "…" }), "search.text"),
        (json!({ "text": "a b c d e f g h i" }), "search.text"),
        (json!({ "text": "x".repeat(201) }), "search.text"),
        (json!({ "chipEnding": "12" }), "search.chipEnding"),
        (json!({ "planId": "x" }), "search.planId"),
    ] {
        let asked = json!({ "hub": hub.id, "search": search });
        let response = app.operator(&hub).response(FIND, asked).await;
        let refusal = &response["errors"][0]["extensions"];
        assert_eq!(
            (&refusal["code"], &refusal["field"]),
            (&json!("INVALID_INPUT"), &json!(field)),
            "{response}"
        );
    }
}

/// An upgrade leaves members without words; the job adds them, once.
#[tokio::test(flavor = "multi_thread")]
async fn members_of_before_there_was_a_search_are_found_after_the_job() {
    let app = TestApp::new().await;
    let hub = people(&app).await;
    let db = &app.services().databases()[0];
    let network = Reach::Network(hub.network.parse().expect("an id"));
    let tx = db.write(network).await.expect("a transaction");
    tx.run("delete from member_search", []).await.expect("no words");
    tx.run("update member set is_searchable = false", []).await.expect("an old version");
    tx.commit().await.expect("it is written");
    let operator = app.operator(&hub);
    assert_eq!(found(&operator, &hub, json!({ "text": "zolc" })).await, [""; 0]);
    app.run_jobs_of("member_index").await;
    assert_eq!(found(&operator, &hub, json!({ "text": "zolc" })).await, ["Zofia Żółć"]);
    assert_eq!(page(&operator, &hub, json!({ "sort": "NAME" })).await["totalCount"], 6);
}
