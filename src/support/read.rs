//! Reading tickets, as far as a viewer may.

use chrono::{DateTime, Utc};
use futures::{Stream, stream};

use super::{Shown, Support, SupportError, Viewer, rules};
use crate::{
    domain::{Attachment, Person, Ticket, TicketId, TicketSight, TicketStatus},
    events::{Event, OnBehalfOf, Seen, TooManyWatchers, Topic, Watch},
    store::{StoreError, TicketCursor, TicketFilter},
};

impl Support {
    /// The viewer's tickets, the latest changed first, each with what came with it; `after` is the last one of
    /// the page before.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn list(
        &self,
        viewer: &Viewer,
        filter: &TicketFilter,
        after: Option<TicketCursor>,
        limit: u32,
    ) -> Result<Vec<(Ticket, Vec<Attachment>)>, StoreError> {
        let found = self.store.tickets().list(&viewer.sight(), filter, after, limit).await?;
        let ids: Vec<TicketId> = found.iter().map(|ticket| ticket.id).collect();
        // The tickets' own files, not the replies': whose notes these are does not matter then.
        let mut files = self.store.tickets().attachments(&ids, false).await?;
        files.retain(|(_, file)| file.reply.is_none());
        let with_files = |ticket: Ticket| {
            let of_it = files.iter().filter(|(id, _)| *id == ticket.id).map(|(_, file)| file.clone());
            let of_it = of_it.collect();
            (ticket, of_it)
        };
        Ok(found.into_iter().map(with_files).collect())
    }

    /// A ticket with what was said and sent in it, as far as the viewer may read.
    ///
    /// # Errors
    /// `NotFound`, `StoreError`
    pub async fn show(&self, viewer: &Viewer, id: TicketId) -> Result<Shown, SupportError> {
        let desk = viewer.sight().is_desk();
        let ticket = self.find(viewer, id).await?;
        let replies = self.store.tickets().replies(id, desk).await?;
        let attachments = self.store.tickets().attachments(&[id], desk).await?;
        let attachments = attachments.into_iter().map(|(_, file)| file).collect();
        Ok(Shown { ticket, replies, attachments })
    }

    /// The statuses to which the viewer may set the ticket now.
    #[must_use]
    pub fn next_statuses(viewer: &Viewer, ticket: &Ticket, now: DateTime<Utc>) -> Vec<TicketStatus> {
        let moves = |to: &TicketStatus| {
            *to != ticket.status && rules::set_status(ticket, viewer.side(), *to, now).is_ok()
        };
        TicketStatus::ALL.iter().copied().filter(moves).collect()
    }

    /// To whom the viewer may give a ticket.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn assignees(&self, viewer: &Viewer) -> Result<Vec<Person>, StoreError> {
        let people = match viewer.sight() {
            TicketSight::All => self.store.tickets().desk(None, (self.clock)()).await?,
            TicketSight::Studios { studios, .. } => {
                self.store.tickets().desk(Some(&studios), (self.clock)()).await?
            }
            TicketSight::Author(_) => Vec::new(),
        };
        Ok(people.into_iter().map(|user| Person { id: user.id, name: user.name, role: user.role }).collect())
    }

    /// The changes of the viewer's tickets (or of one, `only`) from now on. `None` stands for any of them:
    /// some changes were missed. What the viewer may not read is no change.
    ///
    /// # Errors
    /// [`TooManyWatchers`].
    pub fn watch(
        &self,
        viewer: &Viewer,
        only: Option<TicketId>,
    ) -> Result<impl Stream<Item = Option<TicketId>> + Send + use<>, TooManyWatchers> {
        let sight = viewer.sight();
        let topic = if sight.is_desk() { Topic::TicketDesk } else { Topic::TicketsOf(viewer.user) };
        let (support, watch) =
            (self.clone(), self.events.watch_for(OnBehalfOf::Account(viewer.user), topic)?);
        let state = (support, sight, watch);
        Ok(stream::unfold(state, move |(support, sight, mut watch)| async move {
            let told = support.next_change(&sight, &mut watch, only).await?;
            Some((told, (support, sight, watch)))
        }))
    }

    /// `None` when the service is stopping.
    async fn next_change(
        &self,
        sight: &TicketSight,
        watch: &mut Watch,
        only: Option<TicketId>,
    ) -> Option<Option<TicketId>> {
        loop {
            match watch.next().await? {
                Seen::Missed => return Some(None),
                Seen::Event(Event::Ticket(id))
                    if only.is_none_or(|only| only == id) && self.takes_in(sight, id).await =>
                {
                    return Some(Some(id));
                }
                Seen::Event(_) => {}
            }
        }
    }

    /// Whether a ticket that the desk was told of is one of this viewer's.
    async fn takes_in(&self, sight: &TicketSight, id: TicketId) -> bool {
        match sight {
            TicketSight::All | TicketSight::Author(_) => true,
            TicketSight::Studios { .. } => matches!(self.store.tickets().get(id, sight).await, Ok(Some(_))),
        }
    }
}
