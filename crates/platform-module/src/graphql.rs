//! What is the same in every service's graph: its member of the audit log and of the personal data, and its graph alone,
//! as a subgraph behind a router.

use async_graphql::{Context, Error};
use graph::{
    AuditRecord, Connection, OpContextExt, PersonalPiece, audit_connection, checked, coded, coded_with,
};
use kernel::{DataSubject, ErrorCode, PageArguments, Place};
use platform_db::{ReadError, export_personal};

use crate::{Module, read_audit};

/// Returns the service that [`Module::with_request_data`] put into the request.
///
/// # Errors
/// Fails with `INTERNAL` if it does not run in this process.
pub fn service<'c, M: Module>(ctx: &Context<'c>) -> Result<&'c M, Error> {
    ctx.data_opt().ok_or_else(|| coded_with(ErrorCode::Internal, "the service does not run here"))
}

/// Resolves a service's member of an audit log.
///
/// # Errors
/// See [`read_audit`].
pub async fn resolve_audit<M: Module>(
    ctx: &Context<'_>,
    place: Place,
    action: Option<String>,
    page: PageArguments,
) -> Result<Connection<AuditRecord>, Error> {
    let read = read_audit(service::<M>(ctx)?, ctx.op()?, place, action.as_deref(), checked(page)?).await;
    Ok(audit_connection(read.map_err(coded)?))
}

/// Resolves a service's member of the personal data.
///
/// # Errors
/// See [`export_personal`].
pub async fn resolve_personal_data<M: Module>(
    ctx: &Context<'_>,
    after: Option<String>,
) -> Result<PersonalPiece, Error> {
    let (module, op) = (service::<M>(ctx)?, ctx.op()?);
    let subject = DataSubject::of(op).map_err(|refused| coded(ReadError::from(refused)))?;
    if module.was_erased(subject).await.map_err(|error| coded(ReadError::from(error)))? {
        return Ok(kernel::PersonalPiece::default().into());
    }
    let piece = export_personal(module.db(), op, module.about().export, after.as_deref()).await;
    Ok(piece.map_err(coded)?.into())
}

/// Declares `AuditFields`, a service's member of an audit log, named like the service.
#[macro_export]
macro_rules! audit_fields {
    ($service:ty, $graphql:tt, $(#[$doc:meta])* $name:ident) => {
        /// This service's member of an audit log.
        #[derive(Debug, Clone, Copy)]
        pub struct AuditFields(kernel::Place);

        impl From<kernel::Place> for AuditFields {
            fn from(place: kernel::Place) -> Self {
                Self(place)
            }
        }

        #[async_graphql::Object(name = $graphql)]
        impl AuditFields {
            $(#[$doc])*
            #[expect(clippy::too_many_arguments, reason = "a list of the graph has four arguments of its own")]
            async fn $name(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "Only records of this action, such as `role.granted`.")] action: Option<String>,
                #[graphql(desc = "The number of items, 1 to 100. Default: 20.")] first: Option<i32>,
                #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
                #[graphql(desc = "The number of items from the end, 1 to 100; not with `first` or `after`.")]
                last: Option<i32>,
                #[graphql(desc = "The cursor before which the page ends; not with `first` or `after`.")]
                before: Option<String>,
            ) -> Option<Result<graph::Connection<graph::AuditRecord>, async_graphql::Error>> {
                let page = kernel::PageArguments { first, after, last, before };
                Some($crate::resolve_audit::<$service>(ctx, self.0, action, page).await)
            }
        }
    };
}

