//! Topological orders of kinds by their references.

use super::{Kind, OnMissing};
use crate::RecordKind;

/// Orders kinds so that each comes after its `dependencies`. A cycle is broken at its first kind.
pub fn in_order(
    kinds: impl Iterator<Item = &'static Kind>,
    dependencies: impl Fn(&'static Kind) -> Vec<RecordKind>,
) -> Vec<&'static Kind> {
    let mut remaining: Vec<&'static Kind> = kinds.collect();
    let mut order = Vec::with_capacity(remaining.len());
    while !remaining.is_empty() {
        let is_ready = |one: &&'static Kind| {
            dependencies(one).iter().all(|dependency| {
                *dependency == one.kind || remaining.iter().all(|other| other.kind != *dependency)
            })
        };
        let next = remaining.iter().position(is_ready).unwrap_or(0);
        order.push(remaining.remove(next));
    }
    order
}

/// Returns the kinds in the order in which rows are written: each after those that its rows refer
/// to.
pub fn in_writing_order() -> impl Iterator<Item = RecordKind> {
    let dependencies = |loose: bool| {
        move |kind: &'static Kind| {
            let references = kind
                .references()
                .filter(move |(_, reference)| loose || reference.on_missing == OnMissing::DropRow);
            references.filter_map(|(_, reference)| reference.to.kind()).collect::<Vec<_>>()
        }
    };
    // In a cycle, a nullable reference is not a dependency.
    let order = in_order(crate::kinds(), dependencies(false));
    in_order(order.into_iter(), dependencies(true)).into_iter().map(|kind| kind.kind)
}
