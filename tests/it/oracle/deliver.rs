//! Numbers events as devices do, and has them arrive as networks do: late, twice, out of order.

use std::collections::BTreeMap;

use super::generate::Draft;
use super::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use super::world::{Event, EventKey};

/// Gives every raw event its log, boot and number, in capture order.
pub fn number(draft: &mut Draft) {
    let mut raws = std::mem::take(&mut draft.raws);
    raws.sort_by_key(|raw| raw.time_ms);
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    for raw in raws {
        if !lives.contains_key(&raw.device) {
            lives.insert(raw.device.clone(), Life::new(draft));
        }
        let life = lives.get_mut(&raw.device).expect("just inserted");
        life.live_until(raw.time_ms);
        life.seq += 1;
        draft.world.events.push(Event {
            key: EventKey { device: raw.device, log: life.log.clone(), seq: life.seq },
            boot: life.boot,
            ms: raw.time_ms - life.booted_ms,
            at_ms: Some(raw.time_ms),
            clock: "synced".to_owned(),
            body: raw.body,
        });
    }
    lose(draft);
}

/// In some worlds an event never arrives, now and then; the first of its log always does.
fn lose(draft: &mut Draft) {
    if !draft.random.chance(40) {
        return;
    }
    let mut kept = Vec::new();
    for event in std::mem::take(&mut draft.world.events) {
        if event.key.seq == 1 || !draft.random.chance(1) {
            kept.push(event);
        }
    }
    draft.world.events = kept;
}

/// Where a device is in its numbering.
struct Life {
    log: String,
    seq: u64,
    boot: u32,
    booted_ms: i64,
    restarts_ms: Option<i64>,
    replaced_ms: Option<i64>,
}

impl Life {
    fn new(draft: &mut Draft) -> Life {
        // Hours at which no round runs.
        let restart_day = draft.some_day();
        let replacement_day = draft.some_day();
        let restarts_ms = draft.random.chance(40).then(|| restart_day.start_ms() + 14 * HOUR_MS);
        let replaced_ms = draft.random.chance(15).then(|| replacement_day.start_ms() + 15 * HOUR_MS);
        let booted_ms = draft.world.from.start_ms() - draft.random.between(1, 40) * HOUR_MS;
        Life { log: "0a11ce01".to_owned(), seq: 0, boot: 1, booted_ms, restarts_ms, replaced_ms }
    }

    fn live_until(&mut self, time_ms: i64) {
        if let Some(restart_ms) = self.restarts_ms.take_if(|restart_ms| *restart_ms <= time_ms) {
            self.boot += 1;
            self.booted_ms = restart_ms;
        }
        if let Some(replaced_ms) = self.replaced_ms.take_if(|replaced_ms| *replaced_ms <= time_ms) {
            (self.log, self.seq, self.boot, self.booted_ms) = ("0a11ce02".to_owned(), 0, 1, replaced_ms);
            self.restarts_ms = None;
        }
    }
}

/// Puts `events` in arrival order.
pub fn shuffle_arrival(draft: &mut Draft) {
    let mut by_device: BTreeMap<(String, String, u32), Vec<Event>> = BTreeMap::new();
    for event in std::mem::take(&mut draft.world.events) {
        let key = (event.key.device.clone(), event.key.log.clone(), event.boot);
        by_device.entry(key).or_default().push(event);
    }
    let mut batches: Vec<(i64, Vec<Event>)> = Vec::new();
    for events in by_device.into_values() {
        let mut rest = events.as_slice();
        while !rest.is_empty() {
            let size = draft.random.place(60) + 1;
            let (batch, after) = rest.split_at(size.min(rest.len()));
            let mut batch = batch.to_vec();
            rest = after;
            let sent_ms = batch.last().and_then(Event::time_ms).expect("a batch has events with times");
            if draft.random.chance(10) {
                let from = draft.random.place(batch.len());
                batches.push((sent_ms + delay_ms(draft), batch[from..].to_vec()));
            }
            if draft.random.chance(8) {
                draft.random.shuffle(&mut batch);
            }
            batches.push((sent_ms + delay_ms(draft), batch));
        }
    }
    batches.sort_by_key(|(arrives_ms, _)| *arrives_ms);
    draft.world.events = batches.into_iter().flat_map(|(_, events)| events).collect();
}

fn delay_ms(draft: &mut Draft) -> i64 {
    let unit_ms = match draft.random.between(0, 19) {
        0 => 20 * DAY_MS,
        1 | 2 => 2 * DAY_MS,
        3 | 4 => 30 * MINUTE_MS,
        _ => 2 * SECOND_MS,
    };
    draft.random.between(0, unit_ms)
}
