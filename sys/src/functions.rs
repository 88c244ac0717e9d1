//! The program-wide functions: a type for each, for users that look symbols up at run time, and
//! under the feature `linked` the declarations themselves.
//!
//! Invariant: without `linked` this crate refers to no symbol, so that a crate which *defines*
//! these functions can use its types.

use core::ffi::{c_char, c_void};

use crate::bindings::*;

/// States each function once; type, declaration and name list follow from it.
macro_rules! functions {
    ($( #[$doc:meta] $alias:ident = fn $name:ident($($arg:ident: $ty:ty),* $(,)?) -> $ret:ty; )*) => {
        $(
            #[$doc]
            pub type $alias = unsafe extern "C" fn($($arg: $ty),*) -> $ret;
        )*

        /// The symbols a library of this release exports.
        pub const FUNCTION_NAMES: &[&str] = &[$(stringify!($name)),*];

        #[cfg(feature = "linked")]
        mod linked {
            use super::*;

            unsafe extern "C" {
                $(
                    #[$doc]
                    pub fn $name($($arg: $ty),*) -> $ret;
                )*
            }
        }
    };
}

functions! {
    /// Must come first; `flags` is 0.
    sai_api_initialize_fn = fn sai_api_initialize(
        flags: u64,
        services: *const sai_service_method_table_t,
    ) -> sai_status_t;

    /// Points `*api_method_table` at the library's table for one API.
    sai_api_query_fn = fn sai_api_query(
        api: sai_api_t,
        api_method_table: *mut *mut c_void,
    ) -> sai_status_t;

    /// Must come last; every table is void afterwards.
    sai_api_uninitialize_fn = fn sai_api_uninitialize() -> sai_status_t;

    /// Sets the log level of one API module.
    sai_log_set_fn = fn sai_log_set(api: sai_api_t, log_level: sai_log_level_t) -> sai_status_t;

    /// Type of an object id, or `SAI_OBJECT_TYPE_NULL`.
    sai_object_type_query_fn = fn sai_object_type_query(
        object_id: sai_object_id_t,
    ) -> sai_object_type_t;

    /// Switch an object id belongs to, or `SAI_NULL_OBJECT_ID`.
    sai_switch_id_query_fn = fn sai_switch_id_query(object_id: sai_object_id_t) -> sai_object_id_t;

    /// Writes a debug dump to a file.
    sai_dbg_generate_dump_fn = fn sai_dbg_generate_dump(
        dump_file_name: *const c_char,
    ) -> sai_status_t;

    /// How many more objects of this type and these attributes fit.
    sai_object_type_get_availability_fn = fn sai_object_type_get_availability(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        attr_count: u32,
        attr_list: *const sai_attribute_t,
        count: *mut u64,
    ) -> sai_status_t;

    /// Upper bound of attributes an object of this type has.
    sai_get_maximum_attribute_count_fn = fn sai_get_maximum_attribute_count(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        count: *mut u32,
    ) -> sai_status_t;

    /// How many objects of this type there are.
    sai_get_object_count_fn = fn sai_get_object_count(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        count: *mut u32,
    ) -> sai_status_t;

    /// Keys of all objects of this type; `SAI_STATUS_BUFFER_OVERFLOW` tells the count that is needed.
    sai_get_object_key_fn = fn sai_get_object_key(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        object_count: *mut u32,
        object_list: *mut sai_object_key_t,
    ) -> sai_status_t;

    /// Attributes of many objects of one type.
    sai_bulk_get_attribute_fn = fn sai_bulk_get_attribute(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        object_count: u32,
        object_key: *const sai_object_key_t,
        attr_count: *mut u32,
        attr_list: *mut *mut sai_attribute_t,
        object_statuses: *mut sai_status_t,
    ) -> sai_status_t;

    /// Which operations are implemented on an attribute.
    sai_query_attribute_capability_fn = fn sai_query_attribute_capability(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        attr_id: sai_attr_id_t,
        attr_capability: *mut sai_attr_capability_t,
    ) -> sai_status_t;

    /// Which enumerators an attribute accepts.
    sai_query_attribute_enum_values_capability_fn = fn sai_query_attribute_enum_values_capability(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        attr_id: sai_attr_id_t,
        enum_values_capability: *mut sai_s32_list_t,
    ) -> sai_status_t;

    /// Which counters an object type has.
    sai_query_stats_capability_fn = fn sai_query_stats_capability(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        stats_capability: *mut sai_stat_capability_list_t,
    ) -> sai_status_t;

    /// Which counters of an object type can be streamed.
    sai_query_stats_st_capability_fn = fn sai_query_stats_st_capability(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        stats_capability: *mut sai_stat_st_capability_list_t,
    ) -> sai_status_t;

    /// Counters of many objects of one type.
    sai_bulk_object_get_stats_fn = fn sai_bulk_object_get_stats(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        object_count: u32,
        object_key: *const sai_object_key_t,
        number_of_counters: u32,
        counter_ids: *const sai_stat_id_t,
        mode: sai_stats_mode_t,
        object_statuses: *mut sai_status_t,
        counters: *mut u64,
    ) -> sai_status_t;

    /// Clears counters of many objects of one type.
    sai_bulk_object_clear_stats_fn = fn sai_bulk_object_clear_stats(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        object_count: u32,
        object_key: *const sai_object_key_t,
        number_of_counters: u32,
        counter_ids: *const sai_stat_id_t,
        mode: sai_stats_mode_t,
        object_statuses: *mut sai_status_t,
    ) -> sai_status_t;

    /// Pipeline stage an object with these attributes would take.
    sai_query_object_stage_fn = fn sai_query_object_stage(
        switch_id: sai_object_id_t,
        object_type: sai_object_type_t,
        attr_count: u32,
        attr_list: *const sai_attribute_t,
        stage: *mut sai_object_stage_t,
    ) -> sai_status_t;

    /// Release the library was built for, in the form of `SAI_VERSION()`.
    sai_query_api_version_fn = fn sai_query_api_version(
        version: *mut sai_api_version_t,
    ) -> sai_status_t;
}

#[cfg(feature = "linked")]
pub use linked::*;
