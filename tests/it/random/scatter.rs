//! The sample world with additional dates, numbers, flags and identifiers, on some rows and not
//! on others.

use chrono::NaiveDate;
use entity::PartialDate;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityName, EntityTrait, IdenStatic,
    IntoActiveModel, Iterable, ModelTrait, TransactionTrait,
    sea_query::{ColumnType, Expr, ExprTrait, Query},
};

use super::dice::Dice;
use crate::world::World;

/// Columns that other columns are made of, which have to stay true to them.
const KEPT: [&str; 4] = ["holds", "sure", "observed", "position"];

pub async fn scatter(world: &World, seed: u64) {
    let mut dice = Dice::new(seed);
    let store = world.database.begin().await.unwrap();
    macro_rules! scatter {
        ($($table:ident)*) => {
            $({
                use entity::$table::{Column, Entity};
                let id = Column::iter().find(|column| column.as_str() == "id");
                let mut rows = Entity::find().all(&store).await.unwrap();
                rows.retain(|_| id.is_some());
                for row in rows {
                    let mut update = Query::update();
                    update.table(Entity.table_name());
                    let mut changed = false;
                    for column in Column::iter() {
                        let (name, definition) = (column.as_str(), column.def());
                        if KEPT.iter().any(|kept| name.starts_with(kept)) {
                            continue;
                        }
                        if let Some(date) = name.strip_suffix("_earliest") {
                            let (first, last) = PartialDate::to_columns(date_or_none(&mut dice));
                            update.value(name, first).value(format!("{date}_latest"), last);
                        } else if definition.get_column_type() == &ColumnType::Boolean {
                            update.value(name, dice.chance(50));
                        } else if definition.get_column_type() == &ColumnType::Integer
                            && definition.is_null()
                        {
                            let number = i32::try_from(dice.below(6)).unwrap();
                            update.value(name, (number > 0).then_some(number));
                        } else {
                            continue;
                        }
                        changed = true;
                    }
                    if changed {
                        let id = row.get(id.unwrap());
                        update.and_where(Expr::col("id").eq(Expr::val(id)));
                        store.execute(&update).await.unwrap();
                    }
                }
            })*
        };
    }
    entity::for_each_entity!(scatter);
    identify(&store, &mut dice).await;
    store.commit().await.unwrap();
}

/// A day, a month or a year; often none.
fn date_or_none(dice: &mut Dice) -> Option<PartialDate> {
    let year = i32::try_from(2000 + dice.below(20)).unwrap();
    let day = NaiveDate::from_yo_opt(year, 1 + u32::try_from(dice.below(365)).unwrap()).unwrap();
    let day = day.to_string();
    let letters = *dice.pick(&[4, 7, 10]);
    dice.chance(60).then(|| day[..letters].parse().unwrap())
}

/// Gives every third record an identifier or two.
async fn identify(store: &impl ConnectionTrait, dice: &mut Dice) {
    let records = entity::record::Entity::find().all(store).await.unwrap();
    for (at, record) in records.iter().enumerate() {
        for (scheme, chance) in [("almanac-2", 30), ("register", 15)] {
            if dice.chance(chance) {
                let id = i64::try_from(1_000_000 + 2 * at + usize::from(chance == 15)).unwrap();
                let (scheme, value) = (scheme.to_owned(), format!("N{}", at % 40));
                let row = entity::identifier::Model { id, record_id: record.id, scheme, value };
                row.into_active_model().insert(store).await.unwrap();
            }
        }
    }
}
