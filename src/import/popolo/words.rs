//! Maps terms of Popolo files to record kinds and enum values.

use entity::{
    RecordKind, commission::CommissionKind, membership::Role, name::NameKind,
    participation::ParticipationStatus, session::SessionKind,
};
use sea_orm::{ActiveEnum, Iterable};

use crate::fold::fold;

/// The kind of an organization by its classification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Kind(RecordKind),
    Commission(CommissionKind),
}

/// The classifications of this server's own exports that have another meaning in other files.
const OWN_CLASSES: &[(&str, Class)] = &[
    ("assembly", Class::Kind(RecordKind::Assembly)),
    ("state", Class::Kind(RecordKind::State)),
    ("delegation", Class::Kind(RecordKind::Delegation)),
];

/// Record kinds by classification, folded. Other classifications are imported as an external body, and
/// as a claim.
const CLASSES: &[(&str, Class)] = &[
    ("assembly", Class::Kind(RecordKind::Parliament)),
    ("legislature", Class::Kind(RecordKind::Parliament)),
    ("parliament", Class::Kind(RecordKind::Parliament)),
    ("chamber", Class::Kind(RecordKind::Chamber)),
    ("upper", Class::Kind(RecordKind::Chamber)),
    ("lower", Class::Kind(RecordKind::Chamber)),
    ("upper house", Class::Kind(RecordKind::Chamber)),
    ("lower house", Class::Kind(RecordKind::Chamber)),
    ("upper chamber", Class::Kind(RecordKind::Chamber)),
    ("lower chamber", Class::Kind(RecordKind::Chamber)),
    ("party", Class::Kind(RecordKind::PoliticalGroup)),
    ("political party", Class::Kind(RecordKind::PoliticalGroup)),
    ("political group", Class::Kind(RecordKind::PoliticalGroup)),
    ("parliamentary group", Class::Kind(RecordKind::PoliticalGroup)),
    ("parliamentary party", Class::Kind(RecordKind::PoliticalGroup)),
    ("faction", Class::Kind(RecordKind::PoliticalGroup)),
    ("fraction", Class::Kind(RecordKind::PoliticalGroup)),
    ("group", Class::Kind(RecordKind::PoliticalGroup)),
    ("caucus", Class::Kind(RecordKind::PoliticalGroup)),
    ("coalition", Class::Kind(RecordKind::PoliticalGroup)),
    ("alliance", Class::Kind(RecordKind::PoliticalGroup)),
    ("electoral list", Class::Kind(RecordKind::PoliticalGroup)),
    ("committee", Class::Commission(CommissionKind::Standing)),
    ("commission", Class::Commission(CommissionKind::Standing)),
    ("subcommittee", Class::Commission(CommissionKind::Standing)),
    ("sub committee", Class::Commission(CommissionKind::Standing)),
    ("joint committee", Class::Commission(CommissionKind::Joint)),
    ("select committee", Class::Commission(CommissionKind::Temporary)),
    ("working group", Class::Commission(CommissionKind::WorkingGroup)),
    ("council", Class::Commission(CommissionKind::Council)),
];

impl Class {
    pub fn kind(self) -> RecordKind {
        match self {
            Self::Kind(kind) => kind,
            Self::Commission(_) => RecordKind::Commission,
        }
    }

    pub fn commission(self) -> CommissionKind {
        match self {
            Self::Kind(_) => CommissionKind::External,
            Self::Commission(kind) => kind,
        }
    }
}

pub const GROUP: Class = Class::Kind(RecordKind::PoliticalGroup);
pub const EXTERNAL: Class = Class::Commission(CommissionKind::External);

/// The class of a classification, and whether the classification is in the table. `is_own_export` is
/// true in an export of this server.
pub fn class(classification: Option<&str>, is_own_export: bool) -> (Class, bool) {
    let word = classification.map(fold).unwrap_or_default();
    let own = if is_own_export { OWN_CLASSES } else { &[] };
    match own.iter().chain(CLASSES).find(|(term, _)| *term == word) {
        Some((_, class)) => (*class, true),
        None => (EXTERNAL, false),
    }
}

/// Terms for roles, folded, in addition to the names of the roles.
const ROLES: &[(&str, Role)] = &[
    ("deputy", Role::Member),
    ("mp", Role::Member),
    ("member of parliament", Role::Member),
    ("chairman", Role::Chair),
    ("chairperson", Role::Chair),
    ("chairwoman", Role::Chair),
    ("president", Role::Chair),
    ("speaker", Role::Chair),
    ("vice chair", Role::DeputyChair),
    ("vice chairman", Role::DeputyChair),
    ("vice chairperson", Role::DeputyChair),
    ("deputy chairman", Role::DeputyChair),
    ("vice president", Role::DeputyChair),
    ("deputy speaker", Role::DeputyChair),
    ("first vice chair", Role::FirstDeputyChair),
    ("first vice chairman", Role::FirstDeputyChair),
    ("first deputy chairman", Role::FirstDeputyChair),
    ("adviser", Role::Expert),
    ("advisor", Role::Expert),
];

