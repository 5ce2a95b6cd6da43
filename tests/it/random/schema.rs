//! Filters, orders and group keys of the schema, read by introspection: new fields are tested
//! automatically.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{schema::named_type, world::World};

/// A field with a list that takes a filter.
#[derive(Clone, Debug)]
pub struct ListField {
    /// The type that has the field; `Query` for root lists.
    pub parent: String,
    pub name: String,
    /// The type of its rows.
    pub rows: String,
    /// Whether it is a connection; otherwise it is a short list.
    pub pages: bool,
    pub takes_date: bool,
    pub takes_history: bool,
}

pub struct Schema {
    /// The fields of each input object, and the names of their types.
    inputs: BTreeMap<String, Vec<(String, String)>>,
    words: BTreeMap<String, Vec<String>>,
    /// Fields with a filter, in the order of the schema.
    pub lists: Vec<ListField>,
    /// The types whose connections have a series.
    series: Vec<String>,
}

/// The kind of a filter field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind<'a> {
    Id,
    Slug,
    Text,
    Code,
    Number,
    Date,
    Flag,
    Certainty,
    /// An enum with this name.
    Word(&'a str),
    /// A relation to one object of this type.
    One(&'a str),
    /// A relation to many objects of this type.
    Many(&'a str),
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn name(value: &Value) -> String {
    value["name"].as_str().unwrap().to_owned()
}

impl Schema {
    pub async fn read(world: &World) -> Self {
        let ty =
            "type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
        let query = format!(
            "{{ __schema {{ types {{ name kind enumValues {{ name }} inputFields {{ name {ty} }}
                fields {{ name args {{ name }} {ty} }} }} }} }}"
        );
        let data = world.data(&query).await;
        let mut own =
            Self { inputs: BTreeMap::new(), words: BTreeMap::new(), lists: vec![], series: vec![] };
        for one in each(&data["__schema"]["types"]) {
            let fields = each(&one["inputFields"]);
            let fields = fields.map(|field| (name(field), named_type(&field["type"]).to_owned()));
            match one["kind"].as_str().unwrap() {
                "INPUT_OBJECT" => drop(own.inputs.insert(name(one), fields.collect())),
                "ENUM" => {
                    let words = each(&one["enumValues"]).map(name);
                    own.words.insert(name(one), words.collect());
                }
                "OBJECT" => own.read_object(one),
                _ => {}
            }
        }
        own
    }

    fn read_object(&mut self, object: &Value) {
        for field in each(&object["fields"]) {
            let args: Vec<_> =
                each(&field["args"]).map(|arg| arg["name"].as_str().unwrap()).collect();
            let of = named_type(&field["type"]);
            if let Some(rows) = name(object).strip_suffix("Connection")
                && field["name"] == "series"
            {
                self.series.push(rows.to_owned());
            }
            if args.contains(&"filter") {
                let rows = of.strip_suffix("Connection");
                self.lists.push(ListField {
                    parent: name(object),
                    name: name(field),
                    rows: rows.unwrap_or(of).to_owned(),
                    pages: rows.is_some(),
                    takes_date: args.contains(&"asOf"),
                    takes_history: args.contains(&"history"),
                });
            }
        }
    }

    pub fn fields(&self, input: &str) -> &[(String, String)] {
        self.inputs.get(input).unwrap_or_else(|| panic!("there is no input {input}"))
    }

    pub fn words(&self, enumeration: &str) -> &[String] {
        &self.words[enumeration]
    }

    /// The words by which rows of a type are ordered or counted.
    pub fn words_of(&self, rows: &str, what: &str) -> &[String] {
        self.words(&format!("{rows}{what}"))
    }

    pub fn has_series(&self, rows: &str) -> bool {
        self.series.iter().any(|own| own == rows)
    }

    /// What can be filtered: all types with a filter.
    pub fn filtered(&self) -> impl Iterator<Item = &str> {
        let logic = self.inputs.iter().filter(|(_, fields)| fields.iter().any(|one| one.0 == "or"));
        logic.filter_map(|(input, _)| input.strip_suffix("Filter"))
    }

    /// What a type can be filtered by, without `and`, `or` and `not`.
    pub fn tested(&self, ty: &str) -> Vec<(&str, FieldKind<'_>)> {
        let fields = self.fields(&format!("{ty}Filter")).iter();
        let fields = fields.filter(|field| !["and", "or", "not"].contains(&&*field.0));
        fields.map(|(field, input)| (field.as_str(), self.sort(ty, field, input))).collect()
    }

    pub fn kind_of(&self, ty: &str, field: &str) -> FieldKind<'_> {
        let fields = self.tested(ty);
        let found = fields.iter().find(|one| one.0 == field);
        found.unwrap_or_else(|| panic!("{ty}Filter has no field {field}")).1
    }

    fn sort<'a>(&'a self, ty: &str, field: &str, input: &'a str) -> FieldKind<'a> {
        match input {
            "IdFilter" => FieldKind::Id,
            "SlugFilter" => FieldKind::Slug,
            "TextFilter" => FieldKind::Text,
            "CodeFilter" => FieldKind::Code,
            "IntFilter" => FieldKind::Number,
            "DateFilter" => FieldKind::Date,
            "Boolean" => FieldKind::Flag,
            "Certainty" => FieldKind::Certainty,
            _ => {
                let fields = self.inputs.get(input).map(Vec::as_slice).unwrap_or_default();
                let ty_of = |test: &str| fields.iter().find(|one| one.0 == test);
                if let (Some(many), Some(_)) = (input.strip_suffix("ListFilter"), ty_of("every")) {
                    return FieldKind::Many(many);
                }
                if let (Some(one), Some(_)) = (input.strip_suffix("Filter"), ty_of("or")) {
                    return FieldKind::One(one);
                }
                match ty_of("eq").filter(|eq| self.words.contains_key(&eq.1)) {
                    Some(eq) => FieldKind::Word(&eq.1),
                    None => panic!(
                        "`{ty}Filter.{field}` is a {input}, an unknown kind of filter: add it \
                         to `FieldKind`, say in `plain.rs` what passes it, and in `draw.rs` what to query"
                    ),
                }
            }
        }
    }

    /// The tests of a field.
    pub fn tests(&self, ty: &str, field: &str) -> Vec<&str> {
        let fields = self.fields(&format!("{ty}Filter"));
        let input = &fields.iter().find(|one| one.0 == field).unwrap().1;
        match self.sort(ty, field, input) {
            FieldKind::Flag => vec!["true", "false"],
            FieldKind::Certainty => self.words(input).iter().map(String::as_str).collect(),
            FieldKind::One(_) => vec!["passes", "is there"],
            _ => self.fields(input).iter().map(|test| test.0.as_str()).collect(),
        }
    }
}
