//! Digests of files, by which a file is recognized when it is imported again.

use sha2::{Digest, Sha256};

/// The scheme of the identifier with the digest of a document's file.
pub const SCHEME: &str = "sha-256";

/// The digest of bytes in hexadecimal.
pub fn of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
