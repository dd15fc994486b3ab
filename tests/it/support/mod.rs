//! What the specification needs of the outside world: installations, remote clients, a mail box, a provider.

pub(crate) mod alone;
pub(crate) mod front_desk;
pub(crate) mod installation;
pub(crate) mod post;
pub(crate) mod provider;
pub(crate) mod remote;
