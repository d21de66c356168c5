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
    let (store, commune) = open(&config).await?;
    let app = App::start(&config, store, commune, Arc::new(SystemClock)).await?;
    let scheme = if config.http.tls_cert.is_some() { "https" } else { "http" };
    println!("pages:  {scheme}://{}", app.http);
    if let Some(mqtt) = app.mqtt {
        println!("broker: mqtt://{mqtt}");
    }
    if let Some(mqtts) = app.mqtts {
        println!("broker: mqtts://{mqtts}");
    }
    let readiness = app.ready.clone();
    readiness.send_modify(|ready| ready.catch_up = None);
    tokio::select! {
        () = stopped() => {}
        () = renewing(&app) => {}
    }
    tracing::info!("stopping");
    app.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Asks for the certificate to be read again at each SIGHUP; never ends.
async fn renewing(app: &App) {
    #[cfg(unix)]
    {
        let mut hang_up = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
            .expect("a signal handler can be installed");
        while hang_up.recv().await.is_some() {
            app.renewals.send_modify(|asked| *asked += 1);
        }
    }
    std::future::pending().await
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
