//! Messages in: received, decoded, committed, and only then acknowledged.
//!
//! Owns the way of a message from a broker to a stored fact: [`session`] talks to an outside broker (the only user of
//! rumqttc), [`writer`] decodes and commits whatever waits, from either broker, in one transaction; [`acks`] tells the devices what is
//! stored; [`replay`] sends what lies in quarantine the same way again.

pub mod acks;
pub mod replay;
pub mod session;
pub mod writer;
