//! TLS: the certificate of the server, and the protocols that are offered with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::Error;

/// HTTP/2 where the client knows it (RFC 7301, RFC 9113 § 3.2).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Where the certificate of a server is, in PEM.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The server's own certificate first, then those that lead to a root.
    pub chain: PathBuf,
    /// The private key of the first one.
    pub key: PathBuf,
}

/// What takes connections with this certificate.
pub(super) fn acceptor(certificate: &Certificate) -> Result<TlsAcceptor, Error> {
    let Certificate { chain, key } = certificate;
    let read = CertificateDer::pem_file_iter(chain).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = read.map_err(|error| refused(chain, &error))?;
    if certificates.is_empty() {
        return Err(refused(chain, &pem::Error::NoItemsFound));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| refused(key, &error))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let mut config = builder
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, private))
        .map_err(|error| Error::Certificate { path: chain.clone(), why: error.to_string() })?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn refused(path: &Path, error: &pem::Error) -> Error {
    let why = match error {
        pem::Error::NoItemsFound => "there is none in it, in PEM".to_owned(),
        error => error.to_string(),
    };
    Error::Certificate { path: path.to_owned(), why }
}
