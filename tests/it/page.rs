//! Import of saved pages. All pages are synthetic.

use std::{fs, path::PathBuf};

use assembly_graph::{
    check,
    import::{
        self, Applied, File, ImportError,
        page::{self, Options, Report},
    },
};
use serde_json::json;

use crate::{
    cli::{Folder, text},
    world::{Store, World, now, test_each_store},
};

/// A page with a sidebar of two delegations, a headline, a date and text.
pub const PAGE: &str = "\
Delegation of the Supreme Council of the Kyrgyz Republic to the CSTO PA consists of 5 deputies.
Plenipotentiary representative of the Supreme Council of the Kyrgyz Republic: Shabdanbek Alishev
Website of the Supreme Council of the Kyrgyz Republic:
Delegation of the Parliament of Kazakhstan to the CSTO PA is represented by 8 deputies from the Mazhilis and 8 senators of the Republic of Kazakhstan
Plenipotentiary Representative of the Parliament of Kazakhstan - deputy Executive Secretary of the CSTO PA: Ann Other
Synthetic headline of a page
08 December 2022
Synthetic headline of a page
Leonid KALASHNIKOV spoke of the CSTO PA Council.

The Council heard Leonid Kalashnikov again.
";

/// A database and a folder of page files.
struct Desk {
    world: World,
    folder: Folder,
}

impl Desk {
    async fn new(store: Store) -> Self {
        Self { world: World::built_in(store).await, folder: Folder::new() }
    }

    fn save(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    async fn try_import(&self, path: &PathBuf, options: &Options) -> Result<Report, ImportError> {
        let paths = std::slice::from_ref(path);
        page::import(&self.world.database, paths, options, now()).await
    }

    /// Saves and imports a valid page.
    async fn import(&self, name: &str, text: &str, options: &Options) -> Report {
        self.try_import(&self.save(name, text), options).await.unwrap()
    }

    /// Imports a data set file.
    async fn import_data_set(&self, data: &str) {
        let files = [File { name: "known.toml".into(), text: data.to_owned() }];
        import::import(&self.world.database, &files, now()).await.unwrap();
    }

    async fn end(self) {
        self.world.end().await;
    }
}

fn captured(day: &str) -> Options {
    Options { captured: Some(day.parse().unwrap()), ..Options::default() }
}

const NO_CHANGES: Applied = Applied { created: 0, updated: 0, confirmed: 0 };

async fn claims_of_a_page_are_added_to_existing_records(store: Store) {
    let desk = Desk::new(store).await;
    let report = desk.import("page.txt", PAGE, &Options::default()).await;
    let text = report.to_string();
    for line in [
        "kg-jogorku-kenesh: 5 deputies  contradicts; 7 in pacsto-electoral-sovereignty-workshop (line 7)",
        "kz-mazhilis: 8 deputies        agrees",
        "date      2022-12-08 (line 7)",
        "kg-jogorku-kenesh  unknown: no address",
        "REPRESENTATIVE Shabdanbek Alishev (shabdanbek-alishev)  agrees",
        "leonid-kalashnikov: Leonid KALASHNIKOV (lines 9, 11)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let data = desk
        .world
        .data(
            r#"{ delegation(slug: "csto-pa-delegation-kg") { seats {
                seats disputed
                claimsAbout(property: ["seats"]) { value locator observed { first } document { slug } }
                contradictions { status }
            } }
            document(slug: "synthetic-headline-of-a-page") {
                kind title published publishedBasis file language extent
                mentions(first: 40) { nodes { __typename slug } }
            } }"#,
        )
        .await;
    let seats = &data["delegation"]["seats"][0];
    let claims = seats["claimsAbout"].as_array().unwrap();
    assert_eq!(
        claims.last().unwrap(),
        &json!({
            "value": "5", "locator": "line 1", "observed": null,
            "document": { "slug": "synthetic-headline-of-a-page" },
        })
    );
    assert_eq!((claims.len(), &seats["disputed"]), (5, &json!(true)));
    assert!(!seats["contradictions"].as_array().unwrap().is_empty());
    let document = &data["document"];
    assert_eq!(document["published"], "2022-12-08");
    assert_eq!(document["publishedBasis"], "page dateline");
    assert_eq!((&document["file"], &document["language"]), (&json!("page.txt"), &json!("en")));
    let mentions = document["mentions"]["nodes"].as_array().unwrap();
    for (kind, slug) in [
        ("Member", "leonid-kalashnikov"),
        ("Member", "ann-other"),
        ("Commission", "csto-pa-council"),
        ("Chamber", "kz-mazhilis"),
        ("Delegation", "csto-pa-delegation-kz"),
        ("Assembly", "csto-pa"),
    ] {
        let one = json!({ "__typename": kind, "slug": slug });
        assert!(mentions.contains(&one), "{slug}: {mentions:?}");
    }
    desk.end().await;
}

