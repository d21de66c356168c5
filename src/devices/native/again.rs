//! A reading written as a message that decodes to it again, for what is refused after it was decoded.

use serde_json::{Map, Value};

use crate::domain::reading::Reading;

/// Gives a message that holds one reading alone and decodes by itself to the same content.
pub fn message_of(reading: &Reading) -> String {
    let mut event = members(serde_json::from_str(&reading.extra).ok());
    event.extend(members(serde_json::to_value(&reading.event).ok()));
    event.insert("seq".to_owned(), reading.id.seq.into());
    event.insert("ms".to_owned(), reading.ms.into());
    event.insert("clock".to_owned(), reading.clock.as_str().into());
    if let Some(at) = reading.at {
        event.insert("at".to_owned(), at.ms().into());
    }
    let mut message = Map::new();
    message.insert("log".to_owned(), reading.id.log.as_str().into());
    message.insert("boot".to_owned(), reading.boot.into());
    if let Some(sent_ms) = reading.sent_ms {
        message.insert("sent_ms".to_owned(), sent_ms.into());
    }
    message.insert("simulated".to_owned(), reading.simulated.into());
    message.insert("events".to_owned(), Value::Array(vec![Value::Object(event)]));
    Value::Object(message).to_string()
}

fn members(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(members)) => members,
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) | None => Map::new(),
    }
}
