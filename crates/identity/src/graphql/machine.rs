//! Devices' secrets and programs' keys in the graph.

use std::marker::PhantomData;

use async_graphql::{Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use graph::{DateTime, Entity, Given, Graph, parse_id, to_id};
use jiff::Timestamp;
use kernel::{Label, Place};
use secrecy::{ExposeSecret, SecretString};

use super::invitation::{invalid_text, place};
use crate::{Exchanged, IssueApiKey};

/// An action that can be permitted at a hub or in a network.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "kernel::Permission")]
pub enum Permission {
    /// Bring a new hub into the network.
    OnboardHub,
    /// Change a hub: its description, hours, spaces and state.
    ManageHub,
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
    /// Read the audit log of a hub or a network.
    ReadAudit,
    /// See role assignments.
    ReadRoles,
    /// Assign and revoke roles.
    ManageRoles,
    /// Suspend a person, and lift the suspension.
    SuspendPersons,
    /// Issue and revoke secrets of devices.
    ManageDevices,
    /// Issue and revoke API keys of programs.
    ManageApiKeys,
}

/// A device that needs a secret.
#[derive(InputObject, Debug)]
pub struct IssueDeviceSecretInput {
    /// The id of the device's hub.
    pub(super) hub_id: ID,
    /// The id of the device, from `hub { devices { id } }`.
    pub(super) device_id: ID,
    /// The only permission of the device. Default: to record presence.
    pub(super) capability: Option<Permission>,
}

/// An API key to issue.
#[derive(InputObject, Debug)]
pub struct IssueApiKeyInput {
    /// The name of the key, for people.
    name: String,
    /// The hub where the key is valid. Default: the whole network.
    hub_id: Option<ID>,
    /// The network where the key is valid. Default: the caller's network.
    network_id: Option<ID>,
    /// The permissions of the key. The caller must hold each of them there.
    scopes: Vec<Permission>,
    /// When the key expires. Default: never.
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

/// A device's secret, without the secret itself.
#[derive(SimpleObject, Debug)]
pub struct DeviceSecret {
    /// The stable id.
    id: ID,
    /// The id of the device.
    device_id: ID,
    /// The only permission of the device.
    capability: Permission,
    /// When it was issued.
    issued_at: DateTime,
    /// When it was last used, to a quarter of an hour.
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

/// The new secret of a device.
#[derive(SimpleObject)]
pub struct IssueDeviceSecretPayload {
    /// The secret, shown only once. The device stores it and exchanges it for access tokens.
    secret: String,
    /// The properties of the secret.
    device_secret: DeviceSecret,
}

impl From<(crate::DeviceSecret, SecretString)> for IssueDeviceSecretPayload {
    fn from((issued, secret): (crate::DeviceSecret, SecretString)) -> Self {
        Self { secret: secret.expose_secret().to_owned(), device_secret: issued.into() }
    }
}

/// A device whose secret was revoked.
#[derive(SimpleObject, Debug)]
pub struct RevokeDevicePayload {
    /// The id of the device.
    pub(super) device_id: ID,
}

/// A key of a program, without its secret.
#[derive(Debug, Clone)]
pub struct ApiKey<G>(pub(super) crate::ApiKey, pub(super) PhantomData<fn() -> G>);

/// A program's API key, without its secret. Visible to those who manage keys at its place.
#[Object(name = "ApiKey")]
impl<G: Graph> ApiKey<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The name of the key, for people.
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }

    /// The hub where the key is valid; null if it is valid in the whole network.
    async fn hub(&self) -> Option<G::Hub> {
        match self.0.at {
            Place::Hub(hub) => Some(G::Hub::from_key(hub)),
            Place::Network(_) => None,
        }
    }

    /// The permissions of the key.
    async fn scopes(&self) -> Vec<Permission> {
        self.0.scopes.iter().copied().map(Into::into).collect()
    }

    /// When it was issued.
    async fn issued_at(&self) -> DateTime {
        self.0.issued_at.into()
    }

    /// When it expires; null if never.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(Into::into)
    }

    /// When it was last used, to a quarter of an hour.
    async fn used_at(&self) -> Option<DateTime> {
        self.0.used_at.map(Into::into)
    }

    /// When it was revoked; null if it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(Into::into)
    }
}

/// A new API key.
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

/// A new API key of a program.
#[Object(name = "IssueApiKeyPayload")]
impl<G: Graph> IssueApiKeyPayload<G> {
    /// The secret, shown only once. The program stores it and exchanges it for access tokens.
    async fn secret(&self) -> &str {
        self.secret.expose_secret()
    }

    /// The properties of the key.
    async fn api_key(&self) -> ApiKey<G> {
        ApiKey(self.key.clone(), PhantomData)
    }
}

/// A revoked API key.
pub struct RevokeApiKeyPayload<G>(pub(super) crate::ApiKey, pub(super) PhantomData<fn() -> G>);

/// A revoked API key of a program.
#[Object(name = "RevokeApiKeyPayload")]
impl<G: Graph> RevokeApiKeyPayload<G> {
    /// The key after the revocation.
    async fn api_key(&self) -> ApiKey<G> {
        ApiKey(self.0.clone(), PhantomData)
    }
}

/// An access token of a device or program.
#[derive(SimpleObject)]
pub struct ExchangeSecretPayload {
    /// The access token, to be sent with every request. It is valid for at most a quarter of an hour.
    access_token: String,
    /// When the access token expires. Exchange the secret again before.
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