/// The role of a term, and whether the term is more specific than the role. A more specific term is
/// stored as the title.
pub fn role(word: Option<&str>, organization: RecordKind) -> (Role, bool) {
    let Some(word) = word else { return (Role::Member, false) };
    let folded = fold(word);
    let own = Role::iter().find(|role| words(*role) == folded);
    match own {
        // Outside of delegations, "representative" is a synonym of "member".
        Some(Role::Representative) if organization != RecordKind::Delegation => {
            (Role::Member, true)
        }
        Some(role) => (role, false),
        None => match ROLES.iter().find(|(term, _)| *term == folded) {
            Some((_, role)) => (*role, true),
            None => (Role::Official, true),
        },
    }
}

/// The lowercase words of an enum value: `DEPUTY_CHAIR` is "deputy chair".
fn words<E: ActiveEnum<Value = String>>(word: E) -> String {
    word.to_value().to_lowercase().replace('_', " ")
}

/// The enum value with the words of a string.
fn parse<E: ActiveEnum<Value = String> + Iterable + Copy>(text: &str) -> Option<E> {
    let folded = fold(text);
    E::iter().find(|word| words(*word) == folded)
}

pub fn status(text: Option<&str>) -> Option<ParticipationStatus> {
    text.and_then(parse)
}

pub fn session_kind(text: Option<&str>) -> Option<SessionKind> {
    text.and_then(parse)
}

pub fn commission_kind(text: Option<&str>) -> Option<CommissionKind> {
    text.and_then(parse)
}

pub fn house(text: Option<&str>) -> Option<entity::chamber::House> {
    text.and_then(parse)
}

pub fn structure(text: Option<&str>) -> Option<entity::parliament::ParliamentStructure> {
    text.and_then(parse)
}

/// The kind of a name by its note (default: variant).
pub fn name_kind(note: Option<&str>) -> NameKind {
    note.and_then(parse).unwrap_or(NameKind::Variant)
}

/// Whether an event is a legislative period.
pub fn is_period(classification: Option<&str>) -> bool {
    let word = classification.map(fold).unwrap_or_default();
    ["legislative period", "legislative term", "term", "legislature", "convocation"]
        .contains(&word.as_str())
}

/// Whether the name of a group is a placeholder for an unknown group.
pub fn is_unknown(name: Option<&str>) -> bool {
    let name = name.map(fold).unwrap_or_default();
    ["unknown", "not known", "n a", "na", "none", ""].contains(&name.as_str())
}

/// The two-letter language codes of ISO 639-1.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co \
    cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi \
    ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw \
    ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc \
    oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su \
    sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Whether a string is a language tag: its first part is a code of ISO 639-1, or a longer code.
pub fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let has_valid_language = match first.len() {
        2 => LANGUAGES.split_ascii_whitespace().any(|code| first.eq_ignore_ascii_case(code)),
        3..=8 => first.bytes().all(|byte| byte.is_ascii_alphabetic()),
        // `x` starts a private-use tag.
        1 => first.eq_ignore_ascii_case("x") && tag.len() > 2,
        _ => false,
    };
    let is_subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    has_valid_language && parts.all(is_subtag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_terms() {
        assert_eq!(class(Some("Party"), false), (Class::Kind(RecordKind::PoliticalGroup), true));
        assert_eq!(class(Some("ministry"), true), (EXTERNAL, false));
        assert_eq!(class(None, false), (EXTERNAL, false));
        assert_eq!(class(Some("assembly"), false).0, Class::Kind(RecordKind::Parliament));
        assert_eq!(class(Some("assembly"), true).0, Class::Kind(RecordKind::Assembly));
        let body = RecordKind::Commission;
        assert_eq!(role(Some("member"), body), (Role::Member, false));
        assert_eq!(role(Some("Vice Chair"), body), (Role::DeputyChair, true));
        assert_eq!(role(Some("deputy chair"), body), (Role::DeputyChair, false));
        assert_eq!(role(Some("Representative"), body), (Role::Member, true));
        assert_eq!(role(Some("representative"), RecordKind::Delegation).0, Role::Representative);
        assert_eq!(role(Some("clerk"), body), (Role::Official, true));
        assert_eq!(role(None, body), (Role::Member, false));
    }

    #[test]
    fn accepts_language_tags() {
        assert!(["en", "tg", "zh-Hans", "lad", "be-tarask", "x-old"].into_iter().all(is_language));
        assert!(!["tj", "xx", "", "e", "english!", "en_US"].into_iter().any(is_language));
    }
}
