//! The metrics listener: apart from the pages, on the loopback address by default.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::routing::get;
use tokio::net::TcpListener;

/// Serves `/metrics` until `shutdown` is done; `render` gives the text at each request (Prometheus text format 0.0.4).
///
/// # Errors
/// The listener's, when it cannot accept any more.
pub async fn serve_metrics<Text: Future<Output = String> + Send + 'static>(
    listener: TcpListener,
    render: impl Fn() -> Text + Clone + Send + Sync + 'static,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"))];
    let router = Router::new().route(
        "/metrics",
        get(move || {
            let text = render();
            async move { (kind, text.await) }
        }),
    );
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}
