//! The one statement of a search: what may be meant, so much and no more.

use entity::{alias, identifier, record, term};
use sea_orm::{
    ActiveEnum, DbBackend, EntityName, IdenStatic,
    sea_query::{Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement, UnionType},
};

use super::{Search, Sought};
use crate::sql;

/// The most records that bear one name in a register.
const MAX_NAMED: u64 = 100;
/// The most texts that begin with what is looked for.
const MAX_BEGINNINGS: u64 = 200;
/// The most texts that have all the words.
const MAX_BY_WORDS: u64 = 1_000;

const TERM: &str = "t";
/// What holds a name of a register.
const HOLDER: &str = "h";
/// The record that bears it, and the one that this was found to be.
const BEARER: &str = "b";
const RECORD: &str = "r";

/// Texts by their slugs, former slugs, identifiers, beginnings and words. Each way stops at a
/// number of its own, in an order that both stores have.
pub fn statement(search: &Search, backend: DbBackend) -> SelectStatement {
    let sought = &search.sought;
    let ways = [
        named(search, backend, "slug", None, record::Column::Slug.as_str()),
        named(
            search,
            backend,
            "slug",
            Some(alias::Entity.table_name()),
            alias::Column::Slug.as_str(),
        ),
        named(
            search,
            backend,
            "identifiers",
            Some(identifier::Entity.table_name()),
            identifier::Column::Value.as_str(),
        ),
        terms(search, backend, |select| beginnings(select, sought)),
        terms(search, backend, |select| by_words(select, sought, backend)),
    ];
    // A part of a union that has an order and a limit of its own is a table for SQLite.
    let mut ways = ways
        .into_iter()
        .map(|way| Query::select().expr(Expr::cust("*")).from_subquery(way, "way").take());
    let mut all = ways.next().unwrap_or_default();
    for way in ways {
        all.union(UnionType::All, way);
    }
    all
}

/// Only records of the kinds that are asked for.
fn of_kinds(select: &mut SelectStatement, search: &Search, backend: DbBackend, kind: Expr) {
    if let Some(kinds) = &search.kinds {
        let kinds: Vec<String> = kinds.iter().map(ActiveEnum::to_value).collect();
        let kinds = sql::texts(backend, kinds.iter().map(String::as_str));
        select.and_where(sql::among(backend, kind, kinds));
    }
}

/// The records that bear what is looked for as a name in a column of a table, or in the registry
/// itself.
fn named(
    search: &Search,
    backend: DbBackend,
    property: &'static str,
    table: Option<&'static str>,
    column: &'static str,
) -> SelectStatement {
    let registry = record::Entity.table_name();
    let mut select = Query::select();
    let holder = if table.is_some() { HOLDER } else { BEARER };
    match table {
        None => drop(select.from_as(registry, BEARER)),
        Some(table) => {
            let own = Expr::col((BEARER, "id")).equals((HOLDER, "record_id"));
            select.from_as(table, HOLDER).join_as(JoinType::InnerJoin, registry, BEARER, own);
        }
    }
    let survivor = Func::coalesce([
        Expr::col((BEARER, record::Column::MergedIntoId.as_str())),
        Expr::col((BEARER, "id")),
    ]);
    let survivor = Expr::col((RECORD, "id")).eq(survivor);
    // Registers differ in the case of their letters; the columns have but one.
    let text = search.sought.text.as_str();
    let cases = [text, &text.to_lowercase(), &text.to_uppercase()];
    select
        .join_as(JoinType::InnerJoin, registry, RECORD, survivor)
        .expr_as(Expr::col((RECORD, "id")), term::Column::RecordId.as_str())
        .expr_as(Expr::col((RECORD, "kind")), term::Column::RecordKind.as_str())
        .expr_as(Expr::val(property), term::Column::Property.as_str())
        .expr_as(Expr::cust("0"), term::Column::Rank.as_str())
        .expr_as(Expr::cust("NULL"), term::Column::Language.as_str())
        .expr_as(Expr::col((holder, column)), term::Column::Value.as_str())
        .expr_as(Expr::cust("''"), term::Column::Folded.as_str())
        .expr_as(Expr::cust("''"), term::Column::Words.as_str())
        .and_where(sql::among(backend, Expr::col((holder, column)), sql::texts(backend, cases)));
    of_kinds(&mut select, search, backend, Expr::col((RECORD, "kind")));
    select.order_by((RECORD, "id"), Order::Asc).limit(MAX_NAMED).take()
}

