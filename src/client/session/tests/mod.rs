//! Tests of the decisions, natively.

mod schedule;
mod tabs;
mod turn;
