//! Isolation (G4): who gets which field of the graph, by whose id they give; `isolation/matrix.txt` says it, a line a
//! field, and these tests hold the house to it.
//!
//! Always true: a field of the schema without a line fails, as does a line without a field. Every line is asked by
//! every caller with their own ids, with another hub's and with another network's.

mod asking;
mod books;
mod house;
mod schema;
mod table;

use std::collections::BTreeSet;

use self::{asking::Asking, house::House, schema::Schema};

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
    assert!(missing.is_empty(), "give these fields a line in tests/it/isolation/matrix.txt: {missing:#?}");
    let gone: Vec<&String> = covered.difference(&fields).collect();
    assert!(gone.is_empty(), "these lines of the matrix name no field: {gone:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_what_the_matrix_says_and_nothing_else() {
    let house = House::build().await;
    let mut asking = Asking::of(&house);
    let (far, other) = (asking.rows(&house.far).await, asking.rows(&house.other).await);
    asking.reads().await;
    asking.foreign_mutations().await;
    asking.assert_unchanged("another network", &house.far, &far, false).await;
    asking.assert_unchanged("another hub", &house.other, &other, false).await;
    asking.own_mutations().await;
    asking.assert_unchanged("another network", &house.far, &far, true).await;
    asking.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hubs_cursor_leads_to_nothing_of_theirs() {
    let house = House::build().await;
    Asking::of(&house).cursors().await;
}
