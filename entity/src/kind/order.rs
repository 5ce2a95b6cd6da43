//! Orders of kinds that follow from their references.

use super::{Kind, OnMissing};
use crate::RecordKind;

/// Kinds in an order in which each comes after those that it `needs`; where they need each other
/// in a ring, the ring is cut at its first.
pub fn in_order(
    kinds: impl Iterator<Item = &'static Kind>,
    needs: impl Fn(&'static Kind) -> Vec<RecordKind>,
) -> Vec<&'static Kind> {
    let mut left: Vec<&'static Kind> = kinds.collect();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |kind: &RecordKind| left.iter().any(|other| other.kind == *kind);
        let is_free =
            |one: &'static Kind| needs(one).iter().all(|kind| *kind == one.kind || !waits(kind));
        let next = left.iter().position(|one| is_free(one)).unwrap_or(0);
        order.push(left.remove(next));
    }
    order
}

/// The kinds, each after those that its rows point at.
pub fn in_writing_order() -> impl Iterator<Item = RecordKind> {
    let needs = |loose: bool| {
        move |kind: &'static Kind| {
            let references = kind
                .references()
                .filter(move |(_, reference)| loose || reference.on_missing == OnMissing::DropRow);
            references.filter_map(|(_, reference)| reference.to.kind()).collect::<Vec<_>>()
        }
    };
    // What a row can be without is not needed where the two need each other.
    let order = in_order(crate::kinds(), needs(false));
    in_order(order.into_iter(), needs(true)).into_iter().map(|kind| kind.kind)
}
