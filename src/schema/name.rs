//! Names of records, and identifiers in external registers.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use async_graphql::Object;
use entity::{identifier, name, name::NameKind};

use super::list_schema::{ListItem, ListSchema, filter_field};
use crate::graph::{
    AsOf, Node,
    filter::{FilterType, Tests},
    keyset::By,
    table::{AnyRow, model},
};

pub struct Name {
    pub(super) row: Arc<name::Model>,
}

pub struct Identifier {
    pub(super) row: Arc<identifier::Model>,
}

impl Node for Name {
    type Entity = name::Entity;

    fn columns() -> Vec<By> {
        vec![By::number("position")]
    }

    fn new(row: AnyRow, _: AsOf) -> Self {
        Self { row: model(row) }
    }
}

impl Node for Identifier {
    type Entity = identifier::Entity;

    fn new(row: AnyRow, _: AsOf) -> Self {
        Self { row: model(row) }
    }
}

impl ListItem for Identifier {
    fn name() -> Cow<'static, str> {
        "Identifier".into()
    }

    fn list_schema() -> &'static ListSchema {
        static LIST_SCHEMA: LazyLock<ListSchema> = LazyLock::new(|| ListSchema {
            filter: FilterType {
                name: "IdentifierFilter".to_owned(),
                description: "Filter for identifiers. All given conditions must hold.".to_owned(),
                table: "identifier",
                kinds: Vec::new(),
                few: false,
                is_temporal: false,
                fields: vec![
                    filter_field("scheme", Tests::Code("scheme")),
                    filter_field("value", Tests::Code("value")),
                ],
            },
            orders: Vec::new(),
            dimensions: Vec::new(),
        });
        &LIST_SCHEMA
    }
}

/// Name of a record.
#[Object]
impl Name {
    /// Text of the name.
    async fn value(&self) -> &str {
        &self.row.value
    }

    /// BCP 47 tag of the language. Null if unknown.
    async fn language(&self) -> Option<&str> {
        self.row.language.as_deref()
    }

    /// Kind of name.
    async fn kind(&self) -> NameKind {
        self.row.kind
    }
}

/// Identifier of a record in an external register.
#[Object]
impl Identifier {
    /// Scheme of the identifier, such as `iso-3166-1-alpha-2`.
    async fn scheme(&self) -> &str {
        &self.row.scheme
    }

    /// Value of the identifier.
    async fn value(&self) -> &str {
        &self.row.value
    }
}
