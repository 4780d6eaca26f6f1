//! The cryptography under TLS, chosen in one place: `ring`, which the PostgreSQL driver has too.

/// Makes it the one that every client of this process uses. Must be called before the first is built.
pub fn install_provider() {
    // An error says that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
