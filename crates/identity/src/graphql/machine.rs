//! Devices' secrets and programs' keys in the graph.

use std::marker::PhantomData;

use async_graphql::{Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use graph::{DateTime, Entity, Given, Graph, parse_id, to_id};
use jiff::Timestamp;
use kernel::{Label, Place};
use secrecy::{ExposeSecret, SecretString};

use super::invitation::{invalid_text, place};
use crate::{Exchanged, IssueApiKey};

/// One thing that can be permitted at a hub or in a network.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "kernel::Permission")]
pub enum Permission {
    /// Bring a new hub into the network.
    OnboardHub,
    /// Enrol members and give them chips and passes.
    ManageMembers,
    /// See members and their visits.
    ReadMembers,
    /// See which readers, kiosks and doors a hub has.
    ReadDevices,
    /// Check people in and out, upload a device's log.
    RecordPresence,
    /// Publish the hub's guest prices.
    ManageTariffs,
    /// Announce and run events.
    ManageEvents,
    /// Read the hub's indicators.
    ReadIndicators,
    /// Read indicators of every hub of the network.
    ReadNetworkIndicators,
    /// Read what hubs owe each other.
    ReadSettlement,
    /// Close a month.
    CloseSettlement,
    /// Erase a member at their request.
    EraseMembers,
    /// Read who did what at a hub, or in a network.
    ReadAudit,
    /// See who holds which role.
    ReadRoles,
    /// Give roles and take them back.
    ManageRoles,
    /// Lock a person out, and let them in again.
    SuspendPersons,
    /// Give devices their secrets and take them back.
    ManageDevices,
    /// Give programs their keys and take them back.
    ManageApiKeys,
}

/// A device that is to have a secret.
#[derive(InputObject, Debug)]
pub struct IssueDeviceSecretInput {
    /// The hub it belongs to.
    pub(super) hub_id: ID,
    /// The device, from `hub { devices { id } }`.
    pub(super) device_id: ID,
    /// The one thing it may do; left out, to record presence.
    pub(super) capability: Option<Permission>,
}

/// A key for a program.
#[derive(InputObject, Debug)]
pub struct IssueApiKeyInput {
    /// What people call it.
    name: String,
    /// At which hub it is good for something; left out, in the whole network.
    hub_id: Option<ID>,
    /// In which network; left out, in the caller's own.
    network_id: Option<ID>,
    /// What it is good for: nothing that its giver does not hold there.
    scopes: Vec<Permission>,
    /// Until when; left out, for good.
    expires_at: Option<Given<Timestamp>>,
}

impl IssueApiKeyInput {
    pub(super) async fn command(self, ctx: &Context<'_>) -> Result<IssueApiKey, Error> {
        Ok(IssueApiKey {
            name: Label::parse(&self.name).map_err(invalid_text("name"))?,
            at: place(ctx, self.hub_id.as_ref(), self.network_id.as_ref()).await?,
            scopes: self.scopes.into_iter().map(Into::into).collect(),
            expires_at: Given::optional(self.expires_at, "expiresAt")?,
        })
    }
}

/// A device's secret, without the secret.
#[derive(SimpleObject, Debug)]
pub struct DeviceSecret {
    /// The stable id.
    id: ID,
    /// Which device has it.
    device_id: ID,
    /// The one thing the device may do.
    capability: Permission,
    /// When it was given.
    issued_at: DateTime,
    /// When it was last used, within a quarter of an hour.
    used_at: Option<DateTime>,
}

impl From<crate::DeviceSecret> for DeviceSecret {
    fn from(secret: crate::DeviceSecret) -> Self {
        Self {
            id: to_id(secret.id),
            device_id: to_id(secret.device),
            capability: secret.capability.into(),
            issued_at: secret.issued_at.into(),
            used_at: secret.used_at.map(Into::into),
        }
    }
}

/// A device's new secret.
#[derive(SimpleObject)]
pub struct IssueDeviceSecretPayload {
    /// The secret, shown this once: it goes into the device, which exchanges it for access tokens.
    secret: String,
    /// What is known of it.
    device_secret: DeviceSecret,
}

impl From<(crate::DeviceSecret, SecretString)> for IssueDeviceSecretPayload {
    fn from((issued, secret): (crate::DeviceSecret, SecretString)) -> Self {
        Self { secret: secret.expose_secret().to_owned(), device_secret: issued.into() }
    }
}

/// A device without a secret.
#[derive(SimpleObject, Debug)]
pub struct RevokeDevicePayload {
    /// The device.
    pub(super) device_id: ID,
}

/// A key of a program, without its secret.
#[derive(Debug, Clone)]
pub struct ApiKey<G>(pub(super) crate::ApiKey, pub(super) PhantomData<fn() -> G>);

/// A key of a program, without its secret. Seen by those who manage keys there.
#[Object(name = "ApiKey")]
impl<G: Graph> ApiKey<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// What people call it.
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }

    /// At which hub it is good for something; null means in the whole network.
    async fn hub(&self) -> Option<G::Hub> {
        match self.0.at {
            Place::Hub(hub) => Some(G::Hub::from_key(hub)),
            Place::Network(_) => None,
        }
    }

    /// What it is good for.
    async fn scopes(&self) -> Vec<Permission> {
        self.0.scopes.iter().copied().map(Into::into).collect()
    }

    /// When it was given.
    async fn issued_at(&self) -> DateTime {
        self.0.issued_at.into()
    }

    /// Until when; null means for good.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(Into::into)
    }

    /// When it was last used, within a quarter of an hour.
    async fn used_at(&self) -> Option<DateTime> {
        self.0.used_at.map(Into::into)
    }

    /// When it was taken back, if it was.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(Into::into)
    }
}

