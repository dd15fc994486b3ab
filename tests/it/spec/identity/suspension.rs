//! Suspending people and reinstating them.

use testkit::json;

use super::cast::{Cast, ME, PASSWORD, REINSTATE, SUSPEND, word};

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_person_is_out_at_once_and_in_again_when_reinstated() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let adam = cast.client(&cast.staff("adam", "ADMINISTRATOR").await);
    let person = json!({ "id": eva.person });
    for _again in 0..2 {
        assert_eq!(adam.ask(SUSPEND, person.clone()).await["suspendPerson"]["status"], "SUSPENDED");
    }
    assert_eq!(cast.app.turned_away(eva.access()), "UNAUTHENTICATED");
    assert_eq!(cast.not_refreshed(eva.refresh()).await, "UNAUTHENTICATED");
    assert_eq!(cast.app.cannot_sign_in(&eva.email, PASSWORD).await, "UNAUTHENTICATED");
    cast.app.pass_minutes(1);
    assert_eq!(adam.ask(REINSTATE, person).await["reinstatePerson"]["status"], "ACTIVE");
    assert_eq!(cast.not_refreshed(eva.refresh()).await, "UNAUTHENTICATED", "the old session stays ended");
    let back = cast.app.sign_in(&eva.email, PASSWORD).await;
    cast.app.with_token(word(&back["accessToken"])).ask(ME, json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_suspends_a_person_outside_their_authority() {
    let cast = Cast::new().await;
    let other = cast.app.hub(&cast.network, "other").await;
    let (_, eva) = cast.member("Eva").await;
    let adam = cast.staff("adam", "ADMINISTRATOR").await;
    let olga = cast.staff("olga", "OPERATOR").await;
    let nora = cast.staff("nora", "NETWORK_ADMINISTRATOR").await;
    let foreign = cast.staff_at("franz", "ADMINISTRATOR", &other).await;
    for (who, whom, code) in [
        (&olga, &eva, "FORBIDDEN"),
        (&eva, &olga, "FORBIDDEN"),
        (&foreign, &eva, "NOT_FOUND"),
        (&foreign, &olga, "NOT_FOUND"),
        (&adam, &nora, "FORBIDDEN"),
        (&adam, &adam, "FORBIDDEN"),
        (&nora, &nora, "FORBIDDEN"),
    ] {
        let refused = cast.client(who).refused(SUSPEND, json!({ "id": whom.person })).await;
        assert_eq!(refused, code, "{} against {}", who.email, whom.email);
    }
    cast.client(&nora).ask(SUSPEND, json!({ "id": adam.person })).await;
    let anonymous = cast.app.anonymous().refused(SUSPEND, json!({ "id": eva.person })).await;
    assert_eq!(anonymous, "UNAUTHENTICATED");
}
