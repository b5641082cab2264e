//! Takes connections and hands their requests to the router. A connection that does not get its headers out in time is closed; one
//! whose headers do not fit is refused before anything is read of it.

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use std::{net::SocketAddr, pin::pin, time::Duration};
use tokio::net::{TcpListener, TcpStream};

/// Time for the headers of a request at most; also how long a connection may be idle.
const HEADERS: Duration = Duration::from_secs(30);
/// How long open requests are waited for when the process is told to stop.
const GRACE: Duration = Duration::from_secs(20);
/// Pause after a connection that could not be taken, for instance for want of file handles.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until `told` ends, then ends what runs. `patience` bounds the time for headers further.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    told: impl Future<Output = ()>,
    patience: Duration,
) {
    let mut http = auto::Builder::new(TokioExecutor::new()).http1_only();
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS.min(patience));
    let open = GracefulShutdown::new();
    let mut told = pin!(told);
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            () = &mut told => break,
        };
        match taken {
            Ok((stream, peer)) => one(&http, &open, &router, stream, peer),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(GRACE, open.shutdown()).await.is_err() {
        tracing::warn!("open requests were cut off");
    }
}

fn one(
    http: &auto::Builder<TokioExecutor>,
    open: &GracefulShutdown,
    router: &Router,
    stream: TcpStream,
    peer: SocketAddr,
) {
    let _ = stream.set_nodelay(true);
    let router = router.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        tower::Service::call(&mut router.clone(), request)
    });
    let connection = http.serve_connection_with_upgrades(TokioIo::new(stream), service);
    let connection = open.watch(connection.into_owned());
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
    });
}
