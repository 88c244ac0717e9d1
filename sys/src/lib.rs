//! Bindings of the OCP SAI C API.
