//! A page with the statements of its sidebar, and the persons in the posts that it lists.

use std::collections::BTreeSet;

use crate::{
    directory::Directory,
    graph::{Kind, Post},
    headline::{self, Heading},
    mention::Mentions,
    page::Page,
    people::{Candidates, People},
    sidebar::{self, LineStatement, NewRecord, Sidebar, Statement, UnreadLine},
    word,
};

/// A page, and what was understood of it.
pub struct InterpretedPage {
    pub page: Page,
    pub sidebar: Sidebar,
    pub heading: Heading,
    /// Delegations and allocations that the graph does not have, in order.
    pub new: Vec<NewRecord>,
    pub posts: Vec<ListedPost>,
    pub remarks: Vec<String>,
}

/// A person in a post, as a page shows it.
pub struct ListedPost {
    pub line: usize,
    pub membership: String,
    pub member: String,
    pub role: String,
    pub organization: String,
    pub title: String,
    pub behalf: Option<String>,
    pub name: String,
    pub is_new_member: bool,
    pub is_new_membership: bool,
}

impl InterpretedPage {
    /// Reads the sidebar of a page; what it makes is known to the pages after it.
    pub fn new(page: Page, directory: &mut Directory, assembly: Option<&str>) -> Self {
        let (sidebar, new) = sidebar::read(&page, directory, assembly);
        for record in &new {
            if let NewRecord::Delegation { slug, name, .. } = record {
                directory.add_name(Kind::Delegation, slug, name);
            }
        }
        let heading = headline::find(&page, sidebar.lines.clone());
        Self { page, sidebar, heading, new, posts: Vec::new(), remarks: Vec::new() }
    }

    /// Finds the persons in the posts; somebody new is known to the pages after it.
    pub fn resolve_posts(&mut self, directory: &mut Directory, people: &mut People) {
        // Whom a line names is one person in all posts that it lists.
        let mut before: Option<(usize, String, String)> = None;
        for LineStatement { line, statement } in &self.sidebar.statements {
            let Statement::Post { name, role, organization, title, behalf } = statement else {
                continue;
            };
            let same = before.take().filter(|(at, who, _)| at == line && who == name);
            let holder = directory.holder(name, organization, role).map(str::to_owned);
            let found = match holder.or(same.map(|(.., member)| member)) {
                Some(member) => Ok((member, false)),
                None => find_person(directory, people, name, organization, &mut self.remarks),
            };
            match found {
                Ok((member, is_new_member)) => {
                    people.add(&member, name, organization);
                    let (membership, is_new_membership) =
                        find_membership(directory, &member, name, role, organization);
                    before = Some((*line, name.clone(), member.clone()));
                    self.posts.push(ListedPost {
                        line: *line,
                        membership,
                        member,
                        role: role.clone(),
                        organization: organization.clone(),
                        title: title.clone(),
                        behalf: behalf.clone(),
                        name: name.clone(),
                        is_new_member,
                        is_new_membership,
                    });
                }
                Err(reason) => {
                    let text = name.clone();
                    self.sidebar.unread.push(UnreadLine { line: *line, text, reason });
                }
            }
        }
        self.sidebar.unread.dedup();
    }

    /// Adds what the sidebar means, be it in words that are no name of it.
    pub fn add_mentions(&self, directory: &Directory, mentions: &mut Mentions) {
        let mut add = |kind, slug: &str, line| mentions.add(kind, slug, line, &self.page);
        for LineStatement { line, statement } in &self.sidebar.statements {
            match statement {
                Statement::Seats { delegation, chamber, .. } => {
                    add(Kind::Delegation, delegation, *line);
                    if let Some(chamber) = chamber {
                        add(Kind::Chamber, chamber, *line);
                    }
                }
                Statement::Website { record, .. } => add(directory.kind_of(record), record, *line),
                Statement::Vacant { .. } | Statement::Post { .. } => {}
            }
        }
        for post in &self.posts {
            add(Kind::Member, &post.member, post.line);
        }
        // Whom a post is of is known, whoever else goes by that name.
        for post in &self.posts {
            let ambiguous = mentions.ambiguous.iter_mut();
            for name in ambiguous.filter(|one| one.slugs.contains(&post.member)) {
                name.lines.remove(&post.line);
            }
        }
        mentions.ambiguous.retain(|name| !name.lines.is_empty());
    }
}

/// The person whom a name means near an organization, and whether it is somebody new: the only
/// one of that name with a affiliation to it, else nobody whom the graph has.
fn find_person(
    directory: &mut Directory,
    people: &People,
    name: &str,
    organization: &str,
    remarks: &mut Vec<String>,
) -> Result<(String, bool), String> {
    // An initial stands for many names.
    let is_short = word::words(name).iter().any(|word| word.plain.len() == 1);
    let Candidates { near, far } = people.candidates(name, directory, organization, is_short);
    match (near.len(), near.first()) {
        (1, Some(slug)) => return Ok((slug.clone(), false)),
        (0, _) => {}
        _ => return Err(format!("`{name}` may be one of several: {}", list(&near))),
    }
    if is_short {
        return Err(format!("`{name}` does not tell who it is"));
    }
    if !far.is_empty() {
        let far = list(&far);
        remarks.push(format!("another {name} is in the graph ({far}): not taken for the same"));
    }
    let slug = directory.slugs.reserve(&fold::slug(name));
    directory.add_name(Kind::Member, &slug, name);
    Ok((slug, true))
}

/// The membership of a person in a post, and whether it is new.
fn find_membership(
    directory: &mut Directory,
    member: &str,
    name: &str,
    role: &str,
    organization: &str,
) -> (String, bool) {
    if let Some(post) = directory.post(member, organization, role) {
        return (post.slug.clone(), false);
    }
    let word = role.to_lowercase().replace('_', "-");
    let slug = directory.slugs.reserve(&format!("{member}-{organization}-{word}"));
    let post = Post {
        slug: slug.clone(),
        member: member.to_owned(),
        organization: organization.to_owned(),
        role: role.to_owned(),
        open: true,
    };
    directory.add_post(post, name);
    (slug, true)
}

/// The maximum number of records that a message names.
const MAX_NAMED: usize = 5;

fn list(slugs: &BTreeSet<String>) -> String {
    let named: Vec<&str> = slugs.iter().take(MAX_NAMED).map(String::as_str).collect();
    match slugs.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
