//! A certificate that nobody but the test trusts.

use std::path::{Path, PathBuf};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::CertificateDer;

/// A certificate of `localhost` in a directory.
#[derive(Debug)]
pub struct Own {
    /// The certificate in PEM.
    pub chain: PathBuf,
    /// Its key in PEM.
    pub key: PathBuf,
    /// The certificate itself.
    pub der: CertificateDer<'static>,
}

/// Makes one.
pub fn certificate(directory: &Path) -> Own {
    let made = generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let CertifiedKey { cert, signing_key } = made;
    let own = Own { chain: directory.join("chain.pem"), key: directory.join("key.pem"), der: cert.der().clone() };
    std::fs::write(&own.chain, cert.pem()).expect("writable");
    std::fs::write(&own.key, signing_key.serialize_pem()).expect("writable");
    own
}
