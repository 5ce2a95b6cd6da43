//! Loads the data that `page_reader` needs, with a number of statements that does not depend on the
//! pages.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entity::{
    Id, PartialDate, RecordKind, ValidityPeriod, alias, assembly, chamber, chamber::House,
    citation, claim, commission, commission::CommissionKind, commission_assembly, decision,
    delegation, document, identifier, member, membership, mention, name, parliament, record,
    seat_allocation, session, state,
};
use futures_util::TryStreamExt;
use page_reader::{
    NameFilter, PageSet, RecordFilter,
    graph::{
        Allocation, Assembly, Chamber, Citation, Claim, Delegation, Document, Graph, Kind, Name,
        Organization, Parliament, Person, Post, Records, State,
    },
};
use sea_orm::{
    ActiveEnum, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, JoinType, QueryFilter,
    QuerySelect, RelationTrait,
};

use super::date;
use crate::{
    evidence::validity::EXCLUSIVE_ROLES,
    import::{ImportError, digest, keys},
    store::{find, find_texts, rows},
    text::with_article,
};

/// The slugs of all records.
pub type Slugs = HashMap<Id, String>;

pub async fn slugs(store: &DatabaseTransaction) -> Result<Slugs, DbErr> {
    let slugs = record::Entity::find()
        .select_only()
        .columns([record::Column::Id, record::Column::Slug])
        .into_tuple::<(Id, String)>();
    Ok(slugs.all(store).await?.into_iter().collect())
}

/// The slug of the document that an option identifies by its slug or by an alias. Returns the option
/// itself if no record has that slug.
pub async fn document_slug(store: &DatabaseTransaction, slug: &str) -> Result<String, ImportError> {
    let own = record::Entity::find().filter(record::Column::Slug.eq(slug)).one(store).await?;
    let record = match own {
        Some(record) => Some(record),
        None => match alias::Entity::find_by_id(slug).one(store).await? {
            Some(row) => record::Entity::find_by_id(row.record_id).one(store).await?,
            None => None,
        },
    };
    match record {
        Some(record) if record.kind != RecordKind::Document => {
            let actual = with_article(record.kind.kind().table);
            let message =
                format!("--document must be the slug of a document; `{slug}` is {actual}");
            Err(ImportError::Options(message))
        }
        Some(record) => Ok(record.slug),
        None => Ok(slug.to_owned()),
    }
}

