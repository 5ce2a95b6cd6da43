//! By what the bytes of a file are known again.

use sha2::{Digest, Sha256};

/// The scheme of the identifier that the record of a file has of its bytes.
pub const SCHEME: &str = "sha-256";

/// The digest of some bytes, in hexadecimal digits.
pub fn of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
