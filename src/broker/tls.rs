//! The certificate and key of the listener with TLS.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::TlsListener;

/// Reads certificate and key. The error tells the file and what is wrong with it.
pub(super) fn acceptor(tls: &TlsListener) -> Result<TlsAcceptor, String> {
    let in_file = |path: &Path, reason: &dyn std::fmt::Display| format!("{}: {reason}", path.display());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&tls.cert_file)
        .and_then(Iterator::collect)
        .map_err(|error| in_file(&tls.cert_file, &error))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key_file).map_err(|error| in_file(&tls.key_file, &error))?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| in_file(&tls.cert_file, &error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
