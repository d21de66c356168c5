//! The product's tests as one binary.

mod agreement;
mod commune;
mod example_commune;
mod oracle;
mod oracle_operations;
