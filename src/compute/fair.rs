//! The waiting room of the interactive lane: start-time fair queueing (Goyal, Vin, Cheng 1996) over two levels.
//!
//! Groups (for us photo sessions) take turns by the time that they have used, and within a group its members (for us
//! addresses). Whoever comes after a while starts beside those who are there: what they did not use is no credit, and
//! what they used long ago is no debt.

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    time::Instant,
};

/// Groups and members are remembered until there are so many; then those who do not wait are forgotten.
const REMEMBERED: usize = 1024;

/// For whom a piece of work is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Asker {
    group: u64,
    member: u64,
}

impl Asker {
    /// Any two values that name the group, and the member within it.
    #[must_use]
    pub fn new(group: impl Hash, member: impl Hash) -> Self {
        let key = |value: &dyn Fn(&mut DefaultHasher)| {
            let mut hasher = DefaultHasher::new();
            value(&mut hasher);
            hasher.finish()
        };
        Self { group: key(&|hasher| group.hash(hasher)), member: key(&|hasher| member.hash(hasher)) }
    }
}

/// Something that waits.
pub(super) struct Entry<T> {
    pub(super) id: u64,
    pub(super) asker: Asker,
    /// How long it will probably take.
    pub(super) seconds: f64,
    pub(super) expires: Instant,
    pub(super) task: T,
}

#[derive(Default)]
struct Group {
    /// Seconds that the group has used, on the scale of [`Fair::now`].
    used: f64,
    /// The same scale, among its members.
    now: f64,
    members: HashMap<u64, f64>,
}

pub(super) struct Fair<T> {
    /// In the order of arrival.
    waiting: VecDeque<Entry<T>>,
    groups: HashMap<u64, Group>,
    /// How far the group that was served last had come.
    now: f64,
}

impl<T> Default for Fair<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), groups: HashMap::new(), now: 0.0 }
    }
}

impl<T> Fair<T> {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Seconds of what would be served before a piece of work of `own` seconds that came now.
    pub(super) fn ahead_of(&self, asker: Asker, own: f64) -> f64 {
        let mut groups: HashMap<u64, f64> = HashMap::new();
        let mut members: HashMap<u64, f64> = HashMap::new();
        for entry in &self.waiting {
            *groups.entry(entry.asker.group).or_default() += entry.seconds;
            if entry.asker.group == asker.group {
                *members.entry(entry.asker.member).or_default() += entry.seconds;
            }
        }
        let up_to = |others: &HashMap<u64, f64>, me: u64, seconds: f64| -> f64 {
            others.iter().filter(|(key, _)| **key != me).map(|(_, theirs)| theirs.min(seconds)).sum()
        };
        let mine = members.get(&asker.member).copied().unwrap_or_default();
        let in_group = mine + up_to(&members, asker.member, mine + own);
        in_group + up_to(&groups, asker.group, in_group + own)
    }

    pub(super) fn enter(&mut self, entry: Entry<T>) {
        let Asker { group, member } = entry.asker;
        if self.groups.len() > REMEMBERED {
            let waiting = &self.waiting;
            self.groups
                .retain(|key, _| *key == group || waiting.iter().any(|entry| entry.asker.group == *key));
        }
        let state = self.groups.entry(group).or_default();
        state.used = state.used.max(self.now);
        if state.members.len() > REMEMBERED {
            let waiting = &self.waiting;
            state
                .members
                .retain(|key, _| waiting.iter().any(|entry| entry.asker == Asker { group, member: *key }));
        }
        let now = state.now;
        let used = state.members.entry(member).or_default();
        *used = used.max(now);
        self.waiting.push_back(entry);
    }

    /// Takes out what is served next, and charges it to its asker.
    pub(super) fn next(&mut self) -> Option<Entry<T>> {
        let used = |entry: &Entry<T>| {
            let group = self.groups.get(&entry.asker.group);
            let member = group.and_then(|group| group.members.get(&entry.asker.member));
            (group.map_or(0.0, |group| group.used), member.copied().unwrap_or_default())
        };
        let (at, _) = self.waiting.iter().enumerate().min_by(|(_, a), (_, b)| {
            let ((a_group, a_member), (b_group, b_member)) = (used(a), used(b));
            // Two groups that have used the same are served one after the other, not mixed by their members.
            let by_group = a_group.total_cmp(&b_group).then(a.asker.group.cmp(&b.asker.group));
            by_group.then(a_member.total_cmp(&b_member))
        })?;
        let entry = self.waiting.remove(at)?;
        if let Some(group) = self.groups.get_mut(&entry.asker.group) {
            self.now = self.now.max(group.used);
            group.now = group.now.max(group.members.get(&entry.asker.member).copied().unwrap_or_default());
        }
        self.charge(entry.asker, entry.seconds);
        Some(entry)
    }

