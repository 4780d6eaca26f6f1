//! How a ticket moves. Pure: what is refused here is refused everywhere.
//!
//! ```text
//!                 desk answers              desk: done
//!  open ──taken──▶ in_progress ──▶ awaiting_reply ──▶ resolved ──▶ closed
//!    ▲                  ▲               │                 │          │
//!    └── put back ──────┴─ author says ─┴──── more ───────┘          │
//!    └───────────────────── reopened ────────────────────────────────┘
//! ```

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{
    Person, Ticket,
    TicketStatus::{self, AwaitingReply, Closed, InProgress, Open, Resolved},
};

/// How long its author may open a closed ticket again; the desk always may.
pub const REOPENED_WITHIN: TimeDelta = TimeDelta::days(30);

/// The side that acts on a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Author,
    Desk,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Only the desk says such a thing.
    #[error("only the desk may set this")]
    NotYours,
    #[error("a ticket does not go from {from} to {to}")]
    Status { from: TicketStatus, to: TicketStatus },
    #[error("the ticket is closed")]
    Closed,
}

/// The ticket after somebody has set its status. To set what is set changes nothing.
pub fn set_status(
    ticket: &Ticket,
    side: Side,
    to: TicketStatus,
    now: DateTime<Utc>,
) -> Result<Ticket, Refused> {
    let from = ticket.status;
    let may = match (side, from) {
        _ if from == to => return Ok(ticket.clone()),
        (Side::Author, _) if !matches!(to, Open | Closed) => return Err(Refused::NotYours),
        (Side::Author, Closed) => ticket.closed_at.is_some_and(|at| now - at <= REOPENED_WITHIN),
        (Side::Author, Resolved) => true,
        (Side::Author, Open | InProgress | AwaitingReply) => to == Closed,
        (Side::Desk, Open | InProgress) => true,
        (Side::Desk, AwaitingReply) => to != Open,
        (Side::Desk, Resolved) => matches!(to, InProgress | Closed),
        (Side::Desk, Closed) => to == InProgress,
    };
    if may { Ok(moved(ticket, to, now)) } else { Err(Refused::Status { from, to }) }
}

/// The ticket after a reply that both sides read.
pub fn reply(ticket: &Ticket, side: Side, now: DateTime<Utc>) -> Result<Ticket, Refused> {
    let to = match (side, ticket.status) {
        (_, Closed) => return Err(Refused::Closed),
        // A last word does not undo what is done.
        (Side::Desk, Resolved) => Resolved,
        (Side::Desk, Open | InProgress | AwaitingReply) => AwaitingReply,
        (Side::Author, AwaitingReply | Resolved) if ticket.assigned_to.is_some() => InProgress,
        (Side::Author, AwaitingReply | Resolved) => Open,
        (Side::Author, unchanged @ (Open | InProgress)) => unchanged,
    };
    Ok(moved(ticket, to, now))
}

/// The ticket after it was given to somebody, or taken from everybody.
pub fn assign(ticket: &Ticket, to: Option<Person>, now: DateTime<Utc>) -> Result<Ticket, Refused> {
    if ticket.status == Closed {
        return Err(Refused::Closed);
    }
    let same = ticket.assigned_to.as_ref().map(|person| person.id) == to.as_ref().map(|person| person.id);
    if same {
        return Ok(ticket.clone());
    }
    let status = match (ticket.status, &to) {
        (Open, Some(_)) => InProgress,
        (InProgress, None) => Open,
        (unchanged, _) => unchanged,
    };
    Ok(Ticket { assigned_to: to, ..moved(ticket, status, now) })
}