/// A new key.
pub struct IssueApiKeyPayload<G> {
    key: crate::ApiKey,
    secret: SecretString,
    graph: PhantomData<fn() -> G>,
}

impl<G> From<(crate::ApiKey, SecretString)> for IssueApiKeyPayload<G> {
    fn from((key, secret): (crate::ApiKey, SecretString)) -> Self {
        Self { key, secret, graph: PhantomData }
    }
}

/// A new key of a program.
#[Object(name = "IssueApiKeyPayload")]
impl<G: Graph> IssueApiKeyPayload<G> {
    /// The secret, shown this once: it goes into the program, which exchanges it for access tokens.
    async fn secret(&self) -> &str {
        self.secret.expose_secret()
    }

    /// What is known of it.
    async fn api_key(&self) -> ApiKey<G> {
        ApiKey(self.key.clone(), PhantomData)
    }
}

/// A key taken back.
pub struct RevokeApiKeyPayload<G>(pub(super) crate::ApiKey, pub(super) PhantomData<fn() -> G>);

/// A key of a program, taken back.
#[Object(name = "RevokeApiKeyPayload")]
impl<G: Graph> RevokeApiKeyPayload<G> {
    /// The key as it is now.
    async fn api_key(&self) -> ApiKey<G> {
        ApiKey(self.0.clone(), PhantomData)
    }
}

/// An access token of a device or program.
#[derive(SimpleObject)]
pub struct ExchangeSecretPayload {
    /// Sent with every request; lives a quarter of an hour at most.
    access_token: String,
    /// When it ends; exchange the secret again before.
    expires_at: DateTime,
}

impl From<Exchanged> for ExchangeSecretPayload {
    fn from(exchanged: Exchanged) -> Self {
        Self {
            access_token: exchanged.access_token.expose_secret().to_owned(),
            expires_at: exchanged.expires_at.into(),
        }
    }
}

pub(super) fn device(input: &IssueDeviceSecretInput) -> Result<(kernel::HubId, kernel::DeviceId), Error> {
    Ok((parse_id(&input.hub_id, "hubId")?, parse_id(&input.device_id, "deviceId")?))
}