/// The organizations, their posts, and the names that the pages may contain.
pub async fn graph(
    store: &DatabaseTransaction,
    slugs: &Slugs,
    pages: &PageSet,
) -> Result<Graph, DbErr> {
    let assemblies = assembly::Entity::find().all(store).await?;
    let states = state::Entity::find().all(store).await?;
    let parliaments = parliament::Entity::find().all(store).await?;
    let chambers = chamber::Entity::find().all(store).await?;
    let delegations = delegation::Entity::find().all(store).await?;
    let allocations = seat_allocation::Entity::find().all(store).await?;
    let links = commission_assembly::Entity::find().all(store).await?;
    let is_secretariat = commission::Column::Kind.eq(CommissionKind::Secretariat);
    let secretariats = commission::Entity::find().filter(is_secretariat).all(store).await?;
    let unions: BTreeSet<Id> = assemblies.iter().filter_map(|row| row.parent_id).collect();
    let unions = find::<commission::Entity>(store, commission::Column::Id, &unions).await?;

    let secretariats: BTreeSet<Id> = secretariats.into_iter().map(|row| row.id).collect();
    let with_posts = delegations.iter().map(|row| row.id);
    let with_posts =
        with_posts.chain(assemblies.iter().map(|row| row.id)).chain(secretariats.clone());
    let (posts, holders) = posts(store, slugs, &with_posts.collect()).await?;

    let organizations = assemblies.iter().map(|row| row.id).chain(unions.iter().map(|row| row.id));
    let organizations = organizations.chain(states.iter().map(|row| row.id));
    let organizations = organizations.chain(parliaments.iter().map(|row| row.id));
    let organizations = organizations.chain(chambers.iter().map(|row| row.id)).collect();
    let mut names = alternative_names(store, &organizations).await?;
    let mut organization = |id: Id, slug: String, name: String| Organization {
        slug,
        name,
        names: names.remove(&id).unwrap_or_default(),
    };
    let slug = |id: Id| slugs.get(&id).cloned().unwrap_or_default();
    let mut graph = Graph {
        unions: unions.into_iter().map(|row| organization(row.id, row.slug, row.name)).collect(),
        delegations: delegations
            .into_iter()
            .map(|row| Delegation {
                assembly: slug(row.assembly_id),
                parliament: slug(row.parliament_id),
                slug: row.slug,
            })
            .collect(),
        allocations: allocations
            .into_iter()
            .map(|row| Allocation {
                delegation: slug(row.delegation_id),
                chamber: row.chamber_id.map(slug),
                slug: row.slug,
            })
            .collect(),
        posts,
        holders,
        exclusive_roles: EXCLUSIVE_ROLES.iter().map(ActiveEnum::to_value).collect(),
        ..Graph::default()
    };
    for row in assemblies {
        let bodies = links.iter().filter(|link| link.assembly_id == row.id);
        let bodies: BTreeSet<Id> = bodies.map(|link| link.commission_id).collect();
        let secretariats = bodies.intersection(&secretariats).map(|id| slug(*id)).collect();
        let mut organization = organization(row.id, row.slug, row.name);
        organization.names.splice(0..0, row.acronym);
        let bodies = bodies.into_iter().map(slug).collect();
        graph.assemblies.push(Assembly { organization, bodies, secretariats });
    }
    graph.states.extend(states.into_iter().map(|row| State {
        organization: organization(row.id, row.slug, row.name),
        code: row.code,
    }));
    graph.parliaments.extend(parliaments.into_iter().map(|row| Parliament {
        organization: organization(row.id, row.slug, row.name),
        state: row.state_id.map(slug),
    }));
    graph.chambers.extend(chambers.into_iter().map(|row| Chamber {
        organization: organization(row.id, row.slug, row.name),
        parliament: slug(row.parliament_id),
        house: match row.house {
            House::Lower => Some(page_reader::graph::House::Lower),
            House::Upper => Some(page_reader::graph::House::Upper),
            House::Single | House::Unknown => None,
        },
    }));
    let names = names_on_pages(store, &pages.name_filter(&graph.assemblies)).await?;
    graph.conveners = conveners(store, slugs, &names).await?;
    graph.names =
        names.into_iter().map(|(id, kind, text)| Name { slug: slug(id), kind, text }).collect();
    let aliases = alias::Entity::find().select_only().column(alias::Column::Slug);
    graph.slugs = aliases.into_tuple::<String>().all(store).await?.into_iter().collect();
    graph.slugs.extend(slugs.values().cloned());
    Ok(graph)
}

/// The alternative names of records.
async fn alternative_names(
    store: &DatabaseTransaction,
    ids: &BTreeSet<Id>,
) -> Result<HashMap<Id, Vec<String>>, DbErr> {
    let mut names: HashMap<Id, Vec<String>> = HashMap::new();
    for row in find::<name::Entity>(store, name::Column::RecordId, ids).await? {
        names.entry(row.record_id).or_default().push(row.value);
    }
    Ok(names)
}

/// The memberships of delegations, secretariats and assemblies, and the names of their members.
async fn posts(
    store: &DatabaseTransaction,
    slugs: &Slugs,
    organizations: &BTreeSet<Id>,
) -> Result<(Vec<Post>, HashMap<String, Vec<String>>), DbErr> {
    let roles: HashSet<&str> = page_reader::roles().collect();
    let column = membership::Column::OrganizationId;
    let mut rows = find::<membership::Entity>(store, column, organizations).await?;
    rows.retain(|row| roles.contains(&*row.role.to_value()));
    rows.sort_by_key(|row| row.id);
    let members = rows.iter().map(|row| row.member_id).collect();
    let mut names = alternative_names(store, &members).await?;
    let mut holders = HashMap::new();
    for row in find::<member::Entity>(store, member::Column::Id, &members).await? {
        let mut names = names.remove(&row.id).unwrap_or_default();
        names.push(row.name);
        holders.insert(row.slug, names);
    }
    let slug = |id: Id| slugs.get(&id).cloned().unwrap_or_default();
    let posts = rows.into_iter().map(|row| Post {
        slug: row.slug,
        member: slug(row.member_id),
        organization: slug(row.organization_id),
        role: row.role.to_value(),
        open: row.effective_until_latest.is_none(),
    });
    Ok((posts.collect(), holders))
}

/// A record and one of its names.
type RecordName = (Id, Kind, String);

