//! Generates valid selections from the SDL of a schema.

use std::collections::HashMap;

use async_graphql_parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
};

/// A source of choices: the bytes of an input, then zeros.
pub struct Dice<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Dice<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    fn below(&mut self, count: usize) -> usize {
        let byte = self.bytes.next().copied().unwrap_or(0);
        usize::from(byte) % count.max(1)
    }

    fn of<'b, T>(&mut self, all: &'b [T]) -> Option<&'b T> {
        let at = self.below(all.len());
        all.get(at)
    }
}

/// The composite types and the enums of a schema.
pub struct Draw {
    fields: HashMap<String, Vec<FieldDefinition>>,
    /// The possible object types of each abstract type.
    possible: HashMap<String, Vec<String>>,
    enums: HashMap<String, Vec<String>>,
}

impl Draw {
    pub fn new(sdl: &str) -> Self {
        let (document, _) = query_guard::parse_sdl(sdl).expect("a schema");
        let (mut fields, mut possible, mut enums) =
            (HashMap::new(), HashMap::<_, Vec<_>>::new(), HashMap::new());
        for definition in document.definitions {
            let TypeSystemDefinition::Type(ty) = definition else { continue };
            let name = ty.node.name.node.to_string();
            match ty.node.kind {
                TypeKind::Object(object) => {
                    for interface in &object.implements {
                        possible.entry(interface.node.to_string()).or_default().push(name.clone());
                    }
                    let own = object.fields.into_iter().map(|field| field.node);
                    fields.insert(name, own.collect());
                }
                TypeKind::Interface(interface) => {
                    let own = interface.fields.into_iter().map(|field| field.node);
                    fields.insert(name, own.collect());
                }
                TypeKind::Union(union) => {
                    let members = union.members.iter().map(|member| member.node.to_string());
                    possible.insert(name.clone(), members.collect());
                    fields.insert(name, Vec::new());
                }
                TypeKind::Enum(values) => {
                    let values = values.values.iter().map(|value| value.node.value.node.to_string());
                    enums.insert(name, values.collect());
                }
                _ => {}
            }
        }
        Self { fields, possible, enums }
    }

    /// Returns a fragment with this name on the query type, and the fragments that it spreads.
    pub fn fragment(&self, dice: &mut Dice, name: &str) -> String {
        let mut drawing = Drawing { draw: self, name, fragments: String::new(), count: 0 };
        let set = drawing.selection_set(dice, "Query", MAX_LEVELS);
        format!("fragment {name} on Query {set} {}", drawing.fragments)
    }
}

const MAX_LEVELS: usize = 5;

struct Drawing<'a> {
    draw: &'a Draw,
    name: &'a str,
    fragments: String,
    count: usize,
}

impl Drawing<'_> {
    /// Returns a selection set on a type with at most `levels` nested levels.
    fn selection_set(&mut self, dice: &mut Dice, on: &str, levels: usize) -> String {
        let mut text = "{ ".to_owned();
        for _ in 0..=dice.below(3) {
            let possible = self.draw.possible.get(on).map_or(&[][..], Vec::as_slice);
            match (dice.below(6), dice.of(possible)) {
                (0, Some(object)) => {
                    let set = self.selection_set(dice, object, levels);
                    text.push_str(&format!("... on {object} {set} "));
                }
                (1, _) if levels > 0 => {
                    let set = self.selection_set(dice, on, levels - 1);
                    text.push_str(&format!("... {set} "));
                }
                (2, _) if levels > 0 => {
                    let set = self.selection_set(dice, on, levels - 1);
                    self.count += 1;
                    let name = format!("{}{}", self.name, self.count);
                    self.fragments.push_str(&format!("fragment {name} on {on} {set} "));
                    text.push_str(&format!("...{name} "));
                }
                _ => text.push_str(&self.field(dice, on, levels)),
            }
        }
        text + "}"
    }

    fn field(&mut self, dice: &mut Dice, on: &str, levels: usize) -> String {
        let draw = self.draw;
        let fits = |field: &&FieldDefinition| levels > 0 || !draw.is_composite(&field.ty.node);
        let fields: Vec<_> = draw.fields[on].iter().filter(fits).collect();
        let Some(field) = dice.of(&fields) else { return "__typename ".to_owned() };
        let Some(arguments) = draw.arguments(dice, field) else { return "__typename ".to_owned() };
        // Aliases that are names of other fields make conflicts likely.
        let alias = match dice.below(6) {
            0 => "name: ",
            1 => "id: ",
            _ => "",
        };
        let set = if draw.is_composite(&field.ty.node) {
            self.selection_set(dice, type_name(&field.ty.node), levels - 1)
        } else {
            String::new()
        };
        format!("{alias}{}{arguments} {set} ", field.name.node)
    }
}

impl Draw {
    /// Returns the arguments of a field, or `None` if a required argument has no value.
    fn arguments(&self, dice: &mut Dice, field: &FieldDefinition) -> Option<String> {
        let mut given = Vec::new();
        for argument in &field.arguments {
            let argument = &argument.node;
            let required = !argument.ty.node.nullable && argument.default_value.is_none();
            if !required && dice.below(3) > 0 {
                continue;
            }
            match self.value(dice, argument) {
                Some(value) => given.push(format!("{}: {value}", argument.name.node)),
                None if required => return None,
                None => {}
            }
        }
        Some(if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) })
    }

    fn value(&self, dice: &mut Dice, argument: &InputValueDefinition) -> Option<String> {
        let ty = type_name(&argument.ty.node);
        if let Some(values) = self.enums.get(ty) {
            return dice.of(values).cloned();
        }
        let values: &[&str] = match (argument.name.node.as_str(), ty) {
            ("first" | "last", _) => &["1", "2", "3"],
            ("filter", _) => &["{}", "{ and: [{}] }", "{ or: [{}, {}] }"],
            ("slug", _) => &["\"csto-pa\"", "\"ipa-cis\"", "\"valentina-matvienko\""],
            ("code", _) => &["\"KG\"", "\"AM\""],
            ("query", _) => &["\"csto\"", "\"kg\""],
            (_, "Date") => &["\"2016-06-01\"", "\"2020-10-04\"", "\"2022-12-05\""],
            (_, "Boolean") => &["true", "false"],
            _ => &[],
        };
        dice.of(values).map(|value| (*value).to_owned())
    }

    fn is_composite(&self, ty: &Type) -> bool {
        self.fields.contains_key(type_name(ty))
    }
}

fn type_name(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => type_name(of),
    }
}
