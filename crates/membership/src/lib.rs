//! Membership: networks, hubs and their spaces; persons, members and chips; touches, visits and occupancy.
//!
//! Always true:
//! - R1: a person has at most one open visit in the whole network.
//! - R2: a touch counts once, however often it is sent and in whatever order it arrives; visits are read from
//!   touches.
//! - R4: occupancy equals the number of open visits within a second of the commit.
//! - R23: no touch happens after it was received, and an event id stands for one touch.
//! - R24: the number of people inside a hub never exceeds its capacity, unless the hub chose a soft limit.
//! - In-memory data is keyed by its tenant: by the hub, or by the network together with the looked-up key.
//! - Nobody outside a member's home hub learns their name from this service.
//!
//! Emits `network_founded`, `hub_onboarded`, `hub_changed`, `hub_closed`, `member_joined`,
//! `member_changed`, `member_left`, `member_returned`, `credential_revoked`, `visit_started`, `visit_ended`,
//! `visit_corrected`, `member_erased` ([`events`]). Consumes roaming's `pass_issued` and `pass_ended`, and keeps a
//! copy of the passes so that a host hub never waits for another service.
//!
//! A new rule about admission goes to [`mod@admission`]; a new rule about the beginning and end of a visit, to
//! [`mod@visit`].

pub mod admission;
mod app;
mod audit;
mod chip;
mod consumer;
mod error;
pub mod events;
mod figures;
mod file_purposes;
pub mod graphql;
mod hub;
pub mod hub_events;
mod jobs;
mod member;
mod member_record;
mod module;
mod network;
mod opening_hours_calendar;
pub mod personal;
mod search_form;
pub mod split;
mod store;
mod templates;
mod timetable;
mod touch;
pub mod visit;

use std::{sync::Arc, time::Duration};

use jiff::civil::Date;
use kernel::{HubId, NetworkId, Page, PageRequest};
use platform_db::Db;
use platform_live::Live;

pub use admission::{Standing, admit};
pub use app::{
    AddMemberContact, AddResource, AddSpace, ChangeHours, ChangeHub, ChangeResource, ChangeSpace,
    ChecklistItem, CorrectMember, EndMembership, EnrollMember, Erased, FindMembers, FoundHub, FoundNetwork,
    HubChange, HubSearch, HubVersion, HubWarning, IssueChip, NewDevice, NewDeviceCode, NewPlan, NewResource,
    NewSpace, OnboardHub, RecordConsent, Reported, Reporter, SpecialHours, StartHub, TakeOut, Target, Task,
    Thing, TouchOutcome, VisitQuery, VisitState, Who, WriteMemberNote, distance_m,
};
pub use audit::AUDITED_ACTIONS;
pub use chip::{ChipNumber, ChipNumberError};
pub use consumer::CONSUMES;
pub use error::MembershipError;
pub use file_purposes::{FILE_PURPOSES, HUB_PHOTO, PROOF_DOCUMENT};
pub use hub::{
    Accessibility, Address, Contact, Device, DeviceKind, Equipment, Hub, HubDetails, HubKind, HubState,
    OutOfUse, Plan, Resource, ResourceKind, RetiredDevice, Space, SpaceKind,
};
pub use jobs::{FORGOTTEN_VISITS, MEMBER_INDEX};
pub use kernel::{Category, Position};
pub use member::{Absence, Credential, Member};
pub use member_record::{ContactRole, MemberConsent, MemberContact, MemberNote};
pub use module::ABOUT;
pub use network::Network;
pub use timetable::{ClosedFor, DayHours, SpecialDay, Timetable};
pub use touch::{DenialReason, Direction, Source, Touch};
pub use visit::{Effect, End, EndedBy, Stay, Visit, Visitor, read_visits};

/// How long a hub's description may be cached: a change in another process is shown after it. Admissions do not wait
/// for it, they are checked against the hub's version as they are written.
const HUB_IS_FRESH_FOR: Duration = Duration::from_secs(5);

/// How long a list of hubs may be cached for anonymous callers: a hub onboarded by another process is listed after
/// it.
const HUB_LIST_IS_FRESH_FOR: Duration = Duration::from_secs(2);

/// A page of a list of hubs: of one network or of all.
type HubList = (Option<NetworkId>, PageRequest);

/// The most calendars of opening hours that are kept in memory: some ten kilobytes each.
const CALENDARS_KEPT: u64 = 256;

/// The membership service.
#[derive(Clone, Debug)]
pub struct Membership {
    db: Db,
    live: Live,
    /// Keyed by the tenant itself; the cached data is public.
    hubs: moka::future::Cache<HubId, Arc<Hub>>,
    /// Slugs are unique in the installation, and public.
    slugs: moka::future::Cache<String, HubId>,
    /// Lists that anonymous callers request often; public.
    hub_lists: moka::future::Cache<HubList, Arc<Page<Arc<Hub>>>>,
    /// The lengths of those lists.
    hub_counts: moka::future::Cache<Option<NetworkId>, i64>,
    /// The hubs of the directory, of a network or of all, in order of their slugs; public.
    directories: moka::future::Cache<Option<NetworkId>, Arc<Vec<Arc<Hub>>>>,
    /// The hubs of the directories as they were read last, used again while their versions stay; public.
    described: moka::sync::Cache<HubId, Arc<Hub>>,
    /// The opening hours of hubs as calendars, by hub, its version and Monday of the week; public.
    calendars: moka::future::Cache<(HubId, i64, Date), Arc<str>>,
    batcher: Arc<app::TouchBatcher>,
    admission_cache: app::AdmissionCache,
}

impl Membership {
    /// Creates the service on its database and the live state.
    pub fn new(db: Db, live: Live) -> Self {
        let hubs = moka::future::Cache::builder().max_capacity(10_000).time_to_live(HUB_IS_FRESH_FOR).build();
        let slugs =
            moka::future::Cache::builder().max_capacity(10_000).time_to_live(HUB_IS_FRESH_FOR).build();
        let hub_lists =
            moka::future::Cache::builder().max_capacity(1_000).time_to_live(HUB_LIST_IS_FRESH_FOR).build();
        let hub_counts =
            moka::future::Cache::builder().max_capacity(1_000).time_to_live(HUB_LIST_IS_FRESH_FOR).build();
        let calendars = moka::future::Cache::builder()
            .max_capacity(CALENDARS_KEPT)
            .time_to_live(HUB_IS_FRESH_FOR)
            .build();
        Self {
            db,
            live,
            hubs,
            slugs,
            hub_lists,
            hub_counts,
            directories: moka::future::Cache::builder()
                .max_capacity(1_000)
                .time_to_live(HUB_LIST_IS_FRESH_FOR)
                .build(),
            described: moka::sync::Cache::new(10_000),
            calendars,
            batcher: Arc::default(),
            admission_cache: app::AdmissionCache::default(),
        }
    }
}
