//! A software SAI.
