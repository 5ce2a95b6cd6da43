//! Names and identifiers: what a record is called, here and elsewhere.

use async_graphql::Object;
use entity::name::NameKind;

node! { timeless Name of name by number "position" }
node! { timeless Identifier of identifier }

filter! {
    /// Which identifiers.
    IdentifierFilter on Identifier(identifier) {
        scheme: code,
        value: code,
    }
}

/// A name that a record is known by.
#[Object]
impl Name {
    /// The name.
    async fn value(&self) -> &str {
        &self.row.value
    }

    /// BCP 47 tag of its language; null where no document says.
    async fn language(&self) -> Option<&str> {
        self.row.language.as_deref()
    }

    /// What sort of name it is.
    async fn kind(&self) -> NameKind {
        self.row.kind
    }
}

/// What another register calls a record.
#[Object]
impl Identifier {
    /// The register, such as `iso-3166-1-alpha-2`.
    async fn scheme(&self) -> &str {
        &self.row.scheme
    }

    /// What it calls the record.
    async fn value(&self) -> &str {
        &self.row.value
    }
}
