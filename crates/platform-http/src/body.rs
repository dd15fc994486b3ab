//! The body of a request. Always true: no more of it is kept than the limit, and nobody waits for it longer than the
//! time-out; what is larger than a query needs is read only for callers the gate knows, and answered only where the
//! operation is one of those that carry much.

use actix_web::{
    http::header::{self, HeaderMap},
    web,
};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::{CallerClass, ErrorCode, credentials::KeptCredentials, pipeline::Pipeline, refused::Refused};

/// Reads the whole body; for a large one, asks the gate first.
pub(crate) async fn read(
    headers: &HeaderMap,
    mut payload: web::Payload,
    pipeline: &Pipeline,
    credentials: &KeptCredentials,
) -> Result<Vec<u8>, Refused> {
    let limits = &pipeline.edge.limits;
    let until = Instant::now() + limits.body_timeout;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let announced: usize = announced.unwrap_or_default();
    let mut most = allowed(announced, limits.body_bytes, pipeline, credentials).await?;
    let mut body = Vec::with_capacity(announced);
    while let Some(chunk) = timeout_at(until, payload.next()).await.map_err(|_elapsed| too_slow())? {
        let chunk =
            chunk.map_err(|error| Refused::new(ErrorCode::BadRequest, format!("Broken body: {error}.")))?;
        most = allowed(body.len() + chunk.len(), most, pipeline, credentials).await?;
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The most this body may be, now that it `needs` so much. Strangers have nothing to say that takes long.
async fn allowed(
    needs: usize,
    most: usize,
    pipeline: &Pipeline,
    credentials: &KeptCredentials,
) -> Result<usize, Refused> {
    let larger = pipeline.edge.limits.large_body_bytes;
    if needs <= most {
        Ok(most)
    } else if needs <= larger && pipeline.admit(credentials).await?.class != CallerClass::Nameless {
        Ok(larger)
    } else {
        Err(too_large(most))
    }
}

/// The body is larger than it may be.
pub(crate) fn too_large(most: usize) -> Refused {
    Refused::new(ErrorCode::PayloadTooLarge, format!("The body is larger than {most} bytes."))
}

fn too_slow() -> Refused {
    Refused::new(ErrorCode::RequestTimeout, "The body came too slowly.")
}
