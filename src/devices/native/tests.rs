//! What the native profile takes and what it refuses, with the exact words.

use proptest::prelude::*;

use super::members::MAX_WHOLE;
use super::*;
use crate::domain::ids::StreamCode;
use crate::domain::reading::{ClockState, Event, Range, Weight};

const RECEIVED: Instant = Instant::from_ms(1_795_400_740_000);

fn decode(payload: &[u8]) -> Result<Decoded, Rejection> {
    let streams: Vec<StreamCode> = ["food", "recyclable", "other"].map(StreamCode::from).to_vec();
    decode_events(&"s-1".into(), payload, RECEIVED, &Accepts { streams: &streams, simulated: false })
}

fn envelope(events: &str) -> String {
    format!(r#"{{"log":"9f1c22ab","boot":7,"sent_ms":86412345,"events":[{events}]}}"#)
}

fn event(members: &str) -> String {
    format!(r#"{{"seq":5,"ms":1,"clock":"unset",{members}}}"#)
}

/// Decodes one event and gives the words of its refusal.
fn refusal(members: &str) -> (&'static str, String) {
    let decoded = decode(envelope(&event(members)).as_bytes()).unwrap();
    let rejection = &decoded.refused.first().unwrap_or_else(|| panic!("taken: {members}")).rejection;
    (rejection.code(), rejection.to_string())
}

const PUBLISHED: &str = r#"{"log":"9F1C22AB","boot":7,"sent_ms":86412345,"simulated":false,"events":[
  {"seq":1042,"boot":7,"ms":86410000,"at":"2026-11-23T18:05:31.250+07:00","clock":"synced","type":"tag","uid":"04:a2-24b2C15F80","tech":"hf"},
  {"seq":1043,"boot":6,"ms":86414000,"at":1795400735250,"clock":"holdover","type":"weight","gross_g":3420,"stable":true,"load":118,"stream":"food","z":{"b":1,"a":[null]},"n":null,"a":1.5}]}"#;

