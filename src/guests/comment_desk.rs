//! What a studio does with the comments of its session, for callers that manage it.

use super::{CommentError, GuestError, Guests};
use crate::{
    domain::{CommentId, CommentState, CommentText, PhotoSessionId},
    store::{Comment, DeskComment, ExportedComment, Newest, StoreError},
};

impl Guests {
    /// Comments that the studio is to look at, the reported ones first; and how many there are of them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn comments_to_look_at(
        &self,
        session: PhotoSessionId,
        most: u32,
    ) -> Result<(Vec<DeskComment>, u64), StoreError> {
        let rows = self.store.comments();
        Ok((rows.to_look_at(session, most).await?, rows.count_to_look_at(session).await?))
    }

    /// Comments that are shown, or those that were declined; the newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn decided_comments(
        &self,
        session: PhotoSessionId,
        is_shown: bool,
        after: Option<Newest<CommentId>>,
        limit: u32,
    ) -> Result<Vec<DeskComment>, StoreError> {
        self.store.comments().decided(session, is_shown, after, limit).await
    }

    /// All comments of a session, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn exported_comments(
        &self,
        session: PhotoSessionId,
    ) -> Result<Vec<ExportedComment>, StoreError> {
        self.store.comments().exported(session).await
    }

    /// Shows comments, declines them, or lets them wait again; those of another session are left alone. Returns how many
    /// there were.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn decide_comments(
        &self,
        session: PhotoSessionId,
        comments: &[CommentId],
        state: CommentState,
    ) -> Result<u64, StoreError> {
        let now = self.sessions.now();
        let (changed, photos) = self.store.comments().decide(session, comments, state, now).await?;
        self.tell_comments(session, photos).await?;
        Ok(changed)
    }

    /// Answers a comment in the studio's name; an empty text takes the answer away.
    ///
    /// # Errors
    /// [`CommentError::Invalid`], [`CommentError::NotFound`], [`GuestError::Store`].
    pub async fn answer_comment(
        &self,
        session: PhotoSessionId,
        id: CommentId,
        text: &str,
    ) -> Result<Comment, GuestError> {
        let text: Option<CommentText> = if text.trim().is_empty() {
            None
        } else {
            Some(text.parse().map_err(|_| CommentError::Invalid)?)
        };
        let (rows, now) = (self.store.comments(), self.sessions.now());
        let answered = rows.answer(session, id, text.as_ref().map(CommentText::as_str), now).await?;
        let answered = answered.ok_or(CommentError::NotFound)?;
        self.tell_comments(session, [answered.photo]).await?;
        Ok(answered)
    }
}
