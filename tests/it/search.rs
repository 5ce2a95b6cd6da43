//! Full-text search, and the terms of records on which it is based.

use assembly_graph::import::{self, File};
use entity::{RecordKind, term};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, Statement};

use serde_json::json;

use crate::world::{Store, World, now, test_each_store};

/// The rows of a statement.
async fn rows(database: &DatabaseConnection, sql: &str) -> Vec<sea_orm::QueryResult> {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    database.query_all_raw(statement).await.unwrap()
}

/// Checks the full-text indexes against their table.
async fn assert_sound(world: &World) {
    if world.database.get_database_backend() != DbBackend::Sqlite {
        return;
    }
    // With rank 1, SQLite compares the index with the content table.
    for table in ["term_word", "term_gram"] {
        let check = format!("INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)");
        world.database.execute_unprepared(&check).await.unwrap();
    }
}

async fn import_text(world: &World, text: &str) -> Result<import::Applied, import::ImportError> {
    let file = File { name: "more.toml".into(), text: text.to_owned() };
    import::import(&world.database, &[file], now()).await
}

async fn terms(world: &World) -> Vec<term::Model> {
    let mut terms = term::Entity::find().all(&world.database).await.unwrap();
    terms.sort_by_key(|term| term.id);
    terms
}

async fn every_record_has_the_terms_of_its_texts(store: Store) {
    let world = World::built_in(store).await;
    let terms = terms(&world).await;
    let of = |kind, property| {
        let own = |term: &&term::Model| term.record_kind == kind && term.property == property;
        terms.iter().filter(own).count()
    };
    let members = entity::member::Entity::find().all(&world.database).await.unwrap();
    let names = terms.iter().filter(|term| term.record_kind == RecordKind::Member);
    assert_eq!(names.filter(|term| term.rank == 0).count(), members.len());
    assert!(of(RecordKind::Assembly, "acronym") >= 2);
    assert!(of(RecordKind::State, "code") > 5);
    assert!(of(RecordKind::Decision, "title") > 10);
    assert!(of(RecordKind::Document, "url") > 10);
    assert!(terms.iter().all(|term| term.words.is_empty() == (term.rank == 9)));
    assert!(terms.iter().any(|term| term.language.as_deref() == Some("ru")));
    assert_sound(&world).await;
    world.end().await;
}

test_each_store!(every_record_has_the_terms_of_its_texts);

const BASE: &str = r#"
[[document]]
slug = "paper"
kind = "PRESS"
title = "A list of names"

[[state]]
slug = "tj"
code = "TJ"
name = "Tajikistan"
sources = ["paper"]

[[member]]
slug = "kogut"
name = "Viktor Kogut"
sources = ["paper"]
"#;

/// The terms of a record as "property rank folded text".
async fn terms_of(world: &World, slug: &str) -> Vec<String> {
    let registered = entity::record::Entity::find().all(&world.database).await.unwrap();
    let id = registered.iter().find(|row| row.slug == slug).unwrap().id;
    let own = terms(world).await.into_iter().filter(|term| term.record_id == id);
    own.map(|term| format!("{} {} {}", term.property, term.rank, term.folded)).collect()
}