test_each_store!(claims_of_a_page_are_added_to_existing_records);

async fn importing_a_page_twice_changes_nothing(store: Store) {
    let desk = Desk::new(store).await;
    let options = captured("2024-05-01");
    let first = desk.import("page.txt", PAGE, &options).await;
    assert_eq!(first.applied.created, 4, "document, member and two memberships");
    let before = desk.world.fingerprint().await;
    // The same content in a file with another name is the same page.
    for name in ["page.txt", "copy.txt"] {
        let again = desk.import(name, PAGE, &options).await;
        assert_eq!(again.applied, NO_CHANGES, "{name}: {again}");
    }
    assert!(desk.world.fingerprint().await == before, "something was written");
    // Other content in a file with the same name is another document.
    let other = PAGE.replace("Synthetic headline", "Other headline");
    let report = desk.import("page.txt", &other, &options).await;
    assert_eq!(report.pages[0].document, "other-headline-of-a-page");
    desk.end().await;
}

test_each_store!(importing_a_page_twice_changes_nothing);

async fn a_dry_run_reports_all_changes_and_writes_nothing(store: Store) {
    let desk = Desk::new(store).await;
    let before = desk.world.fingerprint().await;
    let options = Options { dry_run: true, ..captured("2024-05-01") };
    let report = desk.import("page.txt", PAGE, &options).await;
    assert_eq!(report.applied.created, 4);
    assert!(report.to_string().contains("nothing was written"), "{report}");
    assert!(desk.world.fingerprint().await == before, "something was written");
    desk.end().await;
}

test_each_store!(a_dry_run_reports_all_changes_and_writes_nothing);

async fn existing_records_gain_sources_only(store: Store) {
    let desk = Desk::new(store).await;
    let query = r#"{ member(slug: "shabdanbek-alishev") { name memberships { nodes {
        title role onBehalfOf { slug } since until observed { first last }
        sources { slug } claimsAbout(property: ["role", "title"]) { value document { slug } }
    } } } }"#;
    let before = desk.world.data(query).await;
    desk.import("page.txt", PAGE, &captured("2024-05-01")).await;
    let mut after = desk.world.data(query).await;
    let post = &mut after["member"]["memberships"]["nodes"][0];
    assert_eq!(post["observed"], json!({ "first": "2024-05-01", "last": "2024-05-01" }));
    post["observed"] = json!(null);
    let page = json!({ "slug": "synthetic-headline-of-a-page" });
    assert_eq!(post["sources"].as_array_mut().unwrap().pop(), Some(page.clone()));
    let claims = post["claimsAbout"].as_array_mut().unwrap();
    let own = claims.iter().position(|claim| claim["document"] == page).unwrap();
    assert_eq!(claims.remove(own)["value"], "REPRESENTATIVE");
    assert_eq!(after, before);
    desk.end().await;
}

test_each_store!(existing_records_gain_sources_only);

async fn a_new_member_is_added_with_memberships(store: Store) {
    let desk = Desk::new(store).await;
    let report = desk.import("page.txt", PAGE, &Options::default()).await;
    let text = report.to_string();
    assert!(text.contains("REPRESENTATIVE Ann Other (ann-other)"), "{text}");
    assert!(text.contains("contradicts; viktor-rogalev in"), "{text}");
    let data = desk
        .world
        .data(
            r#"{ member(slug: "ann-other") { name sources { slug } memberships { nodes {
                role title organization { slug } onBehalfOf { slug } since observed { first }
                sources { slug }
            } } } }"#,
        )
        .await;
    let source = json!([{ "slug": "synthetic-headline-of-a-page" }]);
    let post = |role: &str, title: &str, organization: &str, behalf| {
        json!({
            "role": role, "title": title, "organization": { "slug": organization },
            "onBehalfOf": behalf, "since": null, "observed": null, "sources": source,
        })
    };
    let kz = json!({ "slug": "parliament-kz" });
    let title = "Plenipotentiary Representative of the Parliament of Kazakhstan";
    let deputy = "deputy Executive Secretary of the CSTO PA";
    let member = &data["member"];
    assert_eq!((&member["name"], &member["sources"]), (&json!("Ann Other"), &source));
    let nodes = member["memberships"]["nodes"].as_array().unwrap();
    for expected in [
        post("REPRESENTATIVE", title, "csto-pa-delegation-kz", kz),
        post("DEPUTY_EXECUTIVE_SECRETARY", deputy, "csto-pa-secretariat", json!(null)),
    ] {
        assert!(nodes.contains(&expected), "{nodes:?}");
    }
    desk.end().await;
}

