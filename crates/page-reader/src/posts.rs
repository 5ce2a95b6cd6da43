//! A page with the statements of its sidebar and the holders of the listed posts.

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

/// A page and its interpretation.
pub struct InterpretedPage {
    pub page: Page,
    pub sidebar: Sidebar,
    pub heading: Heading,
    /// Delegations and allocations that the graph does not have, in the order of the page.
    pub new: Vec<NewRecord>,
    pub posts: Vec<ListedPost>,
    pub remarks: Vec<String>,
}

/// A post that a sidebar lists, with its holder.
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
    /// Interprets a page. Adds its new records to the directory, for the following pages.
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

    /// Finds the holders of the posts. Adds new members to the directory, for the following pages.
    pub fn resolve_posts(&mut self, directory: &mut Directory, people: &mut People) {
        // The line, name and member of the last post: all posts of a line have one holder.
        let mut last: Option<(usize, String, String)> = None;
        for LineStatement { line, statement } in &self.sidebar.statements {
            let Statement::Post { name, role, organization, title, behalf } = statement else {
                continue;
            };
            let last_holder = last.take().filter(|last| last.0 == *line && last.1 == *name);
            let holder = directory.holder(name, organization, role).map(str::to_owned);
            let result = match holder.or(last_holder.map(|(.., member)| member)) {
                Some(member) => Ok((member, false)),
                None => find_member(directory, people, name, organization, &mut self.remarks),
            };
            match result {
                Ok((member, is_new_member)) => {
                    people.add(&member, name, organization);
                    let (membership, is_new_membership) =
                        find_membership(directory, &member, name, role, organization);
                    last = Some((*line, name.clone(), member.clone()));
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

    /// Adds the records that the sidebar refers to, including those it does not mention by name.
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
        // The name of a resolved holder is not ambiguous on the line of the post.
        for post in &self.posts {
            let ambiguous = mentions.ambiguous.iter_mut();
            for name in ambiguous.filter(|name| name.slugs.contains(&post.member)) {
                name.lines.remove(&post.line);
            }
        }
        mentions.ambiguous.retain(|name| !name.lines.is_empty());
    }
}

/// Returns the slug of the holder of a post, and whether the member is new: the only affiliated member
/// with the name, otherwise a new one.
fn find_member(
    directory: &mut Directory,
    people: &People,
    name: &str,
    organization: &str,
    remarks: &mut Vec<String>,
) -> Result<(String, bool), String> {
    let has_initial = word::words(name).iter().any(|word| word.plain.len() == 1);
    let Candidates { affiliated, unaffiliated } =
        people.candidates(name, directory, organization, has_initial);
    match (affiliated.len(), affiliated.first()) {
        (1, Some(slug)) => return Ok((slug.clone(), false)),
        (0, _) => {}
        _ => return Err(format!("`{name}` is ambiguous: {}", list(&affiliated))),
    }
    if has_initial {
        return Err(format!("`{name}` has only an initial, and no holder of the post matches it"));
    }
    if !unaffiliated.is_empty() {
        let slugs = list(&unaffiliated);
        remarks.push(format!(
            "added a new member {name}: members with this name are not affiliated with the \
             assembly or the parliament ({slugs})"
        ));
    }
    let slug = directory.slugs.reserve(&fold::slug(name));
    directory.add_name(Kind::Member, &slug, name);
    Ok((slug, true))
}

/// Returns the slug of the membership of a holder in a post, and whether it is new.
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
    let role_slug = role.to_lowercase().replace('_', "-");
    let slug = directory.slugs.reserve(&format!("{member}-{organization}-{role_slug}"));
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

/// The maximum number of listed slugs in a message.
const MAX_SLUGS: usize = 5;

fn list(slugs: &BTreeSet<String>) -> String {
    let listed: Vec<&str> = slugs.iter().take(MAX_SLUGS).map(String::as_str).collect();
    match slugs.len() - listed.len() {
        0 => listed.join(", "),
        more => format!("{} and {more} more", listed.join(", ")),
    }
}
