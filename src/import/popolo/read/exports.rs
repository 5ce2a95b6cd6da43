//! Reads entries that only exports of this server contain: sessions with their attendees, and
//! participations in assemblies. They match records by slug.

use std::collections::{BTreeSet, HashMap};

use entity::{
    Id, RecordKind, attendance, participation::ParticipationStatus, record, session::SessionKind,
};
use sea_orm::{ActiveEnum, DbErr};

use super::{Reader, label, pointer};
use crate::{
    import::{
        popolo::{
            file::{Event, Membership},
            matching::exported_slug,
            words,
        },
        row::Target,
    },
    store::{find, rows::Draft},
};

/// The record with a slug, or the slug of a new record.
type Match = Result<Target, String>;

impl Reader<'_, '_> {
    /// The record with the slug of an exported entry. Returns `None` if it has another kind.
    fn match_by_slug(&self, slug: Option<&str>, kind: RecordKind) -> Option<Match> {
        let slug = slug?;
        match self.matches.slugs.get(slug) {
            Some(target) => (target.kind == kind).then_some(Ok(*target)),
            None => Some(Err(slug.to_owned())),
        }
    }

    /// Unused slugs for the new records, looked up in one batch.
    async fn unused_slugs(
        &mut self,
        found: impl Iterator<Item = &Match>,
    ) -> Result<Vec<String>, DbErr> {
        let preferred: Vec<(String, String)> = found
            .filter_map(|found| found.as_ref().err())
            .map(|slug| (slug.clone(), super::suffix(&[&self.matches.scheme, slug])))
            .collect();
        self.run.slugs(&preferred).await
    }

    pub(super) async fn sessions(&mut self, all: &[Event]) -> Result<(), DbErr> {
        let mut sessions: Vec<(usize, Match, SessionKind, Option<Target>)> = Vec::new();
        for (index, event) in all.iter().enumerate() {
            let word = event.classification.get();
            if words::is_period(word) {
                continue;
            }
            let found = self.match_by_slug(exported_slug(&event.identifiers), RecordKind::Session);
            let holds_sessions =
                |kind| [RecordKind::Assembly, RecordKind::Commission].contains(&kind);
            let holder = self.matches.find_by_id(event.organization_id.get(), holds_sessions);
            match found.zip(words::session_kind(word)) {
                Some((found, kind)) => sessions.push((index, found, kind, holder)),
                None => {
                    self.count_unsupported(
                        "events that are neither legislative periods nor sessions",
                    );
                }
            }
        }
        let mut slugs = self.unused_slugs(sessions.iter().map(|one| &one.1)).await?.into_iter();
        let mut attended: Vec<(Target, Target)> = Vec::new();
        for (index, found, kind, holder) in sessions {
            let event = &all[index];
            let Some(name) = event.name.line() else {
                self.remark(label("events", index, event.id.get()), "it has no name; skipped");
                continue;
            };
            let entry = label("events", index, Some(&name));
            let starts = self.date(&entry, "start_date", &event.start_date);
            let ends = self.date(&entry, "end_date", &event.end_date);
            self.check_order(&entry, starts, ends);
            let new = found.is_err();
            let target = match found {
                Ok(target) => target,
                Err(_) => {
                    let Some(slug) = slugs.next() else { continue };
                    let target = self.create(RecordKind::Session, slug.clone(), &name);
                    let of = |kind| Some((kind, holder.filter(|holder| holder.kind == kind)?.id));
                    let row = Draft::new(target.kind, target.id, slug)
                        .value("kind", kind.to_value())
                        .value("name", name.as_str())
                        .date("starts", starts)
                        .date("ends", ends)
                        .optional("place", event.location.line())
                        .record("assembly", of(RecordKind::Assembly))
                        .record("commission", of(RecordKind::Commission))
                        .value("planned", event.status.get() == Some("planned"));
                    self.run.batch.records.add(row)?;
                    target
                }
            };
            self.run.report.sessions.count(new);
            self.cite(target);
            self.add_identifiers(target, &event.id, &event.identifiers, None);
            let locator = pointer("events", index);
            self.claim(target, "name", &name, &locator);
            let place = event.location.line();
            let days = [("starts", starts), ("ends", ends)];
            let days = days.map(|(property, date)| (property, date.map(|date| date.to_string())));
            for (property, text) in days.into_iter().chain([("place", place)]) {
                if let Some(text) = text {
                    self.claim(target, property, &text, &locator);
                }
            }
            for one in event.attendees.iter().flatten() {
                let is_member = |kind| kind == RecordKind::Member;
                match self.matches.find_by_id(one.id.get(), is_member) {
                    Some(member) => attended.push((target, member)),
                    None => {
                        self.remark(
                            entry.clone(),
                            "an attendee is not a person in the file; skipped",
                        );
                    }
                }
            }
        }
        self.attendances(attended).await
    }