/// The names that the pages may contain.
async fn names_on_pages(
    store: &DatabaseTransaction,
    filter: &NameFilter<'_>,
) -> Result<Vec<RecordName>, DbErr> {
    let mut found = Vec::new();
    let mut kinds: HashMap<RecordKind, Kind> = HashMap::new();
    for kind in Kind::MENTIONABLE {
        let Some(table) = keys::kind_of(kind.table()) else { continue };
        kinds.insert(table.kind, kind);
        let names = table.naming.into_iter().chain(["acronym"]);
        for column in names.filter(|name| table.field(name).is_some()) {
            let mut add = |id, text: String| {
                if filter.accepts(kind, &text) {
                    found.push((id, kind, text));
                }
            };
            rows::texts(store, table.kind, column, &mut add).await?;
        }
    }
    let rows = name::Entity::find()
        .select_only()
        .columns([name::Column::RecordId, name::Column::Value])
        .column(record::Column::Kind)
        .join(JoinType::InnerJoin, name::Relation::Record.def())
        .into_tuple::<(Id, String, RecordKind)>();
    let mut rows = rows.stream(store).await?;
    while let Some((id, text, kind)) = rows.try_next().await? {
        let kind = kinds.get(&kind).filter(|kind| filter.accepts(**kind, &text));
        found.extend(kind.map(|kind| (id, *kind, text)));
    }
    drop(rows);
    // Pages contain titles of decisions, but not descriptions by the maintainers.
    let decisions = of_kind(&found, Kind::Decision);
    let decisions = find::<decision::Entity>(store, decision::Column::Id, &decisions).await?;
    let described = decisions.into_iter().filter(|row| !row.title_given);
    let described: HashSet<Id> = described.map(|row| row.id).collect();
    found.retain(|(id, ..)| !described.contains(id));
    Ok(found)
}

fn of_kind(names: &[RecordName], kind: Kind) -> BTreeSet<Id> {
    names.iter().filter(|name| name.1 == kind).map(|name| name.0).collect()
}

/// The assemblies and bodies that hold the sessions of some names.
async fn conveners(
    store: &DatabaseTransaction,
    slugs: &Slugs,
    names: &[RecordName],
) -> Result<HashMap<String, Vec<String>>, DbErr> {
    let sessions = of_kind(names, Kind::Session);
    let sessions = find::<session::Entity>(store, session::Column::Id, &sessions).await?;
    let conveners = sessions.into_iter().map(|row| {
        let ids = [row.assembly_id, row.commission_id].into_iter().flatten();
        (row.slug, ids.filter_map(|id| slugs.get(&id).cloned()).collect())
    });
    Ok(conveners.collect())
}

/// The persons, documents and claims that concern the pages.
pub async fn records(
    store: &DatabaseTransaction,
    slugs: &Slugs,
    filter: &RecordFilter,
) -> Result<Records, DbErr> {
    let slug = |id: Id| slugs.get(&id).cloned().unwrap_or_default();
    let ids = ids(store, &filter.claims).await?;
    let mut claims = find::<claim::Entity>(store, claim::Column::RecordId, &ids).await?;
    claims.sort_by_key(|row| row.id);
    let ids = self::ids(store, &filter.citations).await?;
    let mut citations = find::<citation::Entity>(store, citation::Column::RecordId, &ids).await?;
    citations.sort_by_key(|row| row.document_id);
    let claims = claims.into_iter().map(|row| Claim {
        observed: row.observed().and_then(|days| days.first.map(date).zip(days.last.map(date))),
        record: slug(row.record_id),
        property: row.property,
        value: row.value,
        document: slug(row.document_id),
        locator: row.locator,
        note: row.note,
        by_claim: row.by_claim,
    });
    let citations = citations
        .into_iter()
        .map(|row| Citation { record: slug(row.record_id), document: slug(row.document_id) });
    Ok(Records {
        claims: claims.collect(),
        citations: citations.collect(),
        people: people(store, slugs, filter).await?,
        documents: documents(store, filter).await?,
    })
}

