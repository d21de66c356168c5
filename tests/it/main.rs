//! The product's tests as one binary.

mod example_commune;
mod oracle;