test_each_store!(a_new_member_is_added_with_memberships);

async fn two_saves_of_a_page_are_claims_of_two_days(store: Store) {
    let desk = Desk::new(store).await;
    let options = |day| Options { url: Some("https://example.org/a".to_owned()), ..captured(day) };
    desk.import("a.txt", PAGE, &options("2024-05-01")).await;
    let later = PAGE.replace("consists of 5", "consists of 9");
    let report = desk.import("b.txt", &later, &options("2025-05-01")).await;
    assert!(report.to_string().contains("found by its URL"), "{report}");
    let again = desk.import("b.txt", &later, &options("2025-05-01")).await;
    assert_eq!(again.applied, NO_CHANGES);
    let data = desk
        .world
        .data(
            r#"{ delegation(slug: "csto-pa-delegation-kg") { seats {
                seats observed { first last }
                claimsAbout(property: ["seats"]) { value observed { first } document { url } }
            } } }"#,
        )
        .await;
    let seats = &data["delegation"]["seats"][0];
    assert_eq!(seats["seats"], 9);
    assert_eq!(seats["observed"], json!({ "first": "2024-05-01", "last": "2025-05-01" }));
    let claims = seats["claimsAbout"].as_array().unwrap().iter();
    let own = claims.filter(|claim| claim["document"]["url"] == "https://example.org/a");
    let own: Vec<_> = own.map(|claim| (&claim["value"], &claim["observed"]["first"])).collect();
    assert_eq!(own, [(&json!("5"), &json!("2024-05-01")), (&json!("9"), &json!("2025-05-01"))]);
    desk.end().await;
}

test_each_store!(two_saves_of_a_page_are_claims_of_two_days);

