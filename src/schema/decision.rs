//! What acts have besides what their description says.

use async_graphql::{Context, Enum, Object};
use entity::{RecordKind, decision, decision_relation};

use super::object::{self, Computed};
use crate::graph::{Edge, GraphContext, Result};

type Decision = object::Object<decision::Entity>;
type DecisionRelation = object::Object<decision_relation::Entity>;

pub const COMPUTED: Computed = Computed::new(RecordKind::Decision).object::<_, Fields>();

pub struct Fields(Decision);

impl From<Decision> for Fields {
    fn from(record: Decision) -> Self {
        Self(record)
    }
}

/// Which relations of a decision to show.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum Direction {
    /// Those that it is the subject of: what it implements, amends, is based on.
    Outgoing,
    /// Those that it is the object of: what implements it, amends it, is based on it.
    Incoming,
    /// All.
    Both,
}

#[Object(name = "DecisionFields")]
impl Fields {
    /// Its relations to other decisions.
    async fn relations(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(Direction::Both)", desc = "Which of them.")]
        direction: Option<Direction>,
    ) -> Result<Vec<DecisionRelation>> {
        let direction = direction.unwrap_or(Direction::Both);
        let side = async |wanted: bool, column| match wanted {
            true => ctx.at(self.0.moment).list(Edge::key(column), self.0.row.id).await,
            false => Ok(Vec::new()),
        };
        let (mut relations, incoming): (Vec<DecisionRelation>, _) = futures_util::try_join!(
            side(direction != Direction::Incoming, decision_relation::Column::SubjectId),
            side(direction != Direction::Outgoing, decision_relation::Column::ObjectId),
        )?;
        relations.extend(incoming);
        Ok(relations)
    }
}
