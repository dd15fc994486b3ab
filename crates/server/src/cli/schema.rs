//! `hubnet schema`: the contract, generated from the code.

use async_graphql::SDLExportOptions;
use migrations::Service;

use crate::embedded;

/// The public schema.
pub fn sdl() -> String {
    embedded::schema()
        .sdl_with_options(SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items())
}

/// The federation subgraph of one service.
pub fn subgraph_sdl(service: Service) -> String {
    let options =
        || SDLExportOptions::new().federation().sorted_fields().sorted_arguments().sorted_enum_items();
    match service {
        Service::Membership => membership::split::schema().sdl_with_options(options()),
        Service::Roaming => roaming::split::schema().sdl_with_options(options()),
        Service::Events => events::split::schema().sdl_with_options(options()),
        Service::Monitoring => monitoring::split::schema().sdl_with_options(options()),
        Service::Identity => identity::split::schema().sdl_with_options(options()),
    }
}
