//! The server: takes a port, serves an edge on it, and stops in order.
//!
//! Always true: the server stops in order. Readiness fails first, while requests are served as before
//! ([`Edge::leaving`]). After that delay the port closes, sockets and streams are closed, pending requests get their
//! responses, and mutations that have begun run to their end; then [`serve`] returns.

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServiceResponse},
    http::{ConnectionType, StatusCode},
    middleware::from_fn,
};
use tracing_actix_web::TracingLogger;

use crate::{Edge, RequestSpan, callers::cross_origin, requests::pipeline::Pipeline, routes};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// A port that this process listens on.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// The listening address, with the actual port if port 0 was requested.
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

/// Why a port could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another process listens there.
    #[error("{address} is taken by another process")]
    Taken {
        /// The requested address.
        address: String,
    },
    /// The user lacks the right, for example for ports below 1024.
    #[error("this user may not listen on {address}")]
    Forbidden {
        /// The requested address.
        address: String,
    },
    /// The address is malformed or not of this machine.
    #[error("cannot listen on {address:?}")]
    Unusable {
        /// The requested address.
        address: String,
        /// The system's error.
        source: io::Error,
    },
}

/// The server broke down.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP server failed")]
pub struct ServeError {
    #[from]
    source: io::Error,
}

/// Takes a port, for example `127.0.0.1:8080`. This is separate from [`serve`], so that a taken port is known before
/// anything else is started.
pub fn bind(address: &str) -> Result<Listener, BindError> {
    let refused = |source: io::Error| {
        let address = address.to_owned();
        match source.kind() {
            io::ErrorKind::AddrInUse => BindError::Taken { address },
            io::ErrorKind::PermissionDenied => BindError::Forbidden { address },
            _ => BindError::Unusable { address, source },
        }
    };
    let socket = TcpListener::bind(address).map_err(refused)?;
    let address = socket.local_addr().map_err(refused)?;
    Ok(Listener { socket, address })
}

/// Serves until `shutdown` completes, then stops in order.
///
/// Call it on a multi-threaded tokio runtime: authenticator and service run there, the web server uses its own threads.
pub async fn serve(
    edge: Edge,
    listener: Listener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let pipeline = Pipeline::new(edge);
    let server = start(&pipeline, listener)?;
    let handle = server.handle();
    let mut running = tokio::spawn(server);
    tokio::select! {
        broken = &mut running => return Ok(broken.map_err(io::Error::other)??),
        () = shutdown => {}
    }
    pipeline.close();
    handle.stop(true).await;
    pipeline.drain().await;
    Ok(running.await.map_err(io::Error::other)??)
}

/// Ends the connection after this response, so that no client keeps one to a stopping process. A socket has left HTTP.
fn end_connection<B>(response: &mut ServiceResponse<B>) {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
}

fn start(pipeline: &Arc<Pipeline>, listener: Listener) -> io::Result<Server> {
    let limits = pipeline.edge.limits.clone();
    let origins: Arc<[String]> = pipeline.edge.allowed_origins.clone().into();
    let pipeline = Arc::clone(pipeline);
    let server = HttpServer::new(move || {
        let (origins, shared) = (Arc::clone(&origins), Arc::clone(&pipeline));
        let cross_origin = from_fn(move |request, next| {
            let (origins, pipeline) = (Arc::clone(&origins), Arc::clone(&shared));
            async move {
                let mut response = cross_origin::check(&origins, request, next).await?;
                if pipeline.is_leaving() {
                    end_connection(&mut response);
                }
                Ok::<_, actix_web::Error>(response)
            }
        });
        App::new()
            .wrap(cross_origin)
            .wrap(routes::headers(pipeline.edge.behind_tls))
            .wrap(TracingLogger::<RequestSpan>::new())
            .configure(|config| routes::register(config, &pipeline))
    });
    let server = server
        .disable_signals()
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(limits.request_deadline.as_secs() + 1)
        .listen(listener.socket)?
        .run();
    Ok(server)
}
