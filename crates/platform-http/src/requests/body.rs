//! The body of a request. Always true: the edge keeps no more of it than the limit, and waits no longer than the
//! time-out. A body larger than a query needs is read only for authenticated callers, and processed only if all its
//! operations are large mutations.

use actix_web::{
    http::header::{self, HeaderMap},
    web,
};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::{Admission, CallerClass, ErrorCode, Limits, responses::client_error::ClientError};

/// Reads the whole body of a counted request; a large one only of an authenticated caller.
pub(crate) async fn read(
    headers: &HeaderMap,
    mut payload: web::Payload,
    limits: &Limits,
    authenticated: Option<&Admission>,
) -> Result<Vec<u8>, ClientError> {
    let until = Instant::now() + limits.body_timeout;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let announced: usize = announced.unwrap_or_default();
    let mut most = allowed(announced, limits.body_bytes, limits, authenticated)?;
    let mut body = Vec::with_capacity(announced);
    while let Some(chunk) = timeout_at(until, payload.next()).await.map_err(|_elapsed| too_slow())? {
        let chunk = chunk
            .map_err(|error| ClientError::new(ErrorCode::BadRequest, format!("Broken body: {error}.")))?;
        most = allowed(body.len() + chunk.len(), most, limits, authenticated)?;
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Returns the limit for a body that `needs` this many bytes. Nameless callers have no large requests.
fn allowed(
    needs: usize,
    most: usize,
    limits: &Limits,
    authenticated: Option<&Admission>,
) -> Result<usize, ClientError> {
    let larger = limits.large_body_bytes;
    let is_known = authenticated.is_some_and(|admission| admission.class != CallerClass::Nameless);
    if needs <= most {
        Ok(most)
    } else if needs <= larger && is_known {
        Ok(larger)
    } else {
        Err(too_large(most))
    }
}

/// An error for a body above its limit.
pub(crate) fn too_large(most: usize) -> ClientError {
    ClientError::new(ErrorCode::PayloadTooLarge, format!("The body is larger than {most} bytes."))
}

fn too_slow() -> ClientError {
    ClientError::new(ErrorCode::RequestTimeout, "The body came too slowly.")
}
