//! Older events that lack data which identity needs: who a member is, which devices a hub has.

use kernel::{CloudEvent, DeviceId, HubId, Id, MemberId, PersonId, VisitId};
use platform_bus::{deliver, postponed_events};
use testkit::{Json, json};

use super::{
    cast::{Cast, INVITE_MEMBER},
    machines::ISSUE_DEVICE,
};

impl Cast {
    /// Delivers an event of membership to identity.
    async fn publish(&self, kind: &str, data: Json) {
        let world = self.app.services().world();
        let event = CloudEvent {
            specversion: "1.0".into(),
            id: VisitId::generate(world).into(),
            source: "/hubnet/membership".into(),
            kind: format!("membership.{kind}.v1"),
            subject: String::new(),
            time: world.now(),
            networkid: self.network.id.parse().expect("an id"),
            hubid: None,
            sequence: None,
            traceparent: None,
            datacontenttype: "application/json".into(),
            data: kernel::Fact::of(&data).expect("JSON"),
        };
        let handlers = self.app.services().handlers();
        let identity =
            handlers.iter().find(|handler| handler.consumer() == "identity").expect("identity runs here");
        deliver(identity.as_ref(), &[event]).await.expect("delivered");
        let (postponed, _) = postponed_events(identity.db(), "identity").await.expect("a count");
        assert_eq!(postponed, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_published_without_their_person_is_invited_once_they_are_published_again() {
    let cast = Cast::new().await;
    let world = cast.app.services().world().clone();
    let (member, person) = (MemberId::generate(&world), PersonId::generate(&world));
    let mut joined = json!({
        "member_id": member, "home_hub_id": cast.hub.id, "network_id": cast.network.id, "category": "resident",
        "joined_at": world.now(),
    });
    cast.publish("member_joined", joined.clone()).await;
    cast.app.pass_minutes(1);
    let input = json!({ "input": { "memberId": member, "email": "eva@example.org", "language": "cs", "addressChecked": true } });
    let administrator = cast.app.administrator(&cast.hub);
    assert_eq!(administrator.refused(INVITE_MEMBER, input.clone()).await, "NOT_FOUND");

    joined["person_id"] = json!(person);
    cast.publish("member_joined", joined).await;
    let invited = administrator.ask(INVITE_MEMBER, input).await;
    assert_eq!(invited["inviteMember"]["personId"], json!(person));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_published_without_its_devices_gets_secrets_once_they_are_published() {
    let cast = Cast::new().await;
    let world = cast.app.services().world().clone();
    let (hub, device) = (HubId::generate(&world), DeviceId::generate(&world));
    let mut onboarded = json!({ "hub_id": hub, "network_id": cast.network.id, "slug": "old" });
    cast.publish("hub_onboarded", onboarded.clone()).await;
    cast.app.pass_minutes(1);
    let input = json!({ "input": { "hubId": hub, "deviceId": device } });
    assert_eq!(cast.app.system().refused(ISSUE_DEVICE, input.clone()).await, "NOT_FOUND");

    onboarded["devices"] = json!([{ "device_id": device, "code": "reception", "kind": "reader" }]);
    cast.publish("hub_onboarded", onboarded).await;
    let issued = cast.app.system().ask(ISSUE_DEVICE, input).await;
    assert!(issued["issueDeviceSecret"]["secret"].is_string(), "{issued}");
}
