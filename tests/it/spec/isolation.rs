//! Isolation (G4): who gets which field of the graph, by whose id they give. `isolation/matrix.txt` lists it, one
//! line per field, and these tests check the application against it.
//!
//! Always true: a field of the schema without a line fails, as does a line without a field. Every caller requests
//! every line with their own ids, with another hub's and with another network's.

mod asking;
mod books;
mod cursors;
mod fixture;
mod fragments;
mod hub;
mod inputs;
mod places;
mod question;
mod schema;
mod table;

use std::collections::BTreeSet;

use self::{asking::Asking, fixture::Fixture, schema::Schema};

#[test]
fn every_field_of_the_graph_has_a_line_in_the_matrix() {
    let fields = Schema::read().fields();
    let schema = Schema::read();
    let mut covered = BTreeSet::new();
    for section in table::read() {
        for row in section.rows {
            if row.field == "*" {
                let all = schema.of(&section.of).into_iter();
                let all: Vec<String> =
                    all.map(|field| format!("{}.{}", section.of, field.name.node)).collect();
                assert!(!all.is_empty(), "{} is no object of the schema", section.of);
                covered.extend(all);
            } else {
                covered.insert(format!("{}.{}", section.of, row.field));
            }
        }
    }
    let missing: Vec<&String> = fields.difference(&covered).collect();
    assert!(
        missing.is_empty(),
        "give these fields a line in tests/it/spec/isolation/matrix.txt: {missing:#?}"
    );
    let gone: Vec<&String> = covered.difference(&fields).collect();
    assert!(gone.is_empty(), "these lines of the matrix name no field: {gone:#?}");
}

/// Fields that no caller here sees or carries through, each with the test that does.
const ELSEWHERE: [(&str, &str); 10] = [
    // Only of a hub that is paused or closed.
    ("HubStatus.note", "a_pause_counts_at_once_in_every_process_and_open_visits_end_at_that_moment"),
    ("HubStatus.since", "a_pause_counts_at_once_in_every_process_and_open_visits_end_at_that_moment"),
    ("HubStatus.reopensOn", "a_hub_that_pauses_until_a_day_opens_again_by_itself"),
    // Only on the server's own machine.
    ("Mutation.foundNetwork", "only_the_servers_own_machine_founds_networks"),
    ("FoundNetworkPayload.network", "only_the_servers_own_machine_founds_networks"),
    // With mail, the code is only in the mail.
    ("InvitationPayload.code", "invited_staff_get_the_role_they_were_invited_to"),
    // Only the person who got the offer; acceptance would change everybody's later access.
    ("Mutation.acceptRole", "an_accepted_role_counts_from_the_next_token_and_a_revoked_role_ends_at_once"),
    ("Mutation.declineRole", "a_declined_offer_is_gone_and_only_the_person_it_was_made_to_declines_it"),
    // Only of a failed job.
    ("Job.code", "a_job_that_lacks_a_rate_fails_with_its_code"),
    // Only after more rows than anybody has here.
    ("PersonalPiece.next", "a_history_of_years_is_exported_in_small_pieces_whole_and_without_repetition"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_caller_gets_exactly_the_access_in_the_matrix() {
    let fixture = Box::pin(Fixture::build()).await;
    let mut asking = Asking::of(&fixture);
    let (far, other) = (asking.rows(&fixture.far).await, asking.rows(&fixture.other).await);
    asking.reads().await;
    asking.shared_fragments().await;
    asking.foreign_mutations().await;
    asking.assert_unchanged("another network", &fixture.far, &far, false).await;
    asking.assert_unchanged("another hub", &fixture.other, &other, false).await;
    asking.own_mutations().await;
    asking.assert_unchanged("another network", &fixture.far, &far, true).await;
    let elsewhere: BTreeSet<String> = ELSEWHERE.iter().map(|(field, _)| (*field).to_owned()).collect();
    let never = asking.never_seen();
    if never != elsewhere {
        asking.wrong.push(format!("nobody saw or carried through {never:#?}, expected {elsewhere:#?}"));
    }
    asking.report();
}

#[test]
fn every_exception_of_the_matrix_has_a_test_of_its_own() {
    let tests = crate::spec::architecture::source_of("tests/it");
    for (field, test) in ELSEWHERE {
        assert!(tests.contains(&format!("async fn {test}()")), "{field}: there is no test {test}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hubs_cursor_reveals_nothing_of_that_hub() {
    let fixture = Box::pin(Fixture::build()).await;
    Asking::of(&fixture).cursors().await;
}
