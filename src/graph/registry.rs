//! Entries of the schema that the library's macros do not make.

use std::borrow::Cow;

use async_graphql::{
    InputType, OutputType,
    indexmap::IndexMap,
    registry::{MetaEnumValue, MetaField, MetaInputValue, MetaType, MetaTypeId, Registry},
};

/// Makes a type known to the schema and returns what to write for it.
pub type CreateType = fn(&mut Registry) -> String;

/// The same, of a type that is known at run time only.
pub type Create = Box<dyn Fn(&mut Registry) -> String>;

/// A field of an object or an interface.
pub struct Field {
    name: Cow<'static, str>,
    description: Cow<'static, str>,
    ty: Create,
    arguments: Vec<Argument>,
}

/// An argument of a field, or a field of an input object.
pub struct Argument {
    name: Cow<'static, str>,
    description: Cow<'static, str>,
    ty: Create,
    default: Option<&'static str>,
}

impl Field {
    pub fn of<T: OutputType + 'static>(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, T::create_type_info)
    }

    pub fn new(
        name: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
        ty: impl Fn(&mut Registry) -> String + 'static,
    ) -> Self {
        let (name, description) = (name.into(), description.into());
        Self { name, description, ty: Box::new(ty), arguments: Vec::new() }
    }

    pub fn with(mut self, argument: Argument) -> Self {
        self.arguments.push(argument);
        self
    }

    pub fn meta(self, registry: &mut Registry) -> (String, MetaField) {
        let args = self.arguments.into_iter().map(|argument| argument.meta(registry)).collect();
        let description = Some(self.description.into_owned());
        let meta = MetaField::new(self.name.clone(), (self.ty)(registry));
        (self.name.into_owned(), MetaField { description, args, ..meta })
    }
}

impl Argument {
    pub fn of<T: InputType + 'static>(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, T::create_type_info)
    }

    pub fn new(
        name: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
        ty: impl Fn(&mut Registry) -> String + 'static,
    ) -> Self {
        let (name, description) = (name.into(), description.into());
        Self { name, description, ty: Box::new(ty), default: None }
    }

    /// With a default value, as the SDL writes it.
    pub fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    fn meta(self, registry: &mut Registry) -> (String, MetaInputValue) {
        let mut meta = MetaInputValue::new(self.name.clone(), (self.ty)(registry));
        meta.description = Some(self.description.into_owned());
        meta.default_value = self.default.map(str::to_owned);
        (self.name.into_owned(), meta)
    }
}

/// The schema's entry of an interface.
pub fn interface_type<T: OutputType>(
    description: &str,
    fields: IndexMap<String, MetaField>,
    possible: impl IntoIterator<Item = String>,
) -> MetaType {
    MetaType::Interface {
        name: T::type_name().into_owned(),
        description: Some(description.to_owned()),
        fields,
        possible_types: possible.into_iter().collect(),
        extends: false,
        keys: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(std::any::type_name::<T>()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// The schema's entry of an object.
pub fn object<T: OutputType>(
    registry: &mut Registry,
    description: &str,
    fields: Vec<Field>,
) -> MetaType {
    let fields = fields.into_iter().map(|field| field.meta(registry)).collect();
    object_type::<T>(description, fields)
}

/// The same with its fields as the schema has them.
pub fn object_type<T: OutputType>(
    description: &str,
    fields: IndexMap<String, MetaField>,
) -> MetaType {
    MetaType::Object {
        name: T::type_name().into_owned(),
        description: Some(description.to_owned()),
        fields,
        cache_control: async_graphql::CacheControl::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: false,
        rust_typename: Some(std::any::type_name::<T>()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// The schema's entry of an input type.
pub fn input_object<T: InputType>(
    registry: &mut Registry,
    description: &str,
    fields: impl IntoIterator<Item = Argument>,
) -> MetaType {
    let rust_typename = Some(std::any::type_name::<T>());
    input_type(registry, &T::type_name(), description, fields, rust_typename)
}

/// The same of a type that is known at run time only.
pub fn input_type(
    registry: &mut Registry,
    name: &str,
    description: &str,
    fields: impl IntoIterator<Item = Argument>,
    rust_typename: Option<&'static str>,
) -> MetaType {
    let fields = fields.into_iter().map(|field| field.meta(registry));
    MetaType::InputObject {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        input_fields: fields.collect::<IndexMap<_, _>>(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename,
        oneof: false,
        directive_invocations: Vec::new(),
    }
}

/// The schema's entry of an enumeration.
pub fn enumeration<'a, T: InputType>(
    registry: &mut Registry,
    about: &str,
    words: impl Iterator<Item = (&'a str, String)> + Clone,
) -> String {
    registry.create_input_type::<T, _>(MetaTypeId::Enum, |_| {
        let values = words.clone().map(|(word, about)| {
            let value =
                MetaEnumValue { description: Some(about), ..MetaEnumValue::new(word.to_owned()) };
            (word.to_owned(), value)
        });
        MetaType::Enum {
            name: T::type_name().into_owned(),
            description: Some(about.to_owned()),
            enum_values: values.collect::<IndexMap<_, _>>(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: Some(std::any::type_name::<T>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        }
    })
}