async fn ids(store: &DatabaseTransaction, slugs: &BTreeSet<String>) -> Result<BTreeSet<Id>, DbErr> {
    let rows = find_texts::<record::Entity>(store, record::Column::Slug, &texts(slugs)).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

fn texts(all: &BTreeSet<String>) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

/// The documents that the pages may be.
async fn documents(
    store: &DatabaseTransaction,
    filter: &RecordFilter,
) -> Result<Vec<Document>, DbErr> {
    use document::{Column, Entity};
    let digests = texts(&filter.digests);
    let with_digest =
        find_texts::<identifier::Entity>(store, identifier::Column::Value, &digests).await?;
    let ids = with_digest.into_iter().filter(|row| row.scheme == digest::SCHEME);
    let ids = ids.map(|row| row.record_id).collect();
    let mut rows = find::<Entity>(store, Column::Id, &ids).await?;
    rows.extend(find_texts::<Entity>(store, Column::Url, &texts(&filter.urls)).await?);
    rows.extend(find_texts::<Entity>(store, Column::File, &texts(&filter.files)).await?);
    rows.extend(find_texts::<Entity>(store, Column::Slug, &texts(&filter.documents)).await?);
    let rows: BTreeMap<Id, document::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    let ids = rows.keys().copied().collect();
    let identifiers = find::<identifier::Entity>(store, identifier::Column::RecordId, &ids).await?;
    let mut digests: HashMap<Id, Vec<String>> = HashMap::new();
    for row in identifiers.into_iter().filter(|row| row.scheme == digest::SCHEME) {
        digests.entry(row.record_id).or_default().push(row.value);
    }
    let documents = rows.into_values().map(|row| Document {
        published: PartialDate::from_columns(row.published_earliest, row.published_latest)
            .map(date),
        digests: digests.remove(&row.id).unwrap_or_default(),
        slug: row.slug,
        url: row.url,
        file: row.file,
        title: row.title,
        language: row.language,
        extent: row.extent.map(|extent| extent.to_value()),
    });
    Ok(documents.collect())
}

/// The members whose names resemble the names in posts.
async fn people(
    store: &DatabaseTransaction,
    slugs: &Slugs,
    filter: &RecordFilter,
) -> Result<Vec<Person>, DbErr> {
    if !filter.needs_people() {
        return Ok(Vec::new());
    }
    let mut names: HashMap<Id, Vec<String>> = HashMap::new();
    let mut add = |id: Id, name: String| {
        if filter.accepts_person(&name) {
            names.entry(id).or_default().push(name);
        }
    };
    rows::texts(store, RecordKind::Member, "name", &mut add).await?;
    let others = name::Entity::find()
        .select_only()
        .columns([name::Column::RecordId, name::Column::Value])
        .join(JoinType::InnerJoin, name::Relation::Record.def())
        .filter(record::Column::Kind.eq(RecordKind::Member))
        .into_tuple::<(Id, String)>();
    let mut others = others.stream(store).await?;
    while let Some((id, name)) = others.try_next().await? {
        add(id, name);
    }
    drop(others);
    let ids = names.keys().copied().collect();
    let mut affiliations = affiliations(store, &ids).await?;
    let slug = |id: Id| slugs.get(&id).cloned();
    let people = names.into_iter().filter_map(|(id, names)| {
        let affiliations = affiliations.remove(&id).unwrap_or_default();
        let affiliations = affiliations.into_iter().filter_map(slug).collect();
        Some(Person { slug: slug(id)?, names, affiliations })
    });
    Ok(people.collect())
}

/// The affiliations of members: the organizations of their memberships, the organizations that they
/// represent, and the assemblies, bodies and delegations that the same documents mention.
async fn affiliations(
    store: &DatabaseTransaction,
    members: &BTreeSet<Id>,
) -> Result<HashMap<Id, BTreeSet<Id>>, DbErr> {
    let mut affiliations: HashMap<Id, BTreeSet<Id>> = HashMap::new();
    let column = membership::Column::MemberId;
    for row in find::<membership::Entity>(store, column, members).await? {
        let organizations = [Some(row.organization_id), row.on_behalf_of_id];
        let own = affiliations.entry(row.member_id).or_default();
        own.extend(organizations.into_iter().flatten());
    }
    let mentions = find::<mention::Entity>(store, mention::Column::RecordId, members).await?;
    let documents = mentions.iter().map(|row| row.document_id).collect();
    let all_mentions =
        find::<mention::Entity>(store, mention::Column::DocumentId, &documents).await?;
    let mut mentioned: HashMap<Id, Vec<Id>> = HashMap::new();
    for row in all_mentions {
        // A mention of a state in the same document is not an affiliation.
        let kinds = [RecordKind::Assembly, RecordKind::Commission, RecordKind::Delegation];
        if kinds.contains(&row.record_kind) {
            mentioned.entry(row.document_id).or_default().push(row.record_id);
        }
    }
    for row in mentions {
        let others = mentioned.get(&row.document_id).into_iter().flatten();
        affiliations.entry(row.record_id).or_default().extend(others);
    }
    Ok(affiliations)
}
