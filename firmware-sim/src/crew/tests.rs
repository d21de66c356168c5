use super::*;
use crate::commune::{Commune, CommuneSpec};
use crate::fault::Faults;
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};

fn plan(faults: Faults) -> Arc<Plan> {
    let spec = CommuneSpec::sized(120, Date::constant(2026, 11, 20), 14, 3);
    Arc::new(Plan { commune: Commune::generate(&spec), faults })
}

fn busy() -> Crews {
    Crews { points: 10_000, logs: 5_000, looks_inside: 3_000, offline: 3_000, mistakes: 1_000, ..Crews::default() }
}

#[test]
fn the_same_seed_writes_the_same_and_no_id_twice() {
    let plan = plan(Faults::moderate());
    let (one, two) = (writes(&plan, &busy()), writes(&plan, &busy()));
    assert_eq!(one, two);
    assert!(one.len() > 500, "{} writes", one.len());
    let ids: HashSet<Uuid> = one.iter().map(|write| write.id).collect();
    assert_eq!(ids.len(), one.len());
    assert!(one.is_sorted_by_key(|write| write.sent_at_ms));
    assert!(one.iter().all(|write| write.sent_at_ms >= write.at_ms));
}

#[test]
fn a_write_is_read_back_from_the_truth_as_it_was() {
    for write in writes(&plan(Faults::moderate()), &busy()) {
        let line = serde_json::to_string(&crate::truth::TruthLine::CrewWrote(write.clone())).unwrap();
        let crate::truth::TruthLine::CrewWrote(read) = serde_json::from_str(&line).unwrap() else {
            panic!("{line} is another line");
        };
        assert_eq!(read, write);
    }
}

#[test]
fn every_mistake_is_taken_back_after_it_was_sent_and_nothing_else_is() {
    let writes = writes(&plan(Faults::moderate()), &busy());
    let sent: HashMap<Uuid, usize> = writes.iter().enumerate().map(|(place, write)| (write.id, place)).collect();
    let mut voids = 0;
    for (place, write) in writes.iter().enumerate() {
        if let Says::Void { pickup } = &write.says {
            voids += 1;
            let slip = &writes[sent[pickup]];
            assert!(sent[pickup] < place && slip.why == Why::Mistake, "{slip:?} {write:?}");
        }
    }
    let wrong = |write: &&Write| match &write.says {
        Says::Pickup { household, .. } | Says::Finding { household, .. } => write.came.as_ref() != Some(household),
        Says::Round { .. } | Says::Void { .. } => false,
    };
    assert!(voids > 10 && writes.iter().filter(wrong).count() == voids, "{voids} slips");
}

#[test]
fn only_what_is_not_apart_is_called_mixed() {
    let plan = plan(Faults::moderate());
    let truth: HashMap<String, bool> = plan
        .commune
        .households
        .iter()
        .map(|household| (household.code.clone(), household.habit.first.sorts() && household.habit.change.is_none()))
        .collect();
    let mut mixed = 0;
    for write in writes(&plan, &busy()) {
        let is_mixed = match &write.says {
            Says::Pickup { result, .. } => result == "mixed",
            Says::Finding { finding, .. } => finding == "mixed",
            Says::Round { .. } | Says::Void { .. } => false,
        };
        if is_mixed {
            mixed += 1;
            assert!(!truth[write.came.as_ref().unwrap()], "{write:?}");
        }
    }
    assert!(mixed > 10, "{mixed}");
}

#[test]
fn where_no_scale_works_a_weight_is_typed_and_who_is_not_shown_is_named_with_the_reading() {
    let faults = Faults { silent_hamlet_days: 5, ..Faults::moderate() };
    let (mut unweighed, mut unread) = (0, 0);
    for write in writes(&plan(faults), &Crews { types_weight: 0, ..busy() }) {
        let Says::Pickup { result, manual_g, reading, .. } = &write.says else { continue };
        match write.why {
            Why::Unweighed => {
                unweighed += 1;
                assert!(reading.is_none() && (manual_g.is_some() || result == "refused"), "{write:?}");
            }
            Why::Unread | Why::OthersCard => {
                unread += 1;
                assert!(reading.is_some() && manual_g.is_none(), "{write:?}");
            }
            Why::Round | Why::Shown | Why::LookedInside | Why::Mistake | Why::Amends => {}
        }
    }
    assert!(unweighed > 20 && unread > 10, "{unweighed} {unread}");
}

#[cfg(feature = "measure")]
mod posting {
    use super::*;
    use crate::crew::post::{PostError, PostOptions, Posted, post};
    use std::io::{BufRead, BufReader, Read, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    /// The id in the body of a request. `None`: the connection is closed.
    fn asked(stream: &TcpStream) -> Option<String> {
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(given) = line.to_lowercase().strip_prefix("content-length:") {
                length = given.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body: Value = serde_json::from_slice(&body).unwrap();
        Some(body["id"].as_str().unwrap().to_owned())
    }

    /// Posts to a service that answers each connection by a script: a status, or nothing.
    fn posted(script: &'static [Option<(u16, &'static str)>], writes: &[Write]) -> Result<Posted, PostError> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let service = std::thread::spawn(move || {
            for answer in script {
                let (mut stream, _) = listener.accept().unwrap();
                let id = asked(&stream).unwrap();
                if let Some((status, recorded)) = answer {
                    let body = format!("{{\"id\": \"{id}\", \"recorded_at\": \"{recorded}\", \"by\": \"to1\"}}");
                    let length = body.len();
                    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
                    stream.write_all((head + &body).as_bytes()).unwrap();
                }
            }
        });
        let mut options = PostOptions::new(format!("http://{address}"), "token", i64::MAX);
        options.first_pause = Duration::from_millis(1);
        options.tries = 4;
        let posted = post(writes, &options, |_| {});
        service.join().unwrap();
        posted
    }

    fn one(times: u32) -> Vec<Write> {
        let mut one = writes(&plan(Faults::none()), &busy()).swap_remove(0);
        one.times = times;
        vec![one]
    }

    #[test]
    fn what_breaks_on_the_way_is_sent_again_until_there_is_a_receipt() {
        let told = posted(&[None, Some((503, "")), Some((201, "a"))], &one(1)).unwrap();
        assert_eq!((told.created, told.tried_again, told.done), (1, 2, 1));
    }

    #[test]
    fn a_lost_answer_is_asked_for_again_and_must_be_the_same_receipt() {
        let told = posted(&[Some((201, "a")), Some((200, "a"))], &one(2)).unwrap();
        assert_eq!((told.created, told.repeated), (1, 1));
        let error = posted(&[Some((201, "a")), Some((201, "b"))], &one(2)).unwrap_err();
        assert!(error.to_string().contains("counts twice"), "{error}");
    }

    #[test]
    fn what_is_refused_is_told_and_not_sent_again() {
        let told = posted(&[Some((422, "unknown household"))], &one(2)).unwrap();
        assert_eq!((told.refused, told.tried_again), (1, 0));
        assert!(told.reasons[0].contains("unknown household"));
        assert!(matches!(posted(&[Some((401, ""))], &one(1)), Err(PostError::NotAllowed { status: 401, .. })));
    }
}