#[test]
fn the_published_example_decodes() {
    let decoded = decode(PUBLISHED.as_bytes()).unwrap();
    assert_eq!(decoded.refused, []);
    let [tag, weight] = &decoded.readings[..] else { panic!("two readings") };
    assert_eq!(tag.id, EventId { device: "s-1".into(), log: "9f1c22ab".into(), seq: 1042 });
    assert_eq!(tag.at.unwrap().timestamp().to_string(), "2026-11-23T11:05:31.25Z");
    assert_eq!((tag.clock, tag.boot, tag.ms, tag.sent_ms), (ClockState::Synced, 7, 86_410_000, Some(86_412_345)));
    assert!(matches!(&tag.event, Event::Tag { uid, .. } if uid.as_str() == "04A224B2C15F80"));
    assert_eq!(weight.sent_ms, None, "the uptime of another boot says nothing");
    assert_eq!(weight.extra, r#"{"a":1.5,"z":{"a":[null],"b":1}}"#);
    assert!(matches!(&weight.event, Event::Weight(w) if w.tare_g == 0 && w.gross_g == 3420 && !w.maintenance));
}

#[test]
fn an_event_that_cannot_be_parsed_costs_only_itself() {
    let good = |seq: i64| format!(r#"{{"seq":{seq},"ms":1,"clock":"unset","type":"heartbeat"}}"#);
    for broken in [r#""gross_g":1e400"#, r#""note":"\ud800""#] {
        let broken = format!(r#"{{"seq":2,"ms":1,"clock":"unset","type":"weight",{broken}}}"#);
        let decoded = decode(envelope(&[good(1), broken.clone(), good(3)].join(",")).as_bytes()).unwrap();
        assert_eq!(decoded.readings.iter().map(|reading| reading.id.seq).collect::<Vec<_>>(), [1, 3]);
        let [refused] = &decoded.refused[..] else { panic!("one refused") };
        assert_eq!((refused.seq, refused.rejection.code(), &refused.raw), (Some(2), "not_json", &broken));
        let again = decode(refused.message.as_bytes()).unwrap();
        assert_eq!(again.refused[0].rejection, refused.rejection, "it is replayed on its own, to the same end");
    }
    assert!(matches!(
        decode(envelope(&good(1)).replace("86412345", "1e400").as_bytes()),
        Err(Rejection::NotJson { .. })
    ));
    assert!(matches!(decode(envelope(r#"{"seq":1"#).as_bytes()), Err(Rejection::NotJson { .. })));
}

#[test]
fn every_type_decodes() {
    let bodies = [
        (r#""type":"lift","uid":"AB01","gross_g":5000,"tare_g":1000,"stream":"other""#, "lift"),
        (
            r#""type":"ticket","vehicle":"29C-1","gross_g":9000000,"tare_g":4000000,"stream":"food","destination":"Bắc Phong","ticket":"7""#,
            "ticket",
        ),
        (r#""type":"heartbeat","battery_mv":3300,"rssi_dbm":-60.0,"queued":0,"zero_g":-2,"new":[1]"#, "heartbeat"),
        (r#""type":"lost","from":1,"to":4"#, "lost"),
        (
            r#""type":"weight","gross_g":-3,"stable":false,"range":"below_min","division_g":20,"maintenance":true"#,
            "weight",
        ),
        (r#""type":"tag","uid":"01020304FA","tech":"lf","antenna":2,"rssi_dbm":null"#, "tag"),
    ];
    for (body, kind) in bodies {
        let decoded = decode(envelope(&event(body)).as_bytes()).unwrap();
        assert_eq!(decoded.refused, [], "{body}");
        assert_eq!(decoded.readings[0].event.kind(), kind);
        assert_eq!(decoded.readings[0].at, None);
    }
}

#[test]
fn one_bad_event_does_not_cost_the_others_and_can_be_replayed() {
    let good = event(r#""type":"heartbeat""#);
    let bad = r#"{"type":"weight","seq":9,"ms":1,"clock":"unset","gross_g":1,"stable":true,"stream":"bulky"}"#;
    let decoded = decode(envelope(&format!("{good},{bad},7,{good}")).as_bytes()).unwrap();
    assert_eq!(decoded.readings.len(), 2);
    let [stream, number] = &decoded.refused[..] else { panic!("two refused") };
    assert_eq!((stream.seq, number.seq), (Some(9), None));
    assert_eq!(stream.rejection.to_string(), "unknown stream `bulky`; streams are food, recyclable, other");
    assert_eq!(number.rejection.to_string(), "the event is 7, not an object");
    assert_eq!(number.raw, "7");
    let streams = [StreamCode::from("bulky")];
    let accepts = Accepts { streams: &streams, simulated: false };
    let again = decode_events(&"s-1".into(), stream.message.as_bytes(), RECEIVED, &accepts).unwrap();
    assert_eq!(again.readings[0].id.seq, 9);
    assert_eq!(again.readings[0].sent_ms, Some(86_412_345));
}

#[test]
fn an_event_that_breaks_a_rule_is_refused_in_plain_words() {
    let weight = r#""type":"weight","stable":true,"#;
    let cases: &[(String, &str, &str)] = &[
        (format!(r#"{weight}"gross_g":950000000"#), "absurd_mass", "weight `gross_g` is 950000000 g; a scale sends at most 100000000 g either way"),
        (format!(r#"{weight}"gross_g":1,"tare_g":-1"#), "negative_tare", "tare `tare_g` is -1 g; a tare is 0 g or more"),
        (format!(r#"{weight}"gross_g":1.5"#), "wrong_type", "`gross_g` is 1.5, not a whole number"),
        (format!(r#"{weight}"gross_g":"1""#), "wrong_type", "`gross_g` is \"1\", not a whole number"),
        (format!(r#"{weight}"gross_g":1e300"#), "out_of_range", "`gross_g` is 1e+300; its size is below 2^53"),
        (format!(r#"{weight}"gross_g":18446744073709551615"#), "out_of_range", "`gross_g` is 18446744073709551615; its size is below 2^53"),
        (format!(r#"{weight}"load":1"#), "missing_member", "member `gross_g` is missing"),
        (format!(r#"{weight}"gross_g":1,"range":"high""#), "unknown_word", "unknown range `high`; it is one of ok, below_min, overload"),
        (format!(r#"{weight}"gross_g":1,"stream":"""#), "unknown_stream", "unknown stream ``; streams are food, recyclable, other"),
        (format!(r#"{weight}"gross_g":1,"division_g":0"#), "out_of_range", "`division_g` is 0; a division is 1 g or more"),
        (r#""type":"weight","gross_g":1"#.into(), "missing_member", "member `stable` is missing"),
        (r#""type":"photo""#.into(), "unknown_type", "unknown type `photo`; types are tag, weight, lift, ticket, heartbeat, lost"),
        (r#""type":"tag","uid":"xyz","tech":"hf""#.into(), "bad_uid", "tag `xyz` is not 2 to 128 hexadecimal digits, with or without `-` and `:`, such as 04A224B2C15F80"),
        (r#""type":"tag","uid":"AA","tech":"nfc""#.into(), "unknown_word", "unknown tech `nfc`; it is one of hf, uhf, lf, qr"),
        (r#""type":"tag","uid":4,"tech":"hf""#.into(), "wrong_type", "`uid` is 4, not text"),
        (r#""type":"lost","from":3,"to":5"#.into(), "bad_loss", "`lost` names 3 to 5 in event 5; `from` is 1 or more, not after `to`, and `to` is before the event's own number"),
        (r#""type":"heartbeat","at":"2026-11-23T18:05:31""#.into(), "bad_time", "time `at` is \"2026-11-23T18:05:31\"; write 2026-11-23T18:05:31.250+07:00, or whole milliseconds since 1970 UTC"),
        (r#""type":"heartbeat","at":1.5"#.into(), "bad_time", "time `at` is 1.5; write 2026-11-23T18:05:31.250+07:00, or whole milliseconds since 1970 UTC"),
        (r#""type":"heartbeat","boot":4294967296"#.into(), "out_of_range", "`boot` is 4294967296; a boot's number is from 0 to 4294967295"),
        (r#""type":"heartbeat","new":{"a":1,"a":1}"#.into(), "repeated_member", "member `a` comes twice; which of them holds cannot be known"),
        (r#""type":"heartbeat","ms":2"#.into(), "repeated_member", "member `ms` comes twice; which of them holds cannot be known"),
        (r#""type":"heartbeat","simulated":true"#.into(), "wrong_simulated", "the event is simulated and this commune is real; unset `simulated` on the device, or send to a simulated commune"),
        ("\"type\":\"ticket\",\"vehicle\":\"a\\u0000\",\"gross_g\":1,\"tare_g\":0,\"stream\":\"food\",\"destination\":\"b\",\"ticket\":\"c\"".into(), "bad_text", "`vehicle` is `a?`; write 1 to 200 characters without control characters"),
    ];
    for (members, code, words) in cases {
        assert_eq!(refusal(members), (*code, (*words).to_owned()), "{members}");
    }
    let without = |members: &str| decode(envelope(members).as_bytes()).unwrap().refused[0].rejection.to_string();
    assert_eq!(without(r#"{"ms":1,"clock":"unset","type":"heartbeat"}"#), "member `seq` is missing");
    assert_eq!(without(r#"{"seq":0,"ms":1}"#), "`seq` is 0; a number is from 1 to 9007199254740991");
    assert_eq!(
        without(r#"{"seq":9007199254740992,"ms":1}"#),
        "`seq` is 9007199254740992; a number is from 1 to 9007199254740991"
    );
    assert_eq!(without(r#"{"seq":1,"ms":-1}"#), "`ms` is -1; it is 0 or more, below 2^53");
    assert_eq!(without(r#"{"seq":1,"ms":1,"type":"heartbeat"}"#), "member `clock` is missing");
    assert_eq!(
        without(r#"{"seq":1,"ms":1,"clock":"ntp"}"#),
        "unknown clock `ntp`; it is one of synced, holdover, unset"
    );
}

#[test]
fn a_message_that_cannot_be_read_is_refused_as_a_whole() {
    let refused = |payload: &[u8]| {
        let rejection = decode(payload).unwrap_err();
        (rejection.code(), rejection.to_string())
    };
    let whole = envelope("");
    let deep = format!(r#"{{"log":"9f1c22ab","events":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    let many = envelope(&vec!["{}"; 257].join(","));
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "not_json", "the message is not JSON: EOF while parsing a value at line 1 column 0"),
        (b"[]", "not_an_object", "the message is [], not an object"),
        (b"12.34", "not_an_object", "the message is 12.34, not an object"),
        (b"{}", "missing_member", "member `log` is missing"),
        (
            b"{\"log\":\"9f1c22ab\xff\"}",
            "not_utf8",
            "the message is not UTF-8 text: byte 16 does not fit; send JSON in UTF-8",
        ),
        (br#"{"log":NaN}"#, "not_json", "the message is not JSON: expected value at line 1 column 8"),
        (br#"{"log":1e999}"#, "not_json", "the message is not JSON: number out of range at line 1 column 12"),
        (br#"{"log":"9f1c22a","events":[]}"#, "bad_log", "log `9f1c22a` is not 8 hexadecimal digits, such as 9f1c22ab"),
        (
            br#"{"log":"9f1c22ab","log":"9f1c22ab"}"#,
            "repeated_member",
            "member `log` comes twice; which of them holds cannot be known",
        ),
        (br#"{"log":"9f1c22ab","events":{}}"#, "wrong_type", "`events` is {}, not a list"),
        (
            br#"{"log":"9f1c22ab","simulated":"no","events":[]}"#,
            "wrong_type",
            "`simulated` is \"no\", not true or false",
        ),
        (many.as_bytes(), "too_many_events", "the message holds 257 events; at most 256, so send several messages"),
    ];
    for (payload, code, words) in cases {
        assert_eq!(refused(payload), (*code, (*words).to_owned()), "{}", String::from_utf8_lossy(payload));
    }
    assert_eq!(refused(format!("{whole}{whole}").as_bytes()).0, "several_values");
    assert_eq!(refused(deep.as_bytes()).0, "not_json");
    assert_eq!(refused(&vec![b' '; MAX_MESSAGE_BYTES + 1]).0, "too_large");
    assert_eq!(decode(whole.as_bytes()).unwrap().readings, []);
}

#[test]
fn a_number_beyond_every_reader_costs_no_more_than_its_event() {
    assert_eq!(refusal(r#""type":"heartbeat","x":1e400"#).0, "not_json");
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let decoded = decode(envelope(&event(&format!(r#""type":"heartbeat","x":{deep}"#))).as_bytes()).unwrap();
    assert_eq!(decoded.readings[0].extra, format!(r#"{{"x":{deep}}}"#));
}

/// Reads the published examples, by name.
fn examples(folder: &str) -> Vec<(String, Vec<u8>)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/native").join(folder);
    let paths = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let json = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    json.map(|path| (path.with_extension("").display().to_string(), std::fs::read(&path).unwrap())).collect()
}

#[test]
fn the_published_examples_are_taken_and_refused_with_the_published_words() {
    for (name, payload) in examples("accepted") {
        let decoded = decode(&payload).unwrap();
        assert!(decoded.refused.is_empty() && !decoded.readings.is_empty(), "{name}: {:?}", decoded.refused);
    }
    for (name, payload) in examples("refused") {
        let rejection = match decode(&payload) {
            Err(rejection) => rejection,
            Ok(decoded) => decoded.refused.first().unwrap_or_else(|| panic!("taken: {name}")).rejection.clone(),
        };
        let words = std::fs::read_to_string(format!("{name}.txt")).unwrap();
        assert_eq!(rejection.to_string(), words.trim(), "{name}");
    }
}

/// A second writer of the contract, for the round trip.
fn written(reading: &Reading) -> String {
    let mut event = serde_json::to_value(&reading.event).unwrap();
    let members = event.as_object_mut().unwrap();
    members.insert("seq".into(), reading.id.seq.into());
    members.insert("ms".into(), reading.ms.into());
    members.insert("clock".into(), reading.clock.as_str().into());
    if let Some(at) = reading.at {
        members.insert("at".into(), at.ms().into());
    }
    let mut message = serde_json::json!({"log": reading.id.log.as_str(), "boot": reading.boot, "events": [event]});
    if let Some(sent_ms) = reading.sent_ms {
        message["sent_ms"] = sent_ms.into();
    }
    message.to_string()
}

fn any_event() -> impl Strategy<Value = Event> {
    let grams = -100_000_000..=100_000_000_i64;
    let stream = proptest::option::of(proptest::sample::select(vec!["food", "recyclable", "other"]))
        .prop_map(|word| word.map(StreamCode::from));
    let uid = "[0-9A-F]{2,128}".prop_map(crate::domain::ids::TagUid::from);
    let weight = (
        (grams.clone(), 0..=100_000_000_i64, any::<bool>(), any::<bool>()),
        proptest::option::of(0..1_000_000_i64),
        proptest::option::of(proptest::sample::select(Range::ALL)),
        stream.clone(),
    );
    prop_oneof![
        (uid.clone(), proptest::option::of(-200..0_i64)).prop_map(|(uid, rssi_dbm)| Event::Tag {
            uid,
            tech: "uhf".to_owned(),
            rssi_dbm,
            antenna: None
        }),
        weight.prop_map(|((gross_g, tare_g, stable, maintenance), load, range, stream)| Event::Weight(Weight {
            gross_g,
            tare_g,
            stable,
            load,
            stream,
            division_g: Some(20),
            range,
            maintenance
        })),
        (uid, grams, stream).prop_map(|(uid, gross_g, stream)| Event::Lift { uid, gross_g, tare_g: 0, stream }),
        (".{0,9}[^\\x00-\\x1f\\x7f-\\x9f]").prop_filter("kept", |text| !text.chars().any(char::is_control)).prop_map(
            |text| Event::Ticket {
                vehicle: text.clone(),
                gross_g: 9,
                tare_g: 1,
                stream: "food".into(),
                destination: text.clone(),
                ticket: text
            }
        ),
    ]
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode(&bytes);
        let _ = decode_state(&bytes);
    }

    #[test]
    fn a_damaged_message_does_not_make_it_panic(at in 0..PUBLISHED.len(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = PUBLISHED.as_bytes().to_vec();
        bytes[at] = byte;
        if cut { bytes.truncate(at); }
        if let Ok(decoded) = decode(&bytes) {
            for event in decoded.refused {
                prop_assert!(decode(event.message.as_bytes()).is_ok());
                prop_assert!(!event.rejection.to_string().chars().any(char::is_control));
            }
        }
    }

    #[test]
    fn what_is_written_is_read_back(
        event in any_event(),
        seq in 1..=MAX_WHOLE, boot in 0..=i64::from(u32::MAX), ms in 0..=MAX_WHOLE,
        at in proptest::option::of(0..4_000_000_000_000_i64), sent_ms in proptest::option::of(0..=MAX_WHOLE),
        clock in proptest::sample::select(ClockState::ALL),
    ) {
        let reading = Reading {
            id: EventId { device: "s-1".into(), log: "0a1b2c3d".into(), seq },
            boot, ms, at: at.map(Instant::from_ms), clock, sent_ms, received: RECEIVED, simulated: false, event,
            extra: String::new(),
        };
        let decoded = decode(written(&reading).as_bytes()).unwrap();
        prop_assert_eq!(decoded.refused, vec![]);
        prop_assert_eq!(&decoded.readings, &vec![reading.clone()]);
        let reading = Reading { extra: r#"{"z":{"a":[null,1.5]}}"#.into(), ..reading };
        prop_assert_eq!(decode(message_of(&reading).as_bytes()).unwrap().readings, vec![reading]);
    }
}