async fn terms_are_updated_with_their_records(store: Store) {
    let world = World::empty(store).await;
    import_text(&world, BASE).await.unwrap();
    assert_eq!(terms_of(&world, "kogut").await, ["name 0 viktor kogut"]);
    assert_eq!(terms_of(&world, "tj").await, ["name 0 tajikistan", "code 1 tj"]);
    let before = world.fingerprint().await;
    import_text(&world, BASE).await.unwrap();
    assert!(world.fingerprint().await == before, "something was written");

    let named = BASE.replace(
        "name = \"Viktor Kogut\"",
        "name = \"Victor Kogut\"\nidentifiers = { wikidata = \"Q1\" }\n\
         names = [{ value = \"Виктор Когут\", language = \"ru\" }, { value = \"—\" },\n\
         { value = \"VICTOR KOGUT\" }]",
    );
    import_text(&world, &named).await.unwrap();
    assert_eq!(terms_of(&world, "kogut").await, ["name 0 victor kogut", "name 1 viktor kogut"]);
    assert_sound(&world).await;

    // An import that fails changes no terms.
    let before = world.fingerprint().await;
    let wrong = named.replace("Victor", "Wiktor") + "\n[[member]]\nslug = \"nobody\"\n";
    import_text(&world, &wrong).await.unwrap_err();
    assert!(world.fingerprint().await == before, "something was written");
    assert_sound(&world).await;

    // Written in another order, the same.
    let again = World::empty(store).await;
    import_text(&again, &named).await.unwrap();
    assert_eq!(terms(&again).await, terms(&world).await);
    again.end().await;
    world.end().await;
}

test_each_store!(terms_are_updated_with_their_records);

/// A database that was filled before there were terms has them once it is opened.
async fn terms_of_a_filled_database_are_derived(store: Store) {
    let world = World::built_in(store).await;
    let sound = terms(&world).await;
    if store == Store::Sqlite {
        for table in ["term_word", "term_gram"] {
            let clear = format!("INSERT INTO {table} ({table}) VALUES ('delete-all')");
            world.database.execute_unprepared(&clear).await.unwrap();
        }
    }
    world.database.execute_unprepared("DELETE FROM term").await.unwrap();
    import::derive(&world.database, now()).await.unwrap().unwrap();
    assert!(terms(&world).await == sound, "terms differ");
    assert_sound(&world).await;
    world.end().await;
}

test_each_store!(terms_of_a_filled_database_are_derived);

/// Text filters rely on this index.
#[tokio::test]
async fn substrings_are_found_by_an_index() {
    let world = World::built_in(Store::Sqlite).await;
    let find = "SELECT id FROM term WHERE id IN \
         (SELECT rowid FROM term_gram WHERE folded LIKE '%matvi%')";
    let plan = rows(&world.database, &format!("EXPLAIN QUERY PLAN {find}")).await;
    let plan: Vec<String> = plan.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    assert!(plan.iter().any(|step| step.contains("VIRTUAL TABLE INDEX 0:L0")), "{plan:#?}");
    assert!(plan.iter().all(|step| !step.starts_with("SCAN term") || step.contains("VIRTUAL")));
    let by_index = rows(&world.database, find).await.len();
    let by_reading = "SELECT id FROM term WHERE folded LIKE '%matvi%'";
    assert_eq!(by_index, rows(&world.database, by_reading).await.len());
    assert!(by_index > 0);
    world.end().await;
}

/// Search texts, and the slugs of the first results.
const SEARCHES: &[(&str, &str)] = &[
    ("Viktor Kogut", "viktor-kogut"),
    ("victor kogut", "viktor-kogut"),
    ("Когут Виктор", "viktor-kogut"),
    ("Rogalyov", "viktor-rogalev"),
    ("Рогалёв", "viktor-rogalev"),
    ("Volodin", "vyacheslav-volodin"),
    ("Вячеслав Володин", "vyacheslav-volodin"),
    ("Viacheslav", "vyacheslav-volodin"),
    ("Գրիզլով", "boris-gryzlov"),
    ("გრიზლოვ", "boris-gryzlov"),
    ("Ալեն Սիմոնյան", "alen-simonyan"),
    ("Шармазанов", "eduard-sharmazanov"),
    ("Շարմազանով", "eduard-sharmazanov"),
    ("Джумабеков", "dastanbek-jumabekov"),
    ("Zhumabekov", "dastanbek-jumabekov"),
    ("Токаев", "kassym-jomart-tokayev"),
    ("Қасым-Жомарт", "kassym-jomart-tokayev"),
    ("Убайдуллоев", "mahmadsaid-ubaidulloyev"),
    ("fed council", "ru-federation-council"),
    ("council federation", "ru-federation-council"),
    ("state duma", "ru-state-duma"),
    ("ПА ОДКБ", "csto-pa"),
    ("csto pa", "csto-pa"),
    ("парламентская ассамблея", "csto-pa"),
    ("Таджикистан", "tj"),
    ("TJ", "tj"),
    ("milli mejlis", "parliament-az"),
    ("миротворческ", "csto-pa-model-law-peacekeeping"),
    ("viktor-kogut", "viktor-kogut"),
];

