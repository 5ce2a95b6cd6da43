//! Sets `cfg(postgres_tests)` if `TEST_POSTGRES_URL` is set. Without it, `cargo test` reports the tests
//! on PostgreSQL as ignored.

#[expect(clippy::disallowed_methods, reason = "a build script, not the server")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=TEST_POSTGRES_URL");
    println!("cargo::rustc-check-cfg=cfg(postgres_tests)");
    if std::env::var_os("TEST_POSTGRES_URL").is_some_and(|url| !url.is_empty()) {
        println!("cargo::rustc-cfg=postgres_tests");
    }
}
