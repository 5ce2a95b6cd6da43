//! The statement that selects the candidates of a search.

use entity::{alias, identifier, record, term};
use sea_orm::{
    ActiveEnum, DbBackend, EntityName, IdenStatic,
    sea_query::{Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement, UnionType},
};

use super::{Search, SearchTerms};
use crate::sql;

/// The maximum number of candidates per table by slug or identifier.
const MAX_BY_IDENTIFIER: u64 = 100;
/// The maximum number of candidates that start with the query.
const MAX_BY_PREFIX: u64 = 200;
/// The maximum number of candidates that contain all words.
const MAX_BY_WORDS: u64 = 1_000;

const TERM: &str = "t";
/// The table with the slug or identifier.
const IDENTIFIER: &str = "h";
/// The record with the slug or identifier, and the record that it was merged into.
const ORIGINAL: &str = "b";
const RECORD: &str = "r";

/// Selects candidates by slug, former slug, identifier, prefix and words. Each subquery has its own
/// order and limit, the same on both databases.
pub fn statement(search: &Search, backend: DbBackend) -> SelectStatement {
    let search_terms = &search.terms;
    let subqueries = [
        by_identifier(search, backend, "slug", None, record::Column::Slug.as_str()),
        by_identifier(
            search,
            backend,
            "slug",
            Some(alias::Entity.table_name()),
            alias::Column::Slug.as_str(),
        ),
        by_identifier(
            search,
            backend,
            "identifiers",
            Some(identifier::Entity.table_name()),
            identifier::Column::Value.as_str(),
        ),
        texts(search, backend, |select| by_prefix(select, search_terms)),
        texts(search, backend, |select| by_words(select, search_terms, backend)),
    ];
    // SQLite accepts ORDER BY and LIMIT in a part of a union only within a subquery.
    let mut parts = subqueries
        .into_iter()
        .map(|part| Query::select().expr(Expr::cust("*")).from_subquery(part, "part").take());
    let mut union = parts.next().unwrap_or_default();
    for part in parts {
        union.union(UnionType::All, part);
    }
    union
}

/// Adds the condition on the kinds of record.
fn filter_kinds(select: &mut SelectStatement, search: &Search, backend: DbBackend, kind: Expr) {
    if let Some(kinds) = &search.kinds {
        let kinds: Vec<String> = kinds.iter().map(ActiveEnum::to_value).collect();
        let kinds = sql::texts(backend, kinds.iter().map(String::as_str));
        select.and_where(sql::among(backend, kind, kinds));
    }
}

/// Selects the records whose slug or identifier equals the query: in a column of `table`, or of the
/// table of records itself.
fn by_identifier(
    search: &Search,
    backend: DbBackend,
    property: &'static str,
    table: Option<&'static str>,
    column: &'static str,
) -> SelectStatement {
    let records = record::Entity.table_name();
    let mut select = Query::select();
    let source = if table.is_some() { IDENTIFIER } else { ORIGINAL };
    if let Some(table) = table {
        let own = Expr::col((ORIGINAL, "id")).equals((IDENTIFIER, "record_id"));
        select.from_as(table, IDENTIFIER).join_as(JoinType::InnerJoin, records, ORIGINAL, own);
    } else {
        select.from_as(records, ORIGINAL);
    }
    let survivor = Func::coalesce([
        Expr::col((ORIGINAL, record::Column::MergedIntoId.as_str())),
        Expr::col((ORIGINAL, "id")),
    ]);
    let survivor = Expr::col((RECORD, "id")).eq(survivor);
    // Identifiers are stored in one case; the query may have another.
    let text = search.terms.text.as_str();
    let cases = [text, &text.to_lowercase(), &text.to_uppercase()];
    select
        .join_as(JoinType::InnerJoin, records, RECORD, survivor)
        .expr_as(Expr::col((RECORD, "id")), term::Column::RecordId.as_str())
        .expr_as(Expr::col((RECORD, "kind")), term::Column::RecordKind.as_str())
        .expr_as(Expr::val(property), term::Column::Property.as_str())
        .expr_as(Expr::cust("0"), term::Column::Rank.as_str())
        .expr_as(Expr::cust("NULL"), term::Column::Language.as_str())
        .expr_as(Expr::col((source, column)), term::Column::Value.as_str())
        .expr_as(Expr::cust("''"), term::Column::Folded.as_str())
        .expr_as(Expr::cust("''"), term::Column::Words.as_str())
        .and_where(sql::among(backend, Expr::col((source, column)), sql::texts(backend, cases)));
    filter_kinds(&mut select, search, backend, Expr::col((RECORD, "kind")));
    select.order_by((RECORD, "id"), Order::Asc).limit(MAX_BY_IDENTIFIER).take()
}

/// Selects searchable texts with the conditions, order and limit that `restrict` adds.
fn texts(
    search: &Search,
    backend: DbBackend,
    restrict: impl FnOnce(&mut SelectStatement),
) -> SelectStatement {
    let columns = [
        term::Column::RecordId,
        term::Column::RecordKind,
        term::Column::Property,
        term::Column::Rank,
        term::Column::Language,
        term::Column::Value,
        term::Column::Folded,
        term::Column::Words,
    ];
    let mut select = Query::select();
    select.from_as(term::Entity.table_name(), TERM);
    select.columns(columns.map(|column| (TERM, column.as_str())));
    // A literal, not a parameter: otherwise the partial index of searchable texts is not used.
    select.and_where(Expr::cust(format!("t.rank < {}", term::NOT_SEARCHED)));
    // An expression, not the column: otherwise its index is used and all texts of the kinds are read.
    filter_kinds(&mut select, search, backend, Expr::cust("t.record_kind || ''"));
    restrict(&mut select);
    select
}

