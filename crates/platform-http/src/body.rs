//! The body of a request. Always true: no more of it is kept than the limit, and nobody waits for it longer than the
//! time-out; a body that is not one JSON object is refused before anything looks at the query.

use actix_web::{
    http::header::{self, HeaderMap},
    web,
};
use async_graphql::Request;
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::{EdgeCode, Limits, refused::Refused};

/// Reads the whole body.
pub(crate) async fn read(
    headers: &HeaderMap,
    mut payload: web::Payload,
    limits: &Limits,
) -> Result<Vec<u8>, Refused> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limits.body_bytes) {
        return Err(too_large(limits));
    }
    let mut body = Vec::with_capacity(announced.unwrap_or_default());
    let reading = async {
        while let Some(chunk) = payload.next().await {
            let chunk = chunk
                .map_err(|error| Refused::new(EdgeCode::BadRequest, format!("Broken body: {error}.")))?;
            if body.len() + chunk.len() > limits.body_bytes {
                return Err(too_large(limits));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(())
    };
    match timeout(limits.body_timeout, reading).await {
        Ok(read) => read.map(|()| body),
        Err(_elapsed) => Err(Refused::new(EdgeCode::RequestTimeout, "The body came too slowly.")),
    }
}

/// Reads a GraphQL request out of a body or of the payload of a socket's message.
pub(crate) fn parse(body: &[u8]) -> Result<Request, Refused> {
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(Refused::new(EdgeCode::BatchNotSupported, "Send one request at a time."));
    }
    let request: Request = serde_json::from_slice(body)
        .map_err(|error| Refused::new(EdgeCode::BadRequest, format!("The body cannot be read: {error}.")))?;
    if request.query.is_empty() {
        return Err(Refused::new(EdgeCode::BadRequest, "The query is missing."));
    }
    Ok(request)
}

fn too_large(limits: &Limits) -> Refused {
    let message = format!("The body is larger than {} bytes.", limits.body_bytes);
    Refused::new(EdgeCode::PayloadTooLarge, message)
}
