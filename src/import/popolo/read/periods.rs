//! Events of a file that are legislative periods.

use std::collections::{HashMap, HashSet};

use entity::{Id, PartialDate, RecordKind, legislative_period};
use sea_orm::DbErr;

use super::{Reader, label, pointer, suffix};
use crate::{
    fold::slug,
    import::{
        popolo::{file::Event, known::own_slug, words},
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
        self.renumbered_periods(all, &mut periods).await?;
        let new = periods.iter().filter(|one| one.found.is_err());
        let preferred: Vec<(String, String)> = new
            .map(|one| {
                let id = one.event.id.get().unwrap_or(&one.name);
                let own = own_slug(&one.event.identifiers).map(str::to_owned);
                let base = own.unwrap_or_else(|| format!("period-{}", slug(&one.name)));
                (base, suffix(&[&self.known.scheme, id]))
            })
            .collect();
        let mut slugs = self.run.slugs(&preferred).await?.into_iter();
        for one in periods {
            let target = match one.found {
                Ok(target) => target,
                Err(organization) => {
                    let Some(slug) = slugs.next() else { continue };
                    if self.known.own(one.event.id.get(), is_period).is_some() {
                        self.remark(one.entry, "an earlier event has the same id; skipped");
                        continue;
                    }
                    self.make_period(&one, organization, slug)?
                }
            };
            self.run.report.periods.count(one.found.is_err());
            self.cite(target);
            self.identify(target, &one.event.id, &one.event.identifiers, None);
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
        let elected = |kind| [RecordKind::Parliament, RecordKind::Chamber].contains(&kind);
        let organization = self.known.own(event.organization_id.get(), elected);
        let found =
            match (self.known.find(&event.id, &event.identifiers, is_period).0, organization) {
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
        self.in_order(&entry, starts, ends);
        Some(Period { index, entry, event, name, starts, ends, found })
    }

    /// Matches periods whose id in the source changed, by legislature and start, if the file no longer
    /// contains the former id.
    async fn renumbered_periods(
        &mut self,
        all: &[Event],
        periods: &mut [Period<'_>],
    ) -> Result<(), DbErr> {
        let new = periods.iter().filter_map(|one| one.found.err());
        let elected = new.map(|organization| organization.id).collect();
        use legislative_period::{Column, Entity};
        let known = find::<Entity>(self.run.store, Column::OrganizationId, &elected).await?;
        let given: HashSet<Id> = all
            .iter()
            .filter_map(|event| self.known.own(event.id.get(), is_period))
            .map(|target| target.id)
            .collect();
        let ids = known.iter().map(|row| row.id).filter(|id| !given.contains(id)).collect();
        let called = self.run.with_ids_of(&self.known.scheme, &ids).await?;
        let mut gone: HashMap<(Id, PartialDate), Id> = HashMap::new();
        for row in known.into_iter().filter(|row| called.contains(&row.id)) {
            let starts = PartialDate::from_columns(row.starts_earliest, row.starts_latest);
            gone.extend(starts.map(|starts| ((row.organization_id, starts), row.id)));
        }
        for one in periods {
            if let (Err(organization), Some(starts)) = (one.found, one.starts)
                && let Some(id) = gone.remove(&(organization.id, starts))
            {
                one.found = Ok(Target { id, kind: RecordKind::LegislativePeriod });
            }
        }
        Ok(())
    }

    fn make_period(
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
