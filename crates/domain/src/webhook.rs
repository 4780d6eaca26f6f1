//! The events of a session that a studio's other systems receive.

use std::{fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::{PhotoSession, SessionStatus, Words};

/// A change that a webhook can subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SessionEvent {
    /// Guests may search now.
    #[serde(rename = "session.enabled")]
    Enabled,
    #[serde(rename = "session.disabled")]
    Disabled,
    /// The shoot is done.
    #[serde(rename = "session.completed")]
    Completed,
}

impl SessionEvent {
    pub const ALL: [Self; 3] = [Self::Enabled, Self::Disabled, Self::Completed];

    /// The payload as JSON: see docs/API.md.
    #[must_use]
    pub fn payload(self, session: &PhotoSession, now: DateTime<Utc>) -> String {
        serde_json::json!({
            "type": self,
            "timestamp": now.to_rfc3339_opts(SecondsFormat::Micros, false),
            "data": {
                "session_id": session.id,
                "studio_id": session.studio_id,
                "name": session.name,
                "status": session.status,
                "facepass_enabled": session.facepass_enabled(),
            },
        })
        .to_string()
    }
}

impl Words for SessionEvent {
    const NAME: &'static str = "SessionEvent";
    const ALL: &'static [Self] = &Self::ALL;
}

impl fmt::Display for SessionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enabled => "session.enabled",
            Self::Disabled => "session.disabled",
            Self::Completed => "session.completed",
        })
    }
}

impl FromStr for SessionEvent {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|event| event.to_string() == text).ok_or("unknown event")
    }
}

/// The part of a session whose change is an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Announced {
    facepass_enabled: bool,
    completed: bool,
}

impl Announced {
    /// The state before there was a session: one that starts enabled has been enabled.
    pub const NOTHING: Self = Self { facepass_enabled: false, completed: false };

    #[must_use]
    pub fn new(status: &SessionStatus, facepass_enabled: bool) -> Self {
        Self { facepass_enabled, completed: status.is_completed() }
    }

    /// The events between this state and a later one.
    #[must_use]
    pub fn until(self, after: Self) -> Vec<SessionEvent> {
        let mut events = Vec::new();
        match (self.facepass_enabled, after.facepass_enabled) {
            (false, true) => events.push(SessionEvent::Enabled),
            (true, false) => events.push(SessionEvent::Disabled),
            _ => {}
        }
        if after.completed && !self.completed {
            events.push(SessionEvent::Completed);
        }
        events
    }
}

impl From<&PhotoSession> for Announced {
    fn from(session: &PhotoSession) -> Self {
        Self::new(&session.status, session.facepass_enabled())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_and_a_return_is_told_again() {
        let state = |status: &str, enabled| Announced::new(&status.to_owned().into(), enabled);
        let cases: [(Announced, Announced, &[SessionEvent]); 8] = [
            (Announced::NOTHING, state("active", true), &[SessionEvent::Enabled]),
            (Announced::NOTHING, state("created", false), &[]),
            (state("active", true), state("active", true), &[]),
            (state("active", true), state("completed", true), &[SessionEvent::Completed]),
            (state("completed", true), state("COMPLETED", true), &[]),
            (state("completed", true), state("active", true), &[]),
            (state("active", true), state("archived", false), &[SessionEvent::Disabled]),
            (
                state("active", true),
                state("Completed", false),
                &[SessionEvent::Disabled, SessionEvent::Completed],
            ),
        ];
        for (before, after, events) in cases {
            assert_eq!(before.until(after), events, "{before:?} {after:?}");
        }
    }

    #[test]
    fn an_event_reads_as_it_is_written() {
        for event in SessionEvent::ALL {
            assert_eq!(event.to_string().parse(), Ok(event));
            assert_eq!(serde_json::to_value(event).unwrap(), event.to_string());
        }
    }
}
