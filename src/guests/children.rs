//! Children whom a selfie finds only with a guardian's yes, where the session asks for one.
//!
//! Who is a child is what the photographer has marked; nobody's age is guessed. Every answer that is made of a selfie goes
//! through [`Guests::with_guardian`]: the search, the return to it, and what an open page is told of new photos.

use crate::{
    domain::{ConsentId, PhotoSessionId},
    search::{Followed, Match, SearchError},
    store::{ChildFaces, StoreError},
};

use super::Guests;

impl Guests {
    /// Leaves out of what was found, surely and perhaps, what shows a child whose guardian has not said yes.
    pub(super) async fn with_guardian(
        &self,
        session: PhotoSessionId,
        consent: Option<ConsentId>,
        sure: Vec<Match>,
        perhaps: Vec<Match>,
    ) -> Result<(Vec<Match>, Vec<Match>), StoreError> {
        let photos: Vec<_> = sure.iter().chain(&perhaps).map(|found| found.photo.id).collect();
        let Some(children) = self.store.people().children_in(session, &photos).await? else {
            return Ok((sure, perhaps));
        };
        if let Some(consent) = consent
            && self.agreed.has_guardian(consent).await?
        {
            return Ok((sure, perhaps));
        }
        if shows_child(if sure.is_empty() { &perhaps } else { &sure }, &children) {
            return Ok((Vec::new(), Vec::new()));
        }
        let keep = |found: Vec<Match>| found.into_iter().filter(|found| may_show(found, &children)).collect();
        Ok((keep(sure), keep(perhaps)))
    }

    /// Searches again with the probes of an earlier search, and shows what that guest may see.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn again(&self, followed: &Followed) -> Result<Vec<Match>, SearchError> {
        let found = self.search.again(followed).await?;
        let consent = Some(followed.consent);
        Ok(self.with_guardian(followed.session, consent, found, Vec::new()).await?.0)
    }
}

/// Whether the matched face is a child's.
fn is_child(found: &Match, children: &ChildFaces) -> bool {
    let faces = children.faces.get(&found.photo.id);
    faces.is_some_and(|faces| faces.iter().any(|face| face.is_same_face(&found.rect)))
}

/// A photo that nobody has been found in yet may show a child.
fn may_show(found: &Match, children: &ChildFaces) -> bool {
    !children.unseen.contains(&found.photo.id) && !is_child(found, children)
}

/// Whether the selfie is a child's: the best match is one, or half of them are. Then nothing of what was found is shown,
/// because the rest of it may be the same child, who was put to several people.
fn shows_child(found: &[Match], children: &ChildFaces) -> bool {
    let of_child = found.iter().filter(|found| is_child(found, children)).count();
    found.first().is_some_and(|best| is_child(best, children))
        || (of_child > 0 && of_child * 2 >= found.len())
}