/// Adds the condition that the text starts with the query, the shortest first: one index scan.
fn by_prefix(select: &mut SelectStatement, search_terms: &SearchTerms) {
    let folded = (TERM, term::Column::Folded.as_str());
    // The upper bound of the prefix: `{` sorts after all characters of folded texts.
    let end = format!("{}{{", search_terms.folded);
    select
        .and_where(Expr::col(folded).gte(search_terms.folded.as_str()))
        .and_where(Expr::col(folded).lt(end))
        .order_by(folded, Order::Asc)
        .order_by((TERM, "id"), Order::Asc)
        .limit(MAX_BY_PREFIX);
}

/// Adds the condition that the text contains all words, in the order of ids.
fn by_words(select: &mut SelectStatement, search_terms: &SearchTerms, backend: DbBackend) {
    let text = expression(search_terms, backend);
    if backend == DbBackend::Postgres {
        let has = "array_to_tsvector(string_to_array(t.words, ' ')) @@ $1::tsquery";
        select.and_where(Expr::cust_with_values(has, [text]));
        // An expression, not the column: otherwise the planner may scan the primary key and parse all
        // texts.
        select.order_by_expr(Expr::cust("t.id + 0"), Order::Asc);
    } else {
        let same = Expr::col(("term_word", "rowid")).equals((TERM, "id"));
        select
            .join(JoinType::InnerJoin, "term_word", same)
            .and_where(Expr::cust_with_values("term_word MATCH ?", [text]))
            .order_by(("term_word", "rowid"), Order::Asc);
    }
    select.limit(MAX_BY_WORDS);
}

/// Returns the full-text query of each database. Words need no escaping: they consist of letters,
/// digits and the prefix of phonetic keys.
fn expression(search_terms: &SearchTerms, backend: DbBackend) -> String {
    let (prefix_end, or, and) = match backend {
        DbBackend::Postgres => ("':*", " | ", " & "),
        _ => ("\"*", " OR ", " AND "),
    };
    let quote = &prefix_end[..1];
    let terms = search_terms.alternatives().map(|(prefixes, words)| {
        let prefixes = prefixes.iter().map(|word| format!("{quote}{word}{prefix_end}"));
        let words = words.iter().map(|word| format!("{quote}{word}{quote}"));
        let alternatives: Vec<String> = prefixes.chain(words).collect();
        format!("({})", alternatives.join(or))
    });
    terms.collect::<Vec<_>>().join(and)
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, Statement};

    use super::*;
    use crate::store;

    fn search(query: &str) -> Search {
        Search { terms: SearchTerms::new("query", query).expect("words"), kinds: None }
    }

    #[test]
    fn writes_full_text_queries() {
        let terms = search("Victor yu AND 12").terms;
        assert_eq!(
            expression(&terms, DbBackend::Sqlite),
            "(\"victor\"* OR \"~viktor\"*) AND (\"yu\"* OR \"~iu\") AND (\"and\"* OR \"~and\"*) \
             AND (\"12\"* OR \"~12\")"
        );
        assert_eq!(
            expression(&terms, DbBackend::Postgres),
            "('victor':* | '~viktor':*) & ('yu':* | '~iu') & ('and':* | '~and':*) \
             & ('12':* | '~12')"
        );
    }

    #[tokio::test]
    async fn each_subquery_uses_an_index() {
        let database = store::connect("sqlite::memory:").await.expect("a new database");
        store::migrate(&database).await.expect("migrates");
        let mut search = search("fed council");
        for kinds in [None, Some(vec![entity::RecordKind::Chamber])] {
            search.kinds = kinds;
            let statement = DbBackend::Sqlite.build(&statement(&search, DbBackend::Sqlite));
            let explain =
                Statement { sql: format!("EXPLAIN QUERY PLAN {}", statement.sql), ..statement };
            let rows = database.query_all_raw(explain).await.expect("a valid statement");
            let plan: Vec<String> =
                rows.iter().map(|row| row.try_get("", "detail").expect("text")).collect();
            for step in [
                "SEARCH b USING INDEX sqlite_autoindex_record_1 (slug=?)",
                "SEARCH h USING INDEX sqlite_autoindex_alias_1 (slug=?)",
                "SEARCH h USING INDEX identifier_value_scheme_key (value=?)",
                "SEARCH t USING INDEX term_folded_id_key (folded>? AND folded<?)",
                "SCAN term_word VIRTUAL TABLE INDEX 64:M1",
                "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)",
            ] {
                assert!(plan.iter().any(|other| other == step), "{step}: {plan:#?}");
            }
            let sorts = plan.iter().filter(|step| step.contains("B-TREE"));
            // Only the few candidates by slug or identifier are sorted.
            assert_eq!(sorts.count(), 3, "{plan:#?}");
        }
    }
}
