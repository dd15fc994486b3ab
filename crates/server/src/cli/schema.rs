//! `hubnet schema`: the contract, generated from the code.

use async_graphql::SDLExportOptions;

use crate::{Service, embedded};

/// The public schema.
pub fn sdl() -> String {
    embedded::schema().sdl_with_options(sorted())
}

/// The federation subgraph of one service.
pub fn subgraph_sdl(service: Service) -> String {
    service.subgraph().sdl(sorted().federation())
}

fn sorted() -> SDLExportOptions {
    SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items()
}