    /// Corrects what was charged, once it is known: `seconds` more, or less where it is below zero.
    pub(super) fn charge(&mut self, asker: Asker, seconds: f64) {
        if let Some(group) = self.groups.get_mut(&asker.group) {
            group.used += seconds;
            *group.members.entry(asker.member).or_default() += seconds;
        }
    }

    /// Takes out what nobody waits for any more.
    pub(super) fn remove(&mut self, id: u64) -> Option<Entry<T>> {
        let at = self.waiting.iter().position(|entry| entry.id == id)?;
        self.waiting.remove(at)
    }

    /// Takes out the newest of whoever has most waiting, if that is more than `asker` has: it would be served last.
    pub(super) fn displace(&mut self, asker: Asker) -> Option<Entry<T>> {
        let mut counts: HashMap<Asker, usize> = HashMap::new();
        for entry in &self.waiting {
            *counts.entry(entry.asker).or_default() += 1;
        }
        let (greedy, most) = counts.iter().max_by_key(|(_, count)| **count)?;
        if *most <= counts.get(&asker).copied().unwrap_or_default() + 1 {
            return None;
        }
        let at = self.waiting.iter().rposition(|entry| entry.asker == *greedy)?;
        self.waiting.remove(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Room {
        fair: Fair<&'static str>,
        arrived: u64,
    }

    impl Room {
        fn new() -> Self {
            Self { fair: Fair::default(), arrived: 0 }
        }

        fn enter(&mut self, group: &'static str, member: &'static str) {
            self.arrived += 1;
            let asker = Asker::new(group, member);
            let entry =
                Entry { id: self.arrived, asker, seconds: 1.0, expires: Instant::now(), task: member };
            self.fair.enter(entry);
        }

        fn serve(&mut self, many: usize) -> Vec<&'static str> {
            (0..many).filter_map(|_| self.fair.next()).map(|entry| entry.task).collect()
        }
    }

    #[test]
    fn one_address_with_many_requests_does_not_keep_the_others_waiting() {
        let mut room = Room::new();
        (0..24).for_each(|_| room.enter("wedding", "crowd"));
        assert_eq!(room.serve(2), ["crowd", "crowd"]);
        room.enter("wedding", "guest");
        room.enter("wedding", "other guest");
        let next = room.serve(3);
        assert!(next.contains(&"guest") && next.contains(&"other guest"), "{next:?}");
    }

    #[test]
    fn sessions_share_alike_however_many_addresses_each_has() {
        let mut room = Room::new();
        for address in ["a", "b", "c", "d", "e", "f"] {
            (0..4).for_each(|_| room.enter("marathon", address));
        }
        (0..8).for_each(|_| room.enter("birthday", "home"));
        let served = room.serve(8);
        assert_eq!(served.iter().filter(|name| **name == "home").count(), 4, "{served:?}");
    }

    #[test]
    fn who_comes_back_has_neither_credit_nor_debt() {
        let mut room = Room::new();
        (0..50).for_each(|_| room.enter("early", "early"));
        room.serve(50);
        // Twenty of each: the newcomer must not be served alone until it has used as much.
        (0..20).for_each(|_| room.enter("early", "early"));
        (0..20).for_each(|_| room.enter("late", "late"));
        let served = room.serve(10);
        let late = served.iter().filter(|name| **name == "late").count();
        assert!((4..=6).contains(&late), "{served:?}");
    }

    #[test]
    fn what_is_ahead_is_counted_by_turns() {
        let mut room = Room::new();
        (0..24).for_each(|_| room.enter("wedding", "crowd"));
        let ahead = |room: &Room, group, member| room.fair.ahead_of(Asker::new(group, member), 1.0);
        assert!((ahead(&room, "wedding", "crowd") - 24.0).abs() < 1e-9);
        assert!((ahead(&room, "wedding", "guest") - 1.0).abs() < 1e-9, "one turn of the crowd's");
        assert!((ahead(&room, "birthday", "home") - 1.0).abs() < 1e-9);
    }

    #[test]
    fn whoever_has_most_waiting_makes_room() {
        let mut room = Room::new();
        (0..3).for_each(|_| room.enter("wedding", "crowd"));
        room.enter("wedding", "guest");
        assert!(room.fair.displace(Asker::new("wedding", "crowd")).is_none());
        let displaced = room.fair.displace(Asker::new("wedding", "other guest"));
        assert_eq!(displaced.map(|entry| entry.id), Some(3));
        assert_eq!(room.fair.remove(4).map(|entry| entry.task), Some("guest"));
        assert_eq!(room.fair.len(), 2);
    }
}