/// Texts that are searched, by a way to find them.
fn terms(
    search: &Search,
    backend: DbBackend,
    way: impl FnOnce(&mut SelectStatement),
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
    // As a number in the text: else neither store could take its index of the texts searched.
    select.and_where(Expr::cust(format!("t.rank < {}", term::NOT_SEARCHED)));
    // Not the column as it is: its index would be taken, and all texts of these kinds read.
    of_kinds(&mut select, search, backend, Expr::cust("t.record_kind || ''"));
    way(&mut select);
    select
}

/// The texts that begin with what is looked for, those that are no longer first: one walk of an
/// index.
fn beginnings(select: &mut SelectStatement, sought: &Sought) {
    let folded = (TERM, term::Column::Folded.as_str());
    // The first of all texts after those: a brace follows upon the letters of folded texts.
    let end = format!("{}{{", sought.folded);
    select
        .and_where(Expr::col(folded).gte(sought.folded.as_str()))
        .and_where(Expr::col(folded).lt(end))
        .order_by(folded, Order::Asc)
        .order_by((TERM, "id"), Order::Asc)
        .limit(MAX_BEGINNINGS);
}

/// The texts that have all the words, those that count most first.
fn by_words(select: &mut SelectStatement, sought: &Sought, backend: DbBackend) {
    let text = expression(sought, backend);
    if backend == DbBackend::Postgres {
        let has = "array_to_tsvector(string_to_array(t.words, ' ')) @@ $1::tsquery";
        select.and_where(Expr::cust_with_values(has, [text]));
        // Of the ids as they are, a walk could be planned that takes the words of all texts apart.
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

/// The words as each store's index is asked for them. There is nothing to escape: they have plain
/// letters, digits and the mark of sounds.
fn expression(sought: &Sought, backend: DbBackend) -> String {
    let (begins, or, and) = match backend {
        DbBackend::Postgres => ("':*", " | ", " & "),
        _ => ("\"*", " OR ", " AND "),
    };
    let quote = &begins[..1];
    let words = sought.ways().map(|(beginnings, wholes)| {
        let beginnings = beginnings.iter().map(|word| format!("{quote}{word}{begins}"));
        let wholes = wholes.iter().map(|word| format!("{quote}{word}{quote}"));
        let ways: Vec<String> = beginnings.chain(wholes).collect();
        format!("({})", ways.join(or))
    });
    words.collect::<Vec<_>>().join(and)
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, Statement};

    use super::*;
    use crate::store;

    fn search(query: &str) -> Search {
        Search { sought: Sought::new("query", query).expect("words"), kinds: None }
    }

    #[test]
    fn words_become_an_expression() {
        let sought = search("Victor yu AND 12").sought;
        assert_eq!(
            expression(&sought, DbBackend::Sqlite),
            "(\"victor\"* OR \"~viktor\"*) AND (\"yu\"* OR \"~iu\") AND (\"and\"* OR \"~and\"*) \
             AND (\"12\"* OR \"~12\")"
        );
        assert_eq!(
            expression(&sought, DbBackend::Postgres),
            "('victor':* | '~viktor':*) & ('yu':* | '~iu') & ('and':* | '~and':*) \
             & ('12':* | '~12')"
        );
    }

    #[tokio::test]
    async fn each_way_walks_an_index() {
        let database = store::connect("sqlite::memory:").await.expect("a new database");
        store::migrate(&database).await.expect("tables are made");
        let mut search = search("fed council");
        for kinds in [None, Some(vec![entity::RecordKind::Chamber])] {
            search.kinds = kinds;
            let statement = DbBackend::Sqlite.build(&statement(&search, DbBackend::Sqlite));
            let explain =
                Statement { sql: format!("EXPLAIN QUERY PLAN {}", statement.sql), ..statement };
            let rows = database.query_all_raw(explain).await.expect("the statement is sound");
            let plan: Vec<String> =
                rows.iter().map(|row| row.try_get("", "detail").expect("a text")).collect();
            for walk in [
                "SEARCH b USING INDEX sqlite_autoindex_entity_1 (slug=?)",
                "SEARCH h USING INDEX sqlite_autoindex_alias_1 (slug=?)",
                "SEARCH h USING INDEX identifier_value_scheme_key (value=?)",
                "SEARCH t USING INDEX term_folded_id_key (folded>? AND folded<?)",
                "SCAN term_word VIRTUAL TABLE INDEX 64:M1",
                "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)",
            ] {
                assert!(plan.iter().any(|step| step == walk), "{walk}: {plan:#?}");
            }
            let sorts = plan.iter().filter(|step| step.contains("B-TREE"));
            // Only the few that bear a name are put in order.
            assert_eq!(sorts.count(), 3, "{plan:#?}");
        }
    }
}
