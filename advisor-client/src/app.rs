//! The application of the advisor.
