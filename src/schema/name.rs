//! Names and identifiers: what a record is called, here and elsewhere.

use async_graphql::Object;
use entity::name::NameKind;

node! { Name of name by Number "position" }
node! { Identifier of identifier }

/// A name that a record is known by.
#[Object]
impl Name {
    /// The name.
    async fn value(&self) -> &str {
        &self.0.value
    }

    /// BCP 47 tag of its language; null where no document says.
    async fn language(&self) -> Option<&str> {
        self.0.language.as_deref()
    }

    /// What sort of name it is.
    async fn kind(&self) -> NameKind {
        self.0.kind
    }
}

/// What another register calls a record.
#[Object]
impl Identifier {
    /// The register, such as `iso-3166-1-alpha-2`.
    async fn scheme(&self) -> &str {
        &self.0.scheme
    }

    /// What it calls the record.
    async fn value(&self) -> &str {
        &self.0.value
    }
}
