//! Updates on their way in: asked for (long polling) or sent to us (webhook), written down, then acknowledged.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    Bot,
    api::ApiFault,
    wire::{self, Update},
};
use crate::{chats::StoreError, domain::BackOff};

const LONGEST_WAIT: Duration = Duration::from_secs(60);
const BACK_OFF: BackOff = BackOff::doubling(Duration::from_secs(2), LONGEST_WAIT);
/// Between two questions, if the first was answered at once and with nothing: a Bot API that does not hold
/// questions open must not be asked a thousand times a second.
const BREATH: Duration = Duration::from_millis(500);
/// After a week without updates Telegram numbers the next one anew, perhaps lower.
const SAME_NUMBERS: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// Writes down what an update says.
async fn keep(bot: &Arc<Bot>, updates: Vec<Update>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for Update { id, received, button } in updates {
        if let Some(button) = button {
            let bot = Arc::clone(bot);
            // Only the clock on the button; nothing hangs on it.
            tokio::spawn(async move { bot.api.pressed(button).await });
        }
        if let Some((chat, received)) = received {
            let payload = serde_json::to_string(&received).map_err(|e| StoreError::Corrupt(e.to_string()))?;
            rows.push((id, chat, payload));
        }
    }
    if !rows.is_empty() {
        bot.chats.receive(&rows, now).await?;
        bot.received.notify_one();
    }
    Ok(())
}

/// Takes in one update as the webhook brings it. What is no update is passed over: it would come for ever.
pub(super) async fn take(bot: &Arc<Bot>, body: &[u8], now: DateTime<Utc>) -> Result<(), StoreError> {
    let update = serde_json::from_slice::<Value>(body).ok().and_then(wire::read);
    keep(bot, update.into_iter().collect(), now).await
}

/// Asks for the bot's name until there is an answer, and makes it known. What is wrong is told once, by the node
/// that listens.
pub(super) async fn introduce(bot: &Arc<Bot>) {
    loop {
        match bot.api.name().await {
            Ok(name) => return bot.met(name),
            Err(fault) => tracing::debug!("{fault}"),
        }
        sleep(LONGEST_WAIT / 4).await;
    }
}

/// Makes the bot known, then listens for ever.
pub(super) async fn listen(bot: &Arc<Bot>) {
    let mut trouble = Trouble::default();
    loop {
        let known = async {
            let name = bot.api.name().await?;
            let url = format!("{}/api/telegram/webhook", bot.addresses.installation());
            bot.api.listen_at(bot.webhook.then_some(&*url)).await?;
            Ok::<_, ApiFault>(name)
        };
        match known.await {
            Ok(name) => {
                tracing::info!(bot = name, webhook = bot.webhook, "the Telegram bot listens");
                bot.met(name);
                break;
            }
            Err(fault) => sleep(trouble.wait(&fault)).await,
        }
    }
    if !bot.webhook {
        poll(bot).await;
    }
}

async fn poll(bot: &Arc<Bot>) {
    let mut trouble = Trouble::default();
    // An update that was stored but not acknowledged comes again, and is known by its number.
    let mut offset = match bot.chats.last_update(bot.now()).await {
        Ok(last) => last.map(|last| last + 1),
        Err(error) => {
            tracing::warn!(%error, "the last update is not known; Telegram will say");
            None
        }
    };
    let mut received = Instant::now();
    loop {
        let asked = Instant::now();
        if received.elapsed() > SAME_NUMBERS {
            offset = None;
        }
        let updates = match bot.api.updates(offset).await {
            Ok(updates) => updates,
            Err(fault) => {
                sleep(trouble.wait(&fault)).await;
                continue;
            }
        };
        trouble.over();
        let updates: Vec<Update> = updates.into_iter().filter_map(wire::read).collect();
        let next = updates.iter().map(|update| update.id + 1).max();
        match next {
            Some(_) => received = Instant::now(),
            None if asked.elapsed() < BREATH => sleep(BREATH).await,
            None => {}
        }
        // Only now does Telegram learn that they have come.
        match keep(bot, updates, bot.now()).await {
            Ok(()) => offset = next.or(offset),
            Err(error) => {
                tracing::warn!(%error, "updates cannot be written down now; Telegram keeps them");
                sleep(LONGEST_WAIT / 12).await;
            }
        }
    }
}

/// Waits longer and longer, and says each kind of trouble once.
#[derive(Default)]
struct Trouble {
    failures: u32,
    warned: Option<std::mem::Discriminant<ApiFault>>,
}

impl Trouble {
    fn wait(&mut self, fault: &ApiFault) -> Duration {
        let kind = std::mem::discriminant(fault);
        if self.warned.replace(kind) != Some(kind) {
            match fault {
                ApiFault::Token => tracing::error!("{fault}"),
                _ => tracing::warn!("{fault}; the bot tries again"),
            }
        }
        self.failures += 1;
        match fault {
            ApiFault::Wait(wait) => *wait,
            ApiFault::Token | ApiFault::Refused(_) => LONGEST_WAIT,
            _ => BACK_OFF.wait(self.failures),
        }
    }

    fn over(&mut self) {
        if std::mem::take(self).failures > 0 {
            tracing::info!("Telegram answers again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_to_a_minute_and_a_request_to_wait_is_followed() {
        let mut trouble = Trouble::default();
        let away = ApiFault::Away("no route".into());
        let waits: Vec<u64> = (0..8).map(|_| trouble.wait(&away).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(trouble.wait(&ApiFault::Wait(Duration::from_secs(77))).as_secs(), 77);
        trouble.over();
        assert_eq!(trouble.wait(&away).as_secs(), 2);
    }
}
