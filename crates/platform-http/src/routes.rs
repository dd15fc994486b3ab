//! The routes of an edge, and the headers of every response. Always true: no response may be cached, framed, sniffed or
//! loaded by other sites, unless its route permits it.

use std::sync::Arc;

use actix_web::{
    http::header,
    middleware::DefaultHeaders,
    web::{self, ServiceConfig},
};

use crate::{
    Edge, health,
    requests::graphql,
    requests::pipeline::Pipeline,
    responses::download,
    responses::link_page,
    responses::plain::{self, PlainMethod, PlainRouteAt},
    responses::public_file,
    responses::redirect,
    responses::stored_file,
};

const BY_TLS_ONLY: &str = "max-age=63072000; includeSubDomains";

/// Registers the routes of `edge` in any actix application. [`serve`](crate::serve) does it with everything around it.
///
/// Call this on the runtime that is to run the work.
pub fn configure(edge: Edge) -> impl FnOnce(&mut ServiceConfig) {
    let pipeline = Pipeline::new(edge);
    move |config| register(config, &pipeline)
}

pub(crate) fn register(config: &mut ServiceConfig, pipeline: &Arc<Pipeline>) {
    config
        .app_data(web::Data::from(Arc::clone(pipeline)))
        .service(
            web::resource("/graphql")
                .route(web::post().to(graphql::post))
                .route(web::get().to(graphql::get))
                .default_service(web::to(graphql::other_method)),
        )
        .service(of_get("/health/live").route(web::get().to(health::live)))
        .service(of_get("/health/ready").route(web::get().to(health::ready)))
        .service(of_get("/metrics").route(web::get().to(health::metrics)));
    if let Some(page) = pipeline.edge.front_page.clone() {
        let show = move |http| health::front(http, Arc::clone(&page));
        config.service(of_get("/").route(web::get().to(show)));
    }
    for document in pipeline.edge.public_documents.clone() {
        let path = document.path;
        let show = move || std::future::ready(health::show(&document));
        config.service(of_get(path).route(web::get().to(show)));
    }
    for (path, download) in pipeline.edge.downloads.clone() {
        let send = move |http, pipeline| download::send(http, pipeline, Arc::clone(&download));
        config.service(of_get(path).route(web::get().to(send)));
    }
    for (path, redirector) in pipeline.edge.redirectors.clone() {
        let pass = move |http, pipeline| redirect::pass(http, pipeline, Arc::clone(&redirector));
        config.service(of_get(path).route(web::get().to(pass)));
    }
    for (path, file) in pipeline.edge.public_files.clone() {
        let send = move |http, pipeline| public_file::send(http, pipeline, Arc::clone(&file));
        config.service(of_get(path).route(web::get().to(send)));
    }
    for (path, page) in pipeline.edge.link_pages.clone() {
        let answer =
            move |http, pipeline, _form: web::Bytes| link_page::answer(http, pipeline, Arc::clone(&page));
        config.service(
            web::resource(path)
                .app_data(web::PayloadConfig::new(link_page::LONGEST_FORM_BYTES))
                .route(web::get().to(answer.clone()))
                .route(web::post().to(answer))
                .default_service(web::to(health::other_method)),
        );
    }
    for (path, file) in pipeline.edge.stored_files.clone() {
        let send = move |http, pipeline| stored_file::send(http, pipeline, Arc::clone(&file));
        config.service(of_get(&path).route(web::get().to(send)));
    }
    for PlainRouteAt { path, method, route } in pipeline.edge.plain_routes.clone() {
        let answer =
            move |http, pipeline, payload| plain::answer(http, pipeline, payload, Arc::clone(&route));
        let resource = match method {
            PlainMethod::Get => web::resource(path).route(web::get().to(answer)),
            PlainMethod::Post => web::resource(path).route(web::post().to(answer)),
        };
        config.service(resource.default_service(web::to(health::other_method)));
    }
    config.default_service(web::to(health::nowhere));
}

fn of_get(path: &str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(health::other_method))
}

/// The headers of every response; behind TLS they tell browsers to use only TLS.
pub(crate) fn headers(behind_tls: bool) -> DefaultHeaders {
    let headers = secure_headers();
    if behind_tls { headers.add((header::STRICT_TRANSPORT_SECURITY, BY_TLS_ONLY)) } else { headers }
}

/// The headers of every response unless its route sets its own.
pub fn secure_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::CACHE_CONTROL, "no-store"))
        .add((header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::X_FRAME_OPTIONS, "DENY"))
        .add(("cross-origin-resource-policy", "same-origin"))
}
