//! `node(id:)`: finds an object by its id alone, as Relay clients refetch it.
//!
//! Always true: an object that the caller may not see, of any tenant, is null, as a missing object is. The prefix of
//! an id names its type.

use std::borrow::Cow;

use async_graphql::{
    Context, ContextSelectionSet, ID, OutputType, Positioned, Result, ServerResult, Value,
    indexmap::{IndexMap, IndexSet},
    parser::types::Field,
    registry::{MetaField, MetaType, MetaTypeId, Registry},
};
use graph::{Entity, Graph, OpContextExt, parse_id};
use kernel::{CredentialId, HubId, Id, MemberId, NetworkId, VisitId};

use super::{member::Chip, refuse, service, visit::Visit};

/// An object with an id of its own.
pub enum Node<G: Graph> {
    /// A hub.
    Hub(G::Hub),
    /// A network.
    Network(G::Network),
    /// A member.
    Member(G::Member),
    /// A visit.
    Visit(Visit<G>),
    /// A chip.
    Chip(Chip),
}

const NAME: &str = "Node";
const DESCRIPTION: &str = "What has an id of its own, and is found by it: `node(id:)`.";

impl<G: Graph> Node<G> {
    /// Finds an object by id, if the caller may see it.
    pub(super) async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Self>> {
        let (membership, op) = (service(ctx)?, ctx.op()?);
        let prefix = id.split_once('_').map_or("", |(prefix, _)| prefix);
        Ok(match prefix {
            HubId::PREFIX => {
                let hub: HubId = parse_id(id, "id")?;
                let found = membership.find_visible_hub(op, hub).await.map_err(refuse)?;
                found.map(|hub| Self::Hub(G::Hub::from_key(hub)))
            }
            NetworkId::PREFIX => {
                let network: NetworkId = parse_id(id, "id")?;
                let found = membership.networks(&[network]).await.map_err(refuse)?.remove(&network);
                found.map(|network| Self::Network(G::Network::from_key(network.id)))
            }
            MemberId::PREFIX => {
                let member: MemberId = parse_id(id, "id")?;
                let found = membership.members(op, &[member]).await.map_err(refuse)?.remove(&member);
                found.map(|member| Self::Member(G::Member::from_key(member.id)))
            }
            VisitId::PREFIX => {
                let visit: VisitId = parse_id(id, "id")?;
                let found = membership.find_visit(op, visit).await.map_err(refuse)?;
                found.map(|visit| Self::Visit(visit.into()))
            }
            CredentialId::PREFIX => {
                let chip: CredentialId = parse_id(id, "id")?;
                let found = membership.find_chip(op, chip).await.map_err(refuse)?;
                found.map(|chip| Self::Chip(chip.into()))
            }
            _ => None,
        })
    }
}

impl<G: Graph> std::fmt::Debug for Node<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.introspection_type_name())
    }
}

impl<G: Graph> OutputType for Node<G> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(NAME)
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        match self {
            Self::Hub(hub) => hub.introspection_type_name(),
            Self::Network(network) => network.introspection_type_name(),
            Self::Member(member) => member.introspection_type_name(),
            Self::Visit(visit) => visit.introspection_type_name(),
            Self::Chip(chip) => chip.introspection_type_name(),
        }
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, |registry| {
            let objects = [
                G::Hub::create_type_info(registry),
                G::Network::create_type_info(registry),
                G::Member::create_type_info(registry),
                Visit::<G>::create_type_info(registry),
                Chip::create_type_info(registry),
            ];
            // A reference to a type ends in `!`.
            let names = objects.iter().map(|object| object.trim_end_matches('!').to_owned());
            let possible_types: IndexSet<String> = names.collect();
            possible_types.iter().for_each(|object| registry.add_implements(object, NAME));
            MetaType::Interface {
                name: NAME.to_owned(),
                description: Some(DESCRIPTION.to_owned()),
                fields: IndexMap::from([("id".to_owned(), id_field(ID::create_type_info(registry)))]),
                possible_types,
                extends: false,
                keys: None,
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: Vec::new(),
                requires_scopes: Vec::new(),
            }
        })
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match self {
            Self::Hub(hub) => hub.resolve(ctx, field).await,
            Self::Network(network) => network.resolve(ctx, field).await,
            Self::Member(member) => member.resolve(ctx, field).await,
            Self::Visit(visit) => visit.resolve(ctx, field).await,
            Self::Chip(chip) => chip.resolve(ctx, field).await,
        }
    }
}

fn id_field(ty: String) -> MetaField {
    MetaField {
        name: "id".to_owned(),
        description: Some("The stable id.".to_owned()),
        args: IndexMap::new(),
        ty,
        deprecation: async_graphql::registry::Deprecation::NoDeprecated,
        cache_control: async_graphql::CacheControl::default(),
        external: false,
        provides: None,
        requires: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        visible: None,
        compute_complexity: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}
