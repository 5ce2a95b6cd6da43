//! Round trips: an export of imported pages and Popolo files is imported into an empty database.

use assembly_graph::{
    export::{Export, Format, Options, Output},
    import::{self, File, page, popolo},
};
use serde_json::Value;

use crate::{
    page::PAGE,
    popolo::{Files, diet},
    queries::{claim, differing_results, queries},
    world::{Store, World, now, test_each_store},
};

async fn export(world: &World, format: Format) -> String {
    let export = Export::begin(&world.database, Options::default()).await.unwrap();
    let (mut out, mut pieces) = Output::new();
    let writing = async {
        export.write(format, &mut out).await.unwrap();
        drop(out);
    };
    let reading = async {
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.recv().await {
            bytes.extend(piece);
        }
        bytes
    };
    let ((), bytes) = tokio::join!(writing, reading);
    String::from_utf8(bytes).unwrap()
}

async fn from_popolo(store: Store, text: &str) -> World {
    let (world, files) = (World::empty(store).await, Files::new());
    let path = files.write("popolo.json", text);
    let options = popolo::Options::default();
    popolo::import(&world.database, &[path], &options, now(), |_| {}).await.unwrap();
    world
}

/// Returns the sorted lines of an export: ids, and so the order, may differ.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

async fn pages_and_popolo_round_trip_as_json_lines(store: Store) {
    let (world, files) = (World::built_in(store).await, Files::new());
    let page = files.write("page.txt", PAGE);
    let captured =
        page::Options { captured: Some("2024-02".parse().unwrap()), ..Default::default() };
    page::import(&world.database, &[page], &captured, now()).await.unwrap();
    let mut file = diet();
    // A legislature that the graph has, and a person whose birth date differs between two files.
    file["organizations"][0]["identifiers"] =
        serde_json::json!([{ "scheme": "wikidata", "identifier": "Q1337463" }]);
    let first = files.write("first.json", file.to_string());
    file["persons"][0]["birth_date"] = "1970".into();
    let second = files.write("second.json", file.to_string());
    for path in [first, second] {
        let options = popolo::Options::default();
        popolo::import(&world.database, &[path], &options, now(), |_| {}).await.unwrap();
    }
    let lines = export(&world, Format::Jsonl).await;
    let again = World::empty(store).await;
    let file = File { name: "all.jsonl".into(), text: lines.clone() };
    if let Err(refused) = import::import(&again.database, &[file], now()).await {
        panic!("{refused}");
    }
    let lines_again = export(&again, Format::Jsonl).await;
    for (one, other) in sorted(&lines).iter().zip(sorted(&lines_again)) {
        assert_eq!(*one, other);
    }
    assert_eq!(sorted(&lines).len(), sorted(&lines_again).len());
    let query = "{ members(first: 100) { nodes { slug name born
            memberships(history: true) { nodes { slug role area since certainty
                effectiveUntil endInference onBehalfOf { slug } } }
            claimsAbout { value property preferred locator note document { slug } }
            contradictions { kind property claims { value preferred } } } }
        documents(last: 5) { nodes { slug title file mentions(first: 50) { nodes { slug } } } } }";
    assert_eq!(again.data(query).await, world.data(query).await);
    again.end().await;
    world.end().await;
}

test_each_store!(pages_and_popolo_round_trip_as_json_lines);

/// An export in Popolo is imported as the same members, groups, periods and memberships.
async fn popolo_round_trips_as_popolo(store: Store) {
    let world = from_popolo(store, &diet().to_string()).await;
    let out = export(&world, Format::Popolo).await;
    let again = from_popolo(store, &out).await;
    let query = "{ members { nodes { slug name born names { value language }
            memberships(history: true) { nodes { slug role title area since until effectiveSince
                effectiveUntil endInference onBehalfOf { slug name }
                legislativePeriod { slug name starts ends } organization { slug name } } } } }
        parliaments { nodes { slug name legislativePeriods { nodes { slug name } } } }
        politicalGroups { nodes { slug name website } } }";
    assert_eq!(again.data(query).await, world.data(query).await);
    let parse = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let (mut one, mut other) = (parse(&out), parse(&export(&again, Format::Popolo).await));
    for document in [&mut one, &mut other] {
        document["meta"].take();
        for list in ["persons", "organizations", "memberships", "events"] {
            for entry in document[list].as_array_mut().unwrap() {
                // The source of the second import is the export, whose ids are slugs.
                let entry = entry.as_object_mut().unwrap();
                entry.remove("sources");
                if let Some(all) = entry.get_mut("identifiers") {
                    let foreign =
                        |one: &Value| !one["scheme"].as_str().unwrap().starts_with("popolo:");
                    all.as_array_mut().unwrap().retain(foreign);
                }
            }
        }
    }
    assert_eq!(one, other);
    again.end().await;
    world.end().await;
}

test_each_store!(popolo_round_trips_as_popolo);