fn moved(ticket: &Ticket, status: TicketStatus, now: DateTime<Utc>) -> Ticket {
    Ticket {
        status,
        closed_at: (status == Closed).then(|| ticket.closed_at.unwrap_or(now)),
        // Grows, whatever the clock does: by it a change is known.
        updated_at: now.max(ticket.updated_at + TimeDelta::microseconds(1)),
        ..ticket.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Language, Role, TicketCategory, TicketId, TicketPriority, UserId};

    fn person(role: Role) -> Person {
        Person { id: UserId::generate(), name: "Anna".into(), role }
    }

    fn ticket(status: TicketStatus, now: DateTime<Utc>) -> Ticket {
        Ticket {
            id: TicketId::generate(),
            author: person(Role::Customer),
            subject: "Lost photos".into(),
            message: "Where are they?".into(),
            priority: TicketPriority::Normal,
            category: TicketCategory::General,
            status,
            assigned_to: None,
            language: Language::English,
            closed_at: (status == Closed).then_some(now),
            created_at: now,
            updated_at: now,
            reply_count: 0,
        }
    }

    /// Every status to every status, by both sides: `y` moves, `.` stays, `n` is refused, `d` is the desk's.
    #[test]
    fn the_matrix_of_statuses() {
        let now = Utc::now();
        let matrix = [
            // to:  open, in_progress, awaiting_reply, resolved, closed
            (Side::Desk, [".yyyy", "y.yyy", "ny.yy", "nyn.y", "nynn."]),
            (Side::Author, [".dddy", "n.ddy", "nd.dy", "ydd.y", "yddd."]),
        ];
        for (side, rows) in matrix {
            for (from, row) in TicketStatus::ALL.iter().zip(rows) {
                for (to, expected) in TicketStatus::ALL.iter().zip(row.chars()) {
                    let before = ticket(*from, now);
                    let after = set_status(&before, side, *to, now);
                    let context = format!("{side:?}: {from} to {to}");
                    match expected {
                        'y' => {
                            let after = after.expect(&context);
                            assert_eq!(after.status, *to, "{context}");
                            assert_eq!(after.closed_at.is_some(), *to == Closed, "{context}");
                            assert!(after.updated_at > before.updated_at, "{context}");
                        }
                        '.' => assert_eq!(after, Ok(before), "{context}"),
                        'd' => assert_eq!(after, Err(Refused::NotYours), "{context}"),
                        _ => assert_eq!(after, Err(Refused::Status { from: *from, to: *to }), "{context}"),
                    }
                }
            }
        }
    }

    #[test]
    fn replies_move_a_ticket_to_whose_turn_it_is() {
        let now = Utc::now();
        let cases = [
            (Open, AwaitingReply, Open),
            (InProgress, AwaitingReply, InProgress),
            (AwaitingReply, AwaitingReply, Open),
            (Resolved, Resolved, Open),
        ];
        for (from, by_desk, by_author) in cases {
            let before = ticket(from, now);
            assert_eq!(reply(&before, Side::Desk, now).expect("is open").status, by_desk, "{from}");
            assert_eq!(reply(&before, Side::Author, now).expect("is open").status, by_author, "{from}");
            let taken = Ticket { assigned_to: Some(person(Role::Operator)), ..before };
            let again = reply(&taken, Side::Author, now).expect("is open").status;
            let expected = if by_author == Open && from != Open { InProgress } else { by_author };
            assert_eq!(again, expected, "{from}, somebody has it");
        }
        for side in [Side::Desk, Side::Author] {
            assert_eq!(reply(&ticket(Closed, now), side, now), Err(Refused::Closed));
        }
    }

    #[test]
    fn giving_a_ticket_begins_it_and_taking_it_away_puts_it_back() {
        let now = Utc::now();
        let operator = person(Role::Operator);
        let taken = assign(&ticket(Open, now), Some(operator.clone()), now).expect("is open");
        assert_eq!((taken.status, taken.assigned_to.as_ref()), (InProgress, Some(&operator)));
        assert_eq!(assign(&taken, Some(operator), now), Ok(taken.clone()), "nothing new");
        let back = assign(&taken, None, now).expect("is open");
        assert_eq!((back.status, back.assigned_to), (Open, None));
        for unmoved in [AwaitingReply, Resolved] {
            let given = assign(&ticket(unmoved, now), Some(person(Role::Admin)), now).expect("is open");
            assert_eq!(given.status, unmoved);
        }
        assert_eq!(assign(&ticket(Closed, now), None, now), Err(Refused::Closed));
    }

    #[test]
    fn an_author_opens_a_closed_ticket_for_a_month_and_the_desk_for_ever() {
        let closed = Utc::now();
        let ticket = ticket(Closed, closed);
        let late = closed + REOPENED_WITHIN + TimeDelta::seconds(1);
        assert!(set_status(&ticket, Side::Author, Open, closed + REOPENED_WITHIN).is_ok());
        assert_eq!(
            set_status(&ticket, Side::Author, Open, late),
            Err(Refused::Status { from: Closed, to: Open })
        );
        assert!(set_status(&ticket, Side::Desk, InProgress, late).is_ok());
    }
}