    /// Adds the attendances that do not exist yet.
    async fn attendances(&mut self, attended: Vec<(Target, Target)>) -> Result<(), DbErr> {
        let sessions: BTreeSet<Id> = attended.iter().map(|one| one.0.id).collect();
        use attendance::{Column, Entity};
        let stored = find::<Entity>(self.run.store, Column::SessionId, &sessions).await?;
        let existing = stored.iter().chain(self.run.batch.records.models::<Entity>());
        let existing: BTreeSet<(Id, Id)> =
            existing.map(|row| (row.session_id, row.attendee_id)).collect();
        let mut fresh = attended;
        fresh.sort_by_key(|(session, member)| (session.id, member.id));
        fresh.dedup();
        fresh.retain(|(session, member)| !existing.contains(&(session.id, member.id)));
        let ends = fresh.iter().flat_map(|(session, member)| [session.id, member.id]).collect();
        let stored = find::<record::Entity>(self.run.store, record::Column::Id, &ends).await?;
        let mut slug_of: HashMap<Id, String> =
            stored.into_iter().map(|row| (row.id, row.slug)).collect();
        let new = self.run.batch.new.iter().filter(|new| ends.contains(&new.0));
        slug_of.extend(new.map(|new| (new.0, new.2.clone())));
        let name = |target: &Target| slug_of.get(&target.id).cloned().unwrap_or_default();
        let preferred: Vec<(String, String)> = fresh
            .iter()
            .map(|(session, member)| {
                let slug = format!("{}-{}", name(session), name(member));
                let suffix = super::suffix(&[&self.matches.scheme, &slug]);
                (
                    slug.chars().take(150).collect::<String>().trim_end_matches('-').to_owned(),
                    suffix,
                )
            })
            .collect();
        let slugs = self.run.slugs(&preferred).await?;
        for ((session, member), slug) in fresh.into_iter().zip(slugs) {
            let target = self.create(RecordKind::Attendance, slug.clone(), "");
            let row = Draft::new(target.kind, target.id, slug);
            let row = row.record("session", Some((session.kind, session.id)));
            self.run.batch.records.add(row.record("attendee", Some((member.kind, member.id))))?;
            self.cite(target);
        }
        Ok(())
    }

    /// Reads the participations in assemblies among the memberships of a file.
    pub(super) async fn participations(&mut self, all: &[Membership]) -> Result<(), DbErr> {
        let mut participations: Vec<(usize, Match, Target, Target, ParticipationStatus)> =
            Vec::new();
        for (index, one) in all.iter().enumerate() {
            let Some(member) = one.member.as_ref().filter(|_| one.person_id.get().is_none()) else {
                continue;
            };
            let takes_part = |kind| {
                [RecordKind::State, RecordKind::Parliament, RecordKind::Assembly].contains(&kind)
            };
            let participant = self.matches.find_by_id(member.id.get(), takes_part);
            let is_assembly = |kind| kind == RecordKind::Assembly;
            let assembly = self.matches.find_by_id(one.organization_id.get(), is_assembly);
            let found =
                self.match_by_slug(exported_slug(&one.identifiers), RecordKind::Participation);
            let status = words::status(one.role.get());
            match (found, participant, assembly, status) {
                (Some(found), Some(participant), Some(assembly), Some(status)) => {
                    participations.push((index, found, participant, assembly, status));
                }
                _ => self
                    .count_unsupported("memberships of organizations that are not participations"),
            }
        }
        let mut slugs =
            self.unused_slugs(participations.iter().map(|one| &one.1)).await?.into_iter();
        for (index, found, participant, assembly, status) in participations {
            let one = &all[index];
            let entry = label("memberships", index, one.id.get());
            let since = self.date(&entry, "start_date", &one.start_date);
            let until = self.date(&entry, "end_date", &one.end_date);
            self.check_order(&entry, since, until);
            let new = found.is_err();
            let target = match found {
                Ok(target) => target,
                Err(_) => {
                    let Some(slug) = slugs.next() else { continue };
                    let target = self.create(RecordKind::Participation, slug.clone(), "");
                    let (first, last) = one.observed_dates();
                    let row = Draft::new(target.kind, target.id, slug)
                        .record("assembly", Some((assembly.kind, assembly.id)))
                        .record("participant", Some((participant.kind, participant.id)))
                        .value("status", status.to_value())
                        .optional("basis", one.label.line())
                        .date("since", since)
                        .date("until", until)
                        .observed(first, last);
                    self.run.batch.records.add(row)?;
                    target
                }
            };
            self.run.report.participations.count(new);
            self.cite(target);
            self.add_identifiers(target, &one.id, &one.identifiers, None);
            let locator = pointer("memberships", index);
            let days = [("since", since), ("until", until)];
            let days = days.map(|(property, date)| (property, date.map(|date| date.to_string())));
            for (property, text) in days.into_iter().chain([("basis", one.label.line())]) {
                if let Some(text) = text {
                    self.claim(target, property, &text, &locator);
                }
            }
        }
        Ok(())
    }
}
