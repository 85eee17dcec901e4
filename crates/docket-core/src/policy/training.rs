//! `[training]`: post → the courses that somebody must have had before working in it (D-E14).

use std::collections::BTreeMap;

use super::error::PolicyError;
use super::read::{self, Table};

/// The courses that each post asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Training {
    posts: BTreeMap<String, Vec<String>>,
}

impl Training {
    /// The courses for a post; none where the policy does not name it.
    pub fn courses(&self, post: &str) -> &[String] {
        self.posts.get(post).map(Vec::as_slice).unwrap_or_default()
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<Training, PolicyError> {
    let Some(table) = root.opt_table("training")? else { return Ok(Training::default()) };
    let posts = table.entries().map(|(post, courses)| {
        let courses = courses.texts()?;
        read::unique(table.source, "course", &courses)?;
        Ok((post.value.to_owned(), read::own(courses)))
    });
    Ok(Training { posts: posts.collect::<Result<_, PolicyError>>()? })
}