/// Declares `PersonalFields`, a service's member of the personal data, named like the service.
#[macro_export]
macro_rules! personal_fields {
    ($service:ty, $graphql:tt, $(#[$doc:meta])* $name:ident) => {
        /// This service's member of the personal data.
        #[derive(Debug, Clone, Copy, Default)]
        pub struct PersonalFields;

        #[async_graphql::Object(name = $graphql)]
        impl PersonalFields {
            $(#[$doc])*
            async fn $name(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The cursor from the previous piece; omit it for the first one.")]
                after: Option<String>,
            ) -> Option<Result<graph::PersonalPiece, async_graphql::Error>> {
                Some($crate::resolve_personal_data::<$service>(ctx, after).await)
            }
        }
    };
}

/// Declares `Loaders`, the loaders of one request: many keys, one call. They have the caller's permissions and live as
/// long as the request. The service implements `Loader` for each key, with the graph's `Error`.
#[macro_export]
macro_rules! loaders {
    ($service:ty) => {
        /// The loaders of one request, with the caller's context.
        pub(super) struct Loaders {
            service: $service,
            op: kernel::OpContext,
        }

        impl Loaders {
            pub(super) fn of(
                service: &$service,
                op: &kernel::OpContext,
            ) -> async_graphql::dataloader::DataLoader<Self> {
                let loaders = Self { service: service.clone(), op: op.clone() };
                async_graphql::dataloader::DataLoader::new(loaders, tokio::spawn)
            }

            /// Returns the loaders of this request.
            pub(super) fn find<'c>(
                ctx: &async_graphql::Context<'c>,
            ) -> Result<&'c async_graphql::dataloader::DataLoader<Self>, async_graphql::Error> {
                let missing = || graph::coded_with(kernel::ErrorCode::Internal, "the request has no loaders");
                ctx.data_opt().ok_or_else(missing)
            }
        }
    };
}

/// Declares the graph of one service alone, for a process behind a router: the family `Local`, its entities, and
/// `schema()`. The parts are the same as in the merged graph; `[]` is a root that the service lacks.
#[macro_export]
macro_rules! subgraph {
    (
        hub: [$($hub:ty),*], member: [$($member:ty),*], network: [$($network:ty),*],
        query: [$($query:ty),*], mutation: [$($mutation:ty),*], subscription: [$($subscription:ty),*] $(,)?
    ) => {
        /// The type family of this subgraph.
        #[derive(Debug)]
        pub struct Local;

        impl graph::Graph for Local {
            type Hub = Hub;
            type Member = Member;
            type Network = Network;
        }

        graph::entity!(
            /// One location: the tenant.
            Hub, kernel::HubId, [graph::HubKey, $($hub),*]
        );
        graph::entity!(
            /// A person's membership at their home hub.
            Member, kernel::MemberId, [graph::MemberKey, $($member),*]
        );
        graph::entity!(
            /// A region's association of hubs.
            Network, kernel::NetworkId, [graph::NetworkKey, $($network),*]
        );

        /// Resolves an entity by its key, for the router.
        #[derive(Debug, Default)]
        pub struct Entities;

        #[async_graphql::Object]
        impl Entities {
            #[graphql(entity)]
            async fn hub_by_id(&self, id: async_graphql::ID) -> Result<Hub, async_graphql::Error> {
                Ok(graph::Entity::from_key(graph::parse_id::<kernel::HubId>(&id, "id")?))
            }

            #[graphql(entity)]
            async fn member_by_id(&self, id: async_graphql::ID) -> Result<Member, async_graphql::Error> {
                Ok(graph::Entity::from_key(graph::parse_id::<kernel::MemberId>(&id, "id")?))
            }

            #[graphql(entity)]
            async fn network_by_id(&self, id: async_graphql::ID) -> Result<Network, async_graphql::Error> {
                Ok(graph::Entity::from_key(graph::parse_id::<kernel::NetworkId>(&id, "id")?))
            }
        }

        graph::merged!(
            /// All queries.
            Query, [$($query,)* Entities]
        );
        $crate::subgraph!(@mutation [$($mutation),*]);
        $crate::subgraph!(@subscription [$($subscription),*]);

        /// The subgraph's schema.
        pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

        /// Builds the subgraph.
        pub fn schema() -> Schema {
            let schema = Schema::build(Query::default(), Mutation::default(), Subscription::default());
            schema.enable_federation().enable_subscription_in_federation().finish()
        }
    };
    (@mutation []) => {
        /// There are no mutations.
        pub type Mutation = async_graphql::EmptyMutation;
    };
    (@mutation [$($mutation:ty),*]) => {
        graph::merged!(
            /// All mutations.
            Mutation, [$($mutation),*]
        );
    };
    (@subscription []) => {
        /// There are no subscriptions.
        pub type Subscription = async_graphql::EmptySubscription;
    };
    (@subscription [$($subscription:ty),*]) => {
        /// All subscriptions.
        #[derive(async_graphql::MergedSubscription, Default)]
        pub struct Subscription($($subscription),*);
    };
}
