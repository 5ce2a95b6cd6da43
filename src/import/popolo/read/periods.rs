//! Reads the events of a file that are legislative periods.

use std::collections::{HashMap, HashSet};

use entity::{Id, PartialDate, RecordKind, legislative_period};
use sea_orm::DbErr;

use super::{Reader, label, pointer, suffix};
use crate::{
    fold::slug,
    import::{
        popolo::{file::Event, matching::exported_slug, words},
        row::Target,
    },
    store::{find, rows::Draft},
};

/// An event that is a legislative period.
struct Period<'e> {
    index: usize,
    entry: String,
    event: &'e Event,
    name: String,
    starts: Option<PartialDate>,
    ends: Option<PartialDate>,
    /// The matching record, or the organization of a new period.
    found: Result<Target, Target>,
}

fn is_period(kind: RecordKind) -> bool {
    kind == RecordKind::LegislativePeriod
}

impl Reader<'_, '_> {
    pub(super) async fn periods(&mut self, all: &[Event]) -> Result<(), DbErr> {
        let mut periods = Vec::new();
        for (index, event) in all.iter().enumerate() {
            if words::is_period(event.classification.get()) {
                periods.extend(self.period(index, event));
            }
        }
        self.match_renumbered_periods(all, &mut periods).await?;
        let new = periods.iter().filter(|one| one.found.is_err());
        let preferred: Vec<(String, String)> = new
            .map(|one| {
                let id = one.event.id.get().unwrap_or(&one.name);
                let own = exported_slug(&one.event.identifiers).map(str::to_owned);
                let base = own.unwrap_or_else(|| format!("period-{}", slug(&one.name)));
                (base, suffix(&[&self.matches.scheme, id]))
            })
            .collect();
        let mut slugs = self.run.slugs(&preferred).await?.into_iter();
        for one in periods {
            let target = match one.found {
                Ok(target) => target,
                Err(organization) => {
                    let Some(slug) = slugs.next() else { continue };
                    if self.matches.find_by_id(one.event.id.get(), is_period).is_some() {
                        self.remark(one.entry, "an earlier event has the same id; skipped");
                        continue;
                    }
                    self.create_period(&one, organization, slug)?
                }
            };
            self.run.report.periods.count(one.found.is_err());
            self.cite(target);
            self.add_identifiers(target, &one.event.id, &one.event.identifiers, None);
            let locator = pointer("events", one.index);
            self.claim(target, "name", &one.name, &locator);
            for (property, date) in [("starts", one.starts), ("ends", one.ends)] {
                if let Some(date) = date {
                    self.claim(target, property, &date.to_string(), &locator);
                }
            }
        }
        Ok(())
    }

    /// Reads a legislative period. Returns `None` if its organization is unknown.
    fn period<'e>(&mut self, index: usize, event: &'e Event) -> Option<Period<'e>> {
        let Some(name) = event.name.line().or_else(|| event.id.get().map(str::to_owned)) else {
            self.remark(label("events", index, None), "it has neither name nor id; skipped");
            return None;
        };
        let entry = label("events", index, Some(&name));
        let is_elected = |kind| [RecordKind::Parliament, RecordKind::Chamber].contains(&kind);
        let organization = self.matches.find_by_id(event.organization_id.get(), is_elected);
        let found =
            match (self.matches.find(&event.id, &event.identifiers, is_period).0, organization) {
                (Some(own), _) => Ok(own),
                (None, Some(organization)) => Err(organization),
                (None, None) => {
                    let message =
                        "its `organization_id` is not the id of a legislature in the file; skipped";
                    self.remark(entry, message);
                    return None;
                }
            };
        let starts = self.date(&entry, "start_date", &event.start_date);
        let ends = self.date(&entry, "end_date", &event.end_date);
        self.check_order(&entry, starts, ends);
        Some(Period { index, entry, event, name, starts, ends, found })
    }

    /// Matches periods whose id in the source has changed, by legislature and start, if the file no longer
    /// contains the former id.
    async fn match_renumbered_periods(
        &mut self,
        all: &[Event],
        periods: &mut [Period<'_>],
    ) -> Result<(), DbErr> {
        let new = periods.iter().filter_map(|one| one.found.err());
        let organizations = new.map(|organization| organization.id).collect();
        use legislative_period::{Column, Entity};
        let stored = find::<Entity>(self.run.store, Column::OrganizationId, &organizations).await?;
        let matched: HashSet<Id> = all
            .iter()
            .filter_map(|event| self.matches.find_by_id(event.id.get(), is_period))
            .map(|target| target.id)
            .collect();
        let ids = stored.iter().map(|row| row.id).filter(|id| !matched.contains(id)).collect();
        let with_id = self.run.with_id_of(&self.matches.scheme, &ids).await?;
        let mut by_start: HashMap<(Id, PartialDate), Id> = HashMap::new();
        for row in stored.into_iter().filter(|row| with_id.contains(&row.id)) {
            let starts = PartialDate::from_columns(row.starts_earliest, row.starts_latest);
            by_start.extend(starts.map(|starts| ((row.organization_id, starts), row.id)));
        }
        for one in periods {
            if let (Err(organization), Some(starts)) = (one.found, one.starts)
                && let Some(id) = by_start.remove(&(organization.id, starts))
            {
                one.found = Ok(Target { id, kind: RecordKind::LegislativePeriod });
            }
        }
        Ok(())
    }

    fn create_period(
        &mut self,
        one: &Period<'_>,
        organization: Target,
        slug: String,
    ) -> Result<Target, DbErr> {
        let target = self.create(RecordKind::LegislativePeriod, slug.clone(), &one.name);
        let row = Draft::new(target.kind, target.id, slug)
            .record("organization", Some((organization.kind, organization.id)))
            .value("name", one.name.as_str())
            .date("starts", one.starts)
            .date("ends", one.ends);
        self.run.batch.records.add(row)?;
        Ok(target)
    }
}