async fn html_and_russian_pages_are_read(store: Store) {
    let desk = Desk::new(store).await;
    let html = "<!DOCTYPE html><html lang=\"ru\"><head><title>Сайт</title>\
        <link rel=\"canonical\" href=\"https://example.org/ru/1\"></head><body>\n\
        <ul><li>Новости<li>Документы</ul><h1>Придуманный заголовок</h1><p>6 июня 2022 г.</p>\n\
        <p>Леонид Калашников встретился с Вячеславом Володиным в России.</p><aside>\n\
        <div>/countries/russianДелегация Федерального Собрания Российской Федерации в ПА ОДКБ \
        представлена 10 депутатами Государственной Думы и 12 членами Совета Федерации.</div>\n\
        <p>Полномочный представитель Федерального Собрания Российской Федерации, заместитель \
        Ответственного секретаря ПА ОДКБ:&nbsp;Кротов Михаил Иосифович</p>\n\
        <p>Сайт Государственной Думы: http://duma.gov.ru/</p>\n\
        <p>Делегация Жогорку Кенеша Кыргызской Республики в ПА ОДКБ представлена шестью \
        депутатами</p></aside></body></html>";
    let report = desk.import("page.html", html, &Options::default()).await;
    let text = report.to_string();
    for line in [
        "headline  Придуманный заголовок (line 2)",
        "date      2022-06-06 (line 2)",
        "ru-state-duma: 10 депутатами       agrees",
        "ru-federation-council: 12 членами  agrees",
        "kg-jogorku-kenesh: 6 депутатами    contradicts",
        "DEPUTY_EXECUTIVE_SECRETARY Кротов Михаил Иосифович (mikhail-krotov)  agrees",
        "http://duma.gov.ru/  agrees",
        "vyacheslav-volodin: Вячеславом Володиным (line 3)",
        "leonid-kalashnikov: Леонид Калашников (line 3)",
        "ru: России (line 3)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("not recognized"), "{text}");
    let data =
        desk.world.data(r#"{ document(slug: "pridumannyi-zagolovok") { url language } }"#).await;
    assert_eq!(data["document"], json!({ "url": "https://example.org/ru/1", "language": "ru" }));
    desk.end().await;
}

test_each_store!(html_and_russian_pages_are_read);

async fn unknown_organizations_are_reported(store: Store) {
    let desk = Desk::new(store).await;
    let text = "Delegation of the Parliament of Ruritania to the CSTO PA consists of 3 deputies.\n\
        Delegation of the National Assembly of Armenia to the IPA CIS consists of 4 deputies.\n\
        Plenipotentiary representative of the National Assembly: Ann Other\n\
        Delegation of the Supreme Assembly of Tajikistan to the CSTO PA consists of 6 deputies of \
        the House of Lords and 7 deputies of the National Assembly.\n";
    let report = desk.import("page.txt", text, &Options::default()).await;
    let text = report.to_string();
    for line in [
        "the graph has no parliament `the Parliament of Ruritania`",
        "6 deputies: the graph has no chamber `House of Lords`",
        "`the National Assembly` is ambiguous",
        "delegation ipa-cis-delegation-am",
        "seat_allocation ipa-cis-delegation-am-seats-national-assembly",
        "tj-national-assembly: 7 deputies  contradicts",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let data = desk
        .world
        .data(
            r#"{ delegation(slug: "ipa-cis-delegation-am") { name totalSeats sources { slug } } }"#,
        )
        .await;
    assert_eq!(
        data["delegation"],
        json!({
            "name": "Delegation of the National Assembly of Armenia to the IPA CIS",
            "totalSeats": 4, "sources": [{ "slug": "page" }],
        })
    );
    desk.end().await;
}

test_each_store!(unknown_organizations_are_reported);

/// The number of seats of a whole bicameral parliament is a claim of the delegation.
async fn total_seats_of_a_delegation_contradict_each_other_and_the_allocations(store: Store) {
    let desk = Desk::new(store).await;
    let page = |seats: u8| {
        format!(
            "Delegation of the Supreme Assembly of Tajikistan to the CSTO PA consists of \
             {seats} deputies.\nThe Supreme Assembly sent {seats} deputies.\n"
        )
    };
    let options = captured("2024-05-01");
    desk.import("one.txt", &page(50), &options).await;
    let report = desk.import("other.txt", &page(77), &options).await.to_string();
    assert!(report.contains("contradicts; 50 in one"), "{report}");
    let data = desk
        .world
        .data(
            r#"{ delegation(slug: "csto-pa-delegation-tj") {
                claimsAbout(property: ["totalSeats", "seats"]) { property value }
                contradictions { slug kind property status records { slug } claims { value } }
            } }"#,
        )
        .await;
    let values = |all: &[&str]| all.iter().map(|one| json!({ "value": one })).collect::<Vec<_>>();
    let slugs = |all: &[&str]| all.iter().map(|one| json!({ "slug": one })).collect::<Vec<_>>();
    let tj = "csto-pa-delegation-tj";
    let allocations = ["seats-national-assembly", "seats-assembly-of-representatives"]
        .map(|part| format!("{tj}-{part}"));
    assert_eq!(
        data["delegation"],
        json!({
            "claimsAbout": [
                { "property": "totalSeats", "value": "50" },
                { "property": "totalSeats", "value": "77" },
            ],
            "contradictions": [
                {
                    "slug": format!("total--{tj}--totalSeats"), "kind": "TOTAL",
                    "property": "totalSeats", "status": "OPEN",
                    "records": slugs(&[tj, &allocations[0], &allocations[1]]),
                    "claims": values(&["50", "77", "6", "6", "6", "6", "6", "6", "6", "6"]),
                },
                {
                    "slug": format!("values--{tj}--totalSeats"), "kind": "VALUES",
                    "property": "totalSeats", "status": "OPEN",
                    "records": slugs(&[tj]), "claims": values(&["50", "77"]),
                },
            ],
        })
    );
    let report = check::report(&desk.world.database, now().date_naive()).await.unwrap();
    let open = report.open.iter().filter(|one| one.property == "totalSeats");
    assert_eq!(open.map(|one| &*one.kind).collect::<Vec<_>>(), ["TOTAL", "VALUES"]);
    desk.end().await;
}

test_each_store!(total_seats_of_a_delegation_contradict_each_other_and_the_allocations);

async fn a_page_without_a_sidebar_is_imported_if_it_mentions_a_record(store: Store) {
    let desk = Desk::new(store).await;
    let text = "The text starts at once, and Sergei POSPELOV spoke on June 15.\nIt ends.\n";
    let report = desk.import("f.txt", text, &captured("2024")).await;
    let page = &report.pages[0];
    assert_eq!((page.document.as_str(), page.mentions.len()), ("f", 1));
    assert!(report.to_string().contains("headline  none"), "{report}");
    desk.end().await;
}

test_each_store!(a_page_without_a_sidebar_is_imported_if_it_mentions_a_record);

async fn invalid_files_are_reported_and_nothing_is_written(store: Store) {
    let desk = Desk::new(store).await;
    let before = desk.world.fingerprint().await;
    let large = "Russia \n".repeat(7_000_000);
    let cases: [(&str, &[u8], &str); 13] = [
        ("empty.txt", b"", "is empty"),
        ("blank.html", b"<html><script>Russia</script></html>", "has no text"),
        ("none.txt", b"A poem of spring.\n", "is not a page of an assembly"),
        ("null.txt", b"Russia\nRus\0sia", ":2: is binary"),
        ("page.pdf", b"%PDF-1.7 Russia", "is binary"),
        ("zip.html", b"PK\x03\x04Russia", "is binary"),
        ("latin.txt", b"Russia\n\nRussi\xe9", ":3: is not UTF-8"),
        ("wide.txt", b"\xff\xfeR\0u\0", "is UTF-16"),
        ("cut.txt", b"Russia \xd0", ":1: is not UTF-8"),
        ("large.txt", large.as_bytes(), "is too large: a page has at most 8 MiB"),
        ("data.toml", b"[[state]]\nslug = \"ru\"\n", "is a data set, not a page"),
        ("data.json", b"{\"name\": \"Russia\"}", "is JSON, not a page"),
        ("sound.txt", PAGE.as_bytes(), ""),
    ];
    let paths: Vec<PathBuf> = cases.iter().map(|case| desk.save(case.0, case.1)).collect();
    let mut all = paths.clone();
    fs::create_dir(desk.folder.0.join("none")).unwrap();
    all.push(desk.folder.0.join("none"));
    all.push(desk.folder.0.join("absent.txt"));
    let refused = page::import(&desk.world.database, &all, &Options::default(), now()).await;
    let text = refused.unwrap_err().to_string();
    for (name, _, message) in &cases[..12] {
        let line = text.lines().find(|line| line.contains(name)).unwrap_or_default();
        assert!(line.contains(message), "{name}: {text}");
    }
    assert!(!text.contains("sound.txt"), "{text}");
    assert!(text.contains("the folder has no page"), "{text}");
    assert!(text.contains("absent.txt: cannot be read"), "{text}");
    assert!(text.ends_with("14 problems; nothing was imported"), "{text}");
    assert!(desk.world.fingerprint().await == before, "something was written");

    // Deeply nested and malformed HTML is a valid page.
    let deep = format!("<html>{}Russia", "<div><b>".repeat(300_000));
    let odd = "<html><p>Russia &#0; &bogus; <b <i>&#x110000; <!-- <p>x</html";
    for (name, text) in [("deep.html", deep.as_str()), ("odd.html", odd)] {
        assert_eq!(desk.import(name, text, &Options::default()).await.pages[0].mentions.len(), 1);
    }
    desk.end().await;
}

test_each_store!(invalid_files_are_reported_and_nothing_is_written);

async fn invalid_options_are_reported(store: Store) {
    let desk = Desk::new(store).await;
    let page = desk.save("a.txt", PAGE);
    let text =
        async |options: Options| desk.try_import(&page, &options).await.unwrap_err().to_string();
    let assembly = Options { assembly: Some("absent".to_owned()), ..Options::default() };
    assert!(text(assembly).await.contains("no assembly has the slug `absent`; use one of csto-pa"));
    let document = Options { document: Some("ru".to_owned()), ..Options::default() };
    assert!(text(document).await.contains("must be the slug of a document; `ru` is a state"));
    let document = Options { document: Some("No Slug".to_owned()), ..Options::default() };
    assert!(text(document).await.contains("`No Slug` is not a valid slug"));
    assert!(text(captured("2030-01-01")).await.contains("not a date in the future"));
    let two = [page.clone(), desk.save("b.txt", PAGE)];
    let url = Options { url: Some("https://example.org".to_owned()), ..Options::default() };
    let refused = page::import(&desk.world.database, &two, &url, now()).await;
    assert!(refused.unwrap_err().to_string().contains("--url requires a single page"));
    // Two copies of a page are one document.
    let report = page::import(&desk.world.database, &two, &Options::default(), now()).await;
    let report = report.unwrap();
    assert_eq!(report.pages[0].document, report.pages[1].document);

    let world = World::empty(store).await;
    let refused = page::import(&world.database, &two, &Options::default(), now()).await;
    assert!(refused.unwrap_err().to_string().contains("import a data set first"));
    world.end().await;
    desk.end().await;
}

test_each_store!(invalid_options_are_reported);

/// A member of a parliament that is in no assembly, and members of delegations and bodies of the
/// assembly with a patronymic or a Russian name.
const NAMESAKES: &str = r#"
[[document]]
slug = "list-xa"
kind = "OFFICIAL"
extent = "FULL"
title = "A list"
published = "2020"

[[state]]
slug = "xa"
code = "XA"
name = "Ruritania"
sources = ["list-xa"]

[[parliament]]
slug = "parliament-xa"
state = "xa"
name = "Diet of Ruritania"
sources = ["list-xa"]

[[member]]
slug = "ann-of-ruritania"
name = "Ann Other"
sources = ["list-xa"]

[[membership]]
slug = "ann-of-ruritania-diet"
member = "ann-of-ruritania"
organization = "parliament-xa"
role = "MEMBER"
sources = ["list-xa"]

[[member]]
slug = "karl"
name = "Other Karl Ivanovich"
sources = ["list-xa"]

[[membership]]
slug = "karl-kg"
member = "karl"
organization = "parliament-kg"
role = "MEMBER"
until = "2010"
sources = ["list-xa"]

[[member]]
slug = "anna"
name = "Иная Анна Ивановна"
sources = ["list-xa"]

[[membership]]
slug = "anna-kz"
member = "anna"
organization = "csto-pa-council"
role = "MEMBER"
sources = ["list-xa"]
"#;

async fn an_unaffiliated_member_with_the_name_is_another_person(store: Store) {
    let desk = Desk::new(store).await;
    desk.import_data_set(NAMESAKES).await;
    let report = desk.import("page.txt", PAGE, &Options::default()).await;
    let text = report.to_string();
    for line in [
        "REPRESENTATIVE Ann Other (ann-other)",
        "DEPUTY_EXECUTIVE_SECRETARY Ann Other (ann-other)",
        "added a new member Ann Other: members with this name are not affiliated with the assembly or the parliament (ann-of-ruritania)",
        "REPRESENTATIVE Shabdanbek Alishev (shabdanbek-alishev)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("ann-of-ruritania: "), "{text}");
    let again = desk.import("page.txt", PAGE, &Options::default()).await;
    assert_eq!(again.applied, NO_CHANGES, "{again}");
    desk.end().await;
}

test_each_store!(an_unaffiliated_member_with_the_name_is_another_person);

async fn holders_match_with_a_patronymic_and_in_another_script(store: Store) {
    let desk = Desk::new(store).await;
    desk.import_data_set(NAMESAKES).await;
    let page = PAGE.replace("Shabdanbek Alishev", "Karl Other").replace("Ann Other", "Anna Inaya");
    let text = desk.import("page.txt", &page, &Options::default()).await.to_string();
    for line in [
        "REPRESENTATIVE Karl Other (karl)",
        "REPRESENTATIVE Anna Inaya (anna)",
        "DEPUTY_EXECUTIVE_SECRETARY Anna Inaya (anna)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("\n    member "), "{text}");
    desk.end().await;
}

test_each_store!(holders_match_with_a_patronymic_and_in_another_script);

async fn the_url_of_a_home_page_is_ignored(store: Store) {
    let desk = Desk::new(store).await;
    for (name, text) in [("a.html", "Sergei POSPELOV spoke."), ("b.html", "Russia agreed.")] {
        let html = format!(
            "<html><head><link rel=\"canonical\" href=\"https://example.org/en/\"></head>\
             <body><p>{text}</p></body></html>"
        );
        desk.save(name, html);
    }
    let folder = desk.folder.0.clone();
    let report = desk.try_import(&folder, &Options::default()).await.unwrap();
    assert_eq!([&report.pages[0].document, &report.pages[1].document], ["a", "b"]);
    let again = desk.try_import(&folder, &Options::default()).await.unwrap();
    assert_eq!(again.applied, NO_CHANGES, "{again}");
    let data = desk
        .world
        .data(r#"{ document(slug: "b") { url mentions(first: 9) { nodes { slug } } } }"#)
        .await;
    let expected = json!({ "url": null, "mentions": { "nodes": [{ "slug": "ru" }] } });
    assert_eq!(data["document"], expected);
    desk.end().await;
}

test_each_store!(the_url_of_a_home_page_is_ignored);

async fn two_versions_of_a_page_in_one_import_are_an_error(store: Store) {
    let desk = Desk::new(store).await;
    let before = desk.world.fingerprint().await;
    let html = |host: &str, text: &str| {
        format!(
            "<html><head><link rel=\"canonical\" href=\"https://{host}/news/1\"></head>\
             <body><p>{text}</p></body></html>"
        )
    };
    desk.save("a.html", html("example.org", "Sergei POSPELOV spoke."));
    desk.save("b.html", html("www.example.org", "Russia agreed."));
    let folder = desk.folder.0.clone();
    let refused = desk.try_import(&folder, &Options::default()).await.unwrap_err().to_string();
    assert!(refused.contains("b.html: is the same page as"), "{refused}");
    assert!(refused.contains("with different content"), "{refused}");
    assert!(desk.world.fingerprint().await == before, "something was written");
    // Copies are allowed, and so are two versions in separate imports.
    desk.save("b.html", html("example.org", "Sergei POSPELOV spoke."));
    desk.try_import(&folder, &Options::default()).await.unwrap();
    let again = desk.try_import(&folder, &Options::default()).await.unwrap();
    assert_eq!(again.applied, NO_CHANGES, "{again}");
    let later = html("example.org", "Russia agreed.");
    let report = desk.import("b.html", &later, &Options::default()).await;
    assert_eq!((report.pages[0].document.as_str(), report.pages[0].mentions.len()), ("a", 1));
    assert_eq!(desk.import("b.html", &later, &Options::default()).await.applied, NO_CHANGES);
    desk.end().await;
}

test_each_store!(two_versions_of_a_page_in_one_import_are_an_error);

/// The command `import page`.
#[test]
fn the_command_reports_and_writes() {
    let folder = Folder::new();
    fs::write(folder.0.join("page.txt"), PAGE).unwrap();
    let run = |args: &[&str]| {
        let output = folder.run(args);
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    for args in [&["import", "page", "page.txt", "--dry-run"][..], &["import", "page", "page.txt"]]
    {
        let (done, _, stderr) = run(args);
        assert!(!done && stderr.contains("does not exist"), "{stderr}");
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "a database was created");
    }
    assert!(run(&["migrate"]).0);
    let (done, _, stderr) = run(&["import", "page", "page.txt"]);
    assert!(!done && stderr.contains("import a data set first"), "{stderr}");
    assert!(run(&["import", "--built-in"]).0);
    let (done, text, _) = run(&["import", "page", "page.txt", "--dry-run"]);
    assert!(done && text.contains("would import: 4 new records, "), "{text}");
    let (done, text, stderr) = run(&["import", "page", ".", "--captured", "2024-05-01"]);
    assert!(done && stderr.contains("imported: 4 new records, "), "{stderr}");
    let line =
        "page.txt: new document synthetic-headline-of-a-page, 1 new, 2 agrees, 3 contradicts";
    assert!(text.contains(line), "{text}");
    let (done, _, stderr) = run(&["import", "page", "page.txt"]);
    assert!(done && stderr.contains("no changes"), "{stderr}");
    let (done, _, stderr) = run(&["import", "page", "page.txt", "--captured", "yesterday"]);
    assert!(!done && stderr.contains("--captured"), "{stderr}");
    assert!(!run(&["import", "page"]).0);
}
