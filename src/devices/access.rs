//! Which topics are a device's own: as rules for the embedded broker, and as files for Mosquitto.
//!
//! Owns both sayings of the one rule: a device publishes on its own `events` and `state` and hears its own `ack`, and nothing else.
//!
//! # Why
//! The access file names every user. Patterns (`pattern write phanloai/v1/%u/events`) are shorter, but let in whoever is in the
//! password file, the service's own account among them, and go on holding for a device that was disabled.

use super::credential::PasswordForm;
use super::topic::{Channel, Root, Topic};
use crate::domain::ids::DeviceId;

/// Tells whether a device may publish to a topic.
pub fn may_publish(root: &Root, device: &str, topic: &str) -> bool {
    Topic::parse(root, topic).is_some_and(|topic| match topic.channel {
        Channel::Events | Channel::State => topic.device.as_str() == device,
        Channel::Ack => false,
    })
}

/// Tells whether a device may subscribe to a topic filter. A filter with wildcards or a shared one is never its own.
pub fn may_subscribe(root: &Root, device: &str, filter: &str) -> bool {
    Topic::parse(root, filter).is_some_and(|topic| match topic.channel {
        Channel::Ack => topic.device.as_str() == device,
        Channel::Events | Channel::State => false,
    })
}

/// Gives Mosquitto's access file: the service reads everything and acknowledges, each device has its own topics.
pub fn mosquitto_acl<'a>(root: &Root, service: &str, devices: impl IntoIterator<Item = &'a DeviceId>) -> String {
    let mut text = format!(
        "# Written by `phanloai device acl`; write it anew when devices change.\n\nuser {service}\ntopic read {}\ntopic read {}\n\
         topic write {}\n",
        root.filter(Channel::Events),
        root.filter(Channel::State),
        root.filter(Channel::Ack),
    );
    for device in devices {
        text.push_str(&format!(
            "\nuser {device}\ntopic write {}\ntopic write {}\ntopic read {}\n",
            root.events(device),
            root.state(device),
            root.ack(device)
        ));
    }
    text
}

/// Gives Mosquitto's password file: user and form, a line each.
pub fn mosquitto_passwords<'a>(users: impl IntoIterator<Item = (&'a str, &'a PasswordForm)>) -> String {
    users.into_iter().map(|(user, form)| format!("{user}:{form}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Root {
        Root::parse("phanloai/v1").unwrap()
    }

    #[test]
    fn a_device_publishes_on_its_own_events_and_state_only() {
        let may = |topic: &str| may_publish(&root(), "s-1", topic);
        assert!(may("phanloai/v1/s-1/events") && may("phanloai/v1/s-1/state"));
        for topic in ["phanloai/v1/s-1/ack", "phanloai/v1/s-2/events", "phanloai/v1/s-1/events/x", "s-1/events", ""] {
            assert!(!may(topic), "{topic}");
        }
    }

    #[test]
    fn a_device_hears_its_own_ack_only() {
        let may = |filter: &str| may_subscribe(&root(), "s-1", filter);
        assert!(may("phanloai/v1/s-1/ack"));
        for filter in [
            "phanloai/v1/s-2/ack",
            "phanloai/v1/+/ack",
            "phanloai/v1/s-1/#",
            "phanloai/v1/s-1/events",
            "$share/g/phanloai/v1/s-1/ack",
            "#",
        ] {
            assert!(!may(filter), "{filter}");
        }
    }

    #[test]
    fn the_files_name_every_user() {
        let device = DeviceId::from("s-1");
        let acl = mosquitto_acl(&root(), "phanloai", [&device]);
        let (service, own) = acl.split_once("user s-1\n").unwrap();
        assert!(service.contains("user phanloai\ntopic read phanloai/v1/+/events\n"), "{acl}");
        assert_eq!(
            own,
            "topic write phanloai/v1/s-1/events\ntopic write phanloai/v1/s-1/state\ntopic read phanloai/v1/s-1/ack\n"
        );
        let form = PasswordForm::parse(&format!("$7$101$AAAA${}", "A".repeat(86) + "==")).unwrap();
        assert_eq!(mosquitto_passwords([("s-1", &form)]), format!("s-1:{form}\n"));
    }
}
