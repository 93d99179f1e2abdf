//! The screens of the advisor.