async fn names_are_found_in_each_script_and_spelling(store: Store) {
    let world = World::built_in(store).await;
    let mut wrong = Vec::new();
    for (query, first) in SEARCHES {
        let found = world.data(&search_document(query)).await;
        let slug = found["search"]["nodes"][0]["slug"].as_str().unwrap_or("nothing");
        let match_ = &found["search"]["edges"][0]["matches"][0];
        println!("{query}: {slug} {} {}", match_["text"], match_["highlights"]);
        if slug != *first {
            wrong.push(format!("{query}: {slug}"));
        }
    }
    world.end().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

test_each_store!(names_are_found_in_each_script_and_spelling);

fn search_document(query: &str) -> String {
    let query = serde_json::json!(query);
    format!(
        "{{ search(query: {query}) {{ totalCount nodes {{ slug }} edges {{ matches {{ property text
         language highlights {{ start end text }} }} }} }} }}"
    )
}

/// The slugs of the results of a search.
async fn found(world: &World, query: &str) -> Vec<String> {
    let found = world.data(&search_document(query)).await;
    let nodes = found["search"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect()
}

/// Each prefix of a name finds it; prefixes of three or more letters find it in each spelling.
async fn a_name_is_found_while_it_is_typed(store: Store) {
    let world = World::built_in(store).await;
    for (query, slug) in [("Tajikistan", "tj"), ("Виктор Рогал", "viktor-rogalev")] {
        let letters: Vec<char> = query.chars().collect();
        for typed in 2..=letters.len() {
            let typed: String = letters[..typed].iter().collect();
            let query =
                format!("{{ search(query: \"{typed}\", first: 100) {{ nodes {{ slug }} }} }}");
            let found = world.data(&query).await["search"]["nodes"].take();
            let is_there = found.as_array().unwrap().iter().any(|node| node["slug"] == slug);
            assert!(is_there, "{typed} finds no {slug}");
        }
    }
    world.end().await;
}

test_each_store!(a_name_is_found_while_it_is_typed);

async fn exact_identifiers_rank_first(store: Store) {
    let world = World::empty(store).await;
    let registered = BASE
        .replace("slug = \"kogut\"", "slug = \"kogut\"\naliases = [\"tj-list\"]")
        .replace("code = \"TJ\"", "code = \"TJ\"\nidentifiers = { wikidata = \"Q863\" }")
        + "[[member]]\nslug = \"other\"\nname = \"Q863 Kogut tj list\"\nsources = [\"paper\"]\n";
    import_text(&world, &registered).await.unwrap();
    for (query, first) in [
        ("kogut", "kogut"),
        ("tj-list", "kogut"),
        ("Q863", "tj"),
        ("q863", "tj"),
        (" tj ", "tj"),
        ("tj list", "other"),
        ("paper", "paper"),
    ] {
        assert_eq!(found(&world, query).await[0], first, "{query}");
    }
    let matched =
        world.data(&search_document("q863")).await["search"]["edges"][0]["matches"].take();
    assert_eq!(
        matched,
        serde_json::json!([{ "property": "identifiers", "text": "Q863", "language": null,
            "highlights": [{ "start": 0, "end": 4, "text": "Q863" }] }])
    );
    world.end().await;
}

test_each_store!(exact_identifiers_rank_first);

/// Former values are not found, nor values of an import that failed.
async fn search_results_follow_updates(store: Store) {
    let world = World::empty(store).await;
    import_text(&world, BASE).await.unwrap();
    assert_eq!(found(&world, "когут").await, ["kogut"]);
    let wrong = BASE.replace("Viktor Kogut", "Ivan Petrov") + "[[member]]\nslug = \"nobody\"\n";
    import_text(&world, &wrong).await.unwrap_err();
    assert_eq!(found(&world, "Petrov").await, Vec::<String>::new());
    import_text(&world, &BASE.replace("Viktor Kogut", "Ivan Petrov")).await.unwrap();
    assert_eq!(found(&world, "Petrov").await, ["kogut"]);
    assert_eq!(found(&world, "Viktor").await, Vec::<String>::new());
    // A name of several words is filtered by its terms.
    let noted = |note: &str| {
        let row = "slug = \"d\"\nkind = \"MODEL_LAW\"\ntitle = \"Law\"\nstatus = \"ADOPTED\"\nassembly = \"a\"";
        format!(
            "{BASE}[[assembly]]\nslug = \"a\"\nname = \"Assembly\"\nsources = [\"paper\"]\n\
             [[decision]]\n{row}\nstatus_note = \"{note}\"\nsources = [\"paper\"]\n"
        )
    };
    let filtered = async |note: &str| {
        let filter = format!("{{ statusNote: {{ eq: \"{note}\" }} }}");
        let query = format!("{{ decisions(filter: {filter}) {{ totalCount }} }}");
        world.data(&query).await["decisions"]["totalCount"].clone()
    };
    import_text(&world, &noted("alpha")).await.unwrap();
    assert_eq!((filtered("alpha").await, filtered("beta").await), (1.into(), 0.into()));
    import_text(&world, &noted("beta")).await.unwrap();
    assert_eq!((filtered("alpha").await, filtered("beta").await), (0.into(), 1.into()));
    assert_sound(&world).await;
    world.end().await;
}

test_each_store!(search_results_follow_updates);

/// Operators of full-text search have no meaning; text without letters is rejected.
async fn any_search_text_succeeds_or_is_rejected(store: Store) {
    let world = World::built_in(store).await;
    let query = "query($q: String!) { search(query: $q) { nodes { slug } totalCount } }";
    let search =
        async |text: &str| world.execute_with(query, serde_json::json!({ "q": text })).await;
    for kogut in [
        "\"viktor\" kogut",
        "viktor* ko^gut",
        "{viktor}: (kogut)",
        "viktor & kogut",
        "'viktor':* | !kogut",
        "~viktor <-> kogut",
        "vik\u{0}tor",
        "viktor'; DROP TABLE term; --",
    ] {
        let response = search(kogut).await;
        assert_eq!(response.get("errors"), None, "{kogut}");
    }
    for (query, slug) in
        [("\"viktor\" + kogut", "viktor-kogut"), ("KOGUT, Viktor*", "viktor-kogut")]
    {
        assert_eq!(search(query).await["data"]["search"]["nodes"][0]["slug"], slug);
    }
    for nothing in ["AND OR NOT NEAR", "viktor OR nobody", "vik%", "v_ktor", "NOT viktor"] {
        let response = search(nothing).await;
        assert_eq!(response.get("errors"), None, "{nothing}");
        let exact = nothing == "vik%";
        assert_eq!(response["data"]["search"]["totalCount"] == 0, !exact, "{nothing}");
    }
    for (bad, message) in [
        (String::new(), "Argument \"query\" must contain a letter or a digit."),
        ("—!?".to_owned(), "Argument \"query\" must contain a letter or a digit."),
        ("\u{0}".to_owned(), "Argument \"query\" must contain a letter or a digit."),
        ("ж".repeat(201), "Argument \"query\" must have at most 200 characters, got 201."),
        (
            "a b c d e f g h i j k".to_owned(),
            "Argument \"query\" must have at most 10 words, got 11.",
        ),
    ] {
        let response = search(&bad).await;
        assert_eq!(response["errors"][0]["message"], message);
        assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    let kinds = "query($k: [RecordKind!]) { search(query: \"a\", kinds: $k) { totalCount } }";
    let response = world.execute_with(kinds, serde_json::json!({ "k": vec!["MEMBER"; 101] })).await;
    assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let response = world.execute_with(kinds, serde_json::json!({ "k": [] })).await;
    assert_eq!(response["data"]["search"]["totalCount"], 0);
    world.end().await;
}

test_each_store!(any_search_text_succeeds_or_is_rejected);

/// Pages contain each record once, in both directions. Cursors of other searches are rejected.
async fn search_results_are_paginated(store: Store) {
    let world = World::sample(store).await;
    let page = async |query: &str, arguments: String| {
        let response = world
            .execute(&format!(
                "{{ search(query: \"{query}\", {arguments}) {{ totalCount nodes {{ slug }}
                 edges {{ cursor node {{ slug }} }}
                 pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
            ))
            .await;
        match response.get("errors") {
            None => Ok(response["data"]["search"].clone()),
            Some(errors) => Err(errors[0]["message"].as_str().unwrap().to_owned()),
        }
    };
    let slugs = |page: &serde_json::Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect()
    };
    let whole = page("session", "first: 100".to_owned()).await.unwrap();
    assert_eq!(whole["totalCount"], 40);
    let (mut forward, mut cursor) = (Vec::new(), String::new());
    loop {
        let after = if cursor.is_empty() { "null".into() } else { format!("{cursor:?}") };
        let next = page("session", format!("first: 7, after: {after}")).await.unwrap();
        forward.extend(slugs(&next));
        next["pageInfo"]["endCursor"].as_str().unwrap().clone_into(&mut cursor);
        if next["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(forward.len(), 40);
    assert_eq!(forward, slugs(&whole));
    let back = page("session", format!("last: 7, before: {cursor:?}")).await.unwrap();
    assert_eq!(slugs(&back), forward[32..39]);
    for (query, arguments) in [
        ("sessions", format!("after: {cursor:?}")),
        ("session", format!("kinds: [SESSION], after: {cursor:?}")),
        ("session", "first: 101".to_owned()),
        ("session", "first: 1, last: 1".to_owned()),
        ("session", "after: \"x\"".to_owned()),
    ] {
        page(query, arguments).await.unwrap_err();
    }
    world.end().await;
}

test_each_store!(search_results_are_paginated);

/// Of very many texts that match, only those with the highest rank are read and counted.
async fn a_search_reads_a_bounded_number_of_matches(store: Store) {
    let world = World::empty(store).await;
    let mut many = BASE.to_owned();
    for at in 0..1500 {
        many += &format!(
            "[[member]]\nslug = \"m-{at}\"\nname = \"Anna Many{at} Bounded\"\nsources = [\"paper\"]\n"
        );
    }
    import_text(&world, &many).await.unwrap();
    let few = "{ begin: search(query: \"anna\", first: 3) { totalCount nodes { slug } }
        word: search(query: \"bounded anna\", first: 3) { totalCount nodes { slug } }
        one: search(query: \"bounded many1499\") { totalCount nodes { slug } } }";
    let slugs =
        |slugs: &[&str]| slugs.iter().map(|slug| json!({ "slug": slug })).collect::<Vec<_>>();
    let first = slugs(&["m-0", "m-1", "m-2"]);
    // The same on both stores.
    assert_eq!(
        world.data(few).await,
        json!({
            "begin": { "totalCount": 1178, "nodes": first },
            "word": { "totalCount": 1000, "nodes": first },
            "one": { "totalCount": 1, "nodes": slugs(&["m-1499"]) },
        })
    );
    world.end().await;
}

test_each_store!(a_search_reads_a_bounded_number_of_matches);
