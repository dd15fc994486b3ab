//! The vocabulary of the graph: the type family that lets one set of resolvers serve two shapes, the keys of shared
//! entities, money, pages and coded errors.
//!
//! **The type family.** `Hub`, `Member` and `Network` gain fields from several services. No service may implement
//! anything for another's type, so each exports its own field set (`membership::graphql::HubFields`), and whoever
//! assembles a graph declares the entity locally with [`entity!`]. A type that *points at* a shared entity is generic
//! over [`Graph`], the family that names the assembled types.
//!
//! Always true: [`Entity::from_key`] does not imply existence; every error has `extensions.code`.
//!
//! **Nullable fields.** A field is nullable if it can be refused, or fail, while its sibling fields succeed: fields
//! that a permission may hide, fields with a statement of their own, fields that another service adds to an entity,
//! fields that point at another service's entity, and every mutation. Otherwise one refusal would empty the enclosing
//! object, because `null` never appears where the schema promises a value.

mod audit;
mod category;
mod error;
mod ids;
mod job;
mod money;
mod op_context;
mod page;
mod personal_data;
mod safe_int;
mod scalars;

use async_graphql::{ID, Object, OutputType};
use kernel::{HubId, MemberId, NetworkId};

pub use audit::{AuditRecord, HubAudit, NetworkAudit, audit_connection};
pub use category::Category;
pub use error::{CodedError, coded, coded_with};
pub use ids::{parse_id, to_id};
pub use job::{Job, JobState};
pub use money::{Money, Rate};
pub use op_context::OpContextExt;
pub use page::{Connection, Counted, Edge, checked, connection, is_counted};
pub use personal_data::{PersonalPiece, PersonalQuery, PersonalTable};
pub use safe_int::SafeInt;
pub use scalars::{Date, DateTime, Given, Month, Scalar, Shown};

/// A type of the graph that can be built from its key alone.
pub trait Entity<K>: OutputType + 'static {
    /// Makes the entity with that key. Does not imply existence: its fields return null or not found.
    fn from_key(key: K) -> Self;
}

/// The types that several services contribute to or point at, as one deployment shape assembles them.
pub trait Graph: Send + Sync + 'static {
    /// One location.
    type Hub: Entity<HubId>;
    /// A person's membership.
    type Member: Entity<MemberId>;
    /// An association of hubs.
    type Network: Entity<NetworkId>;
}

macro_rules! key {
    ($($(#[$doc:meta])* $name:ident($id:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name($id);

        impl From<$id> for $name {
            fn from(id: $id) -> Self { Self(id) }
        }

        #[Object]
        impl $name {
            /// The stable id.
            async fn id(&self) -> ID { to_id(self.0) }
        }
    )*};
}

key! {
    /// The key of a hub, contributed once to every assembled `Hub`.
    HubKey(HubId);
    /// The key of a member.
    MemberKey(MemberId);
    /// The key of a network.
    NetworkKey(NetworkId);
}

/// Composes a root or a container without a key of the parts of several services; both shapes use it.
#[macro_export]
macro_rules! merged {
    ($(#[$doc:meta])* $name:ident, [$($part:ty),* $(,)?]) => {
        $(#[$doc])*
        #[derive(async_graphql::MergedObject, Default)]
        pub struct $name($($part),*);
    };
}

/// Composes an entity of the field sets of several services; both shapes use it.
#[macro_export]
macro_rules! entity {
    ($(#[$doc:meta])* $name:ident, $key:ty, [$($part:ty),* $(,)?]) => {
        $(#[$doc])*
        #[derive(async_graphql::MergedObject)]
        pub struct $name($($part),*);
        impl $crate::Entity<$key> for $name {
            fn from_key(key: $key) -> Self { $name($(<$part>::from(key)),*) }
        }
    };
}
