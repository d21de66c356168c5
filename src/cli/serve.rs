//! `phanloai serve`.

use std::process::ExitCode;
use std::sync::Arc;

use super::{Place, open};
use crate::app::{App, SystemClock};

pub(super) async fn run(place: &Place, directives: Option<&str>) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    crate::telemetry::init_logging(config.log.format, directives)?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    if config.http.tls_cert.is_some() {
        anyhow::bail!(
            "pages are not served over TLS by this version: leave http.tls_cert and http.tls_key empty, put a proxy with \
             HTTPS in front and name its address in http.public_url"
        );
    }
    let (store, commune) = open(&config).await?;
    let app = App::start(&config, store, commune, Arc::new(SystemClock)).await?;
    println!("pages:  http://{}", app.http);
    if let Some(mqtt) = app.mqtt {
        println!("broker: mqtt://{mqtt}");
    }
    if let Some(mqtts) = app.mqtts {
        println!("broker: mqtts://{mqtts}");
    }
    let readiness = app.ready.clone();
    readiness.send_modify(|ready| ready.catch_up = None);
    stopped().await;
    tracing::info!("stopping");
    app.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Waits for Ctrl-C, or for the service manager's word.
pub(super) async fn stopped() {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
            .expect("a signal handler can be installed");
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}