/// Persons with the same id in different sources remain different members.
async fn members_of_several_sources_round_trip(store: Store) {
    let (world, files) = (World::empty(store).await, Files::new());
    for name in ["House", "Senate"] {
        let mut file = diet();
        file["organizations"][0]["name"] = name.into();
        for at in 0..3 {
            let legacy = (at + 1).to_string();
            file["persons"][at]["id"] = format!("{name}-{at}").into();
            file["persons"][at]["name"] = format!("{name} Person {at}").into();
            file["persons"][at]["identifiers"] = serde_json::json!([
                { "scheme": "everypolitician_legacy", "identifier": legacy }]);
            file["memberships"][at]["person_id"] = format!("{name}-{at}").into();
        }
        let path = files.write(&format!("{name}.json"), file.to_string());
        let options = popolo::Options::default();
        popolo::import(&world.database, &[path], &options, now(), |_| {}).await.unwrap();
    }
    let again = from_popolo(store, &export(&world, Format::Popolo).await).await;
    let query = "{ members { totalCount nodes { slug name
        memberships(history: true) { nodes { organization { slug } } } } } }";
    let expected = world.data(query).await;
    assert_eq!(expected["members"]["totalCount"], 6);
    assert_eq!(again.data(query).await, expected);
    again.end().await;
    world.end().await;
}

test_each_store!(members_of_several_sources_round_trip);

/// The query files with equal results after a round trip through Popolo. `docs/formats.md` lists what the format omits.
const CARRIED: &[&str] = &[
    "a_document_may_have_descriptions",
    "a_fragment_is_spread_under_two_aliases",
    "a_guest_participates_only_on_the_days_it_was_observed",
    "a_history_lists_all_periods_and_their_certainty_on_the_date",
    "a_list_continues_after_a_cursor",
    "a_membership_has_the_state_of_its_organization",
    "a_null_interval_is_the_default",
    "a_page_has_20_rows_by_default",
    "a_record_is_found_by_an_external_identifier",
    "a_representative_is_read_at_a_date_or_from_the_history",
    "a_series_counts_at_each_of_several_dates",
    "a_series_counts_month_by_month",
    "a_state_is_found_by_its_code_in_lowercase",
    "an_empty_list_of_enum_values_matches_nothing",
    "an_empty_page_has_a_total_count_and_page_info",
    "an_int_variable_may_be_written_as_a_float",
    "an_office_observed_on_one_day_is_possible_on_other_days",
    "an_office_observed_on_two_days_is_definite_between_them",
    "an_omitted_variable_has_the_default_of_its_argument",
    "an_organization_has_a_type",
    "an_unknown_slug_returns_null",
    "armenia_stays_a_member_while_it_does_not_attend",
    "assemblies_are_sorted_in_each_order",
    "both_hold_a_chair_on_the_day_of_a_stated_handover",
    "chambers_are_counted_by_each_group_key",
    "chambers_are_sorted_in_each_order",
    "commissions_are_counted_by_each_group_key",
    "commissions_are_filtered_by_each_kind",
    "commissions_are_sorted_in_each_order",
    "definite_and_possible_participations_add_up_to_all",
    "delegations_are_counted_by_each_group_key",
    "delegations_are_sorted_in_each_order",
    "directives_apply_to_typename",
    "directives_use_the_default_values_of_variables",
    "fields_are_included_and_skipped_by_directives",
    "filters_follow_relations_at_a_date",
    "filters_ignore_case_diacritics_and_script",
    "georgia_was_a_member_in_2005_and_not_in_2012",
    "legislative_periods_are_counted_by_each_group_key",
    "legislative_periods_are_filtered_by_each_of_their_fields",
    "legislative_periods_are_sorted_in_each_order",
    "members_are_sorted_in_each_order",
    "memberships_are_filtered_by_certainty",
    "memberships_are_filtered_by_each_inference_of_an_end",
    "no_document_states_an_end_of_an_organization_or_a_person",
    "no_rows_follow_the_last_cursor",
    "parliaments_are_counted_by_each_group_key",
    "parliaments_are_sorted_in_each_order",
    "participants_are_filtered_by_type",
    "participations_are_filtered_by_each_status",
    "participations_are_sorted_in_each_order",
    "political_groups_are_counted_by_each_group_key",
    "political_groups_are_filtered_by_each_of_their_fields",
    "political_groups_are_sorted_in_each_order",
    "search_reads_records_as_of_a_date",
    "serbia_has_no_delegation_before_it_is_an_observer",
    "sessions_are_filtered_by_each_kind",
    "states_are_counted_by_each_group_key",
    "states_are_sorted_in_each_order",
    "the_acting_secretary_general_is_followed_by_the_next",
    "the_armenian_delegation_changed_with_its_head",
    "the_built_in_data_has_no_legislative_periods_and_no_political_groups",
    "the_cost_of_a_page_depends_on_a_variable",
    "the_csto_pa_chair_changes_on_the_day_the_next_chair_was_observed",
    "the_ipa_cis_has_no_known_chair_between_2002_and_2011",
    "two_may_have_chaired_the_csto_pa_in_the_month_of_an_election",
    "types_are_introspected",
    "uzbekistan_is_a_member_from_the_day_of_its_accession",
];

async fn the_built_in_data_set_round_trips_through_popolo_except_for_omitted_fields(store: Store) {
    let world = World::built_in(store).await;
    let again = from_popolo(store, &export(&world, Format::Popolo).await).await;
    let different = differing_results(&again, false).await;
    let different: Vec<&str> = different.iter().filter_map(|line| line.split(':').next()).collect();
    let mut all = queries();
    // Rejected queries are rejected with any data.
    all.retain(|path| {
        let result = std::fs::read_to_string(path.with_extension("json")).unwrap();
        !result.contains("\n  \"errors\":")
    });
    let all = all.iter().map(|path| claim(path));
    let mut carried: Vec<&str> = all.filter(|claim| !different.contains(claim)).collect();
    carried.sort_unstable();
    assert_eq!(carried, CARRIED);
    again.end().await;
    world.end().await;
}

test_each_store!(the_built_in_data_set_round_trips_through_popolo_except_for_omitted_fields);
