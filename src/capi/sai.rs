//! The SAI that the program gives, as functions under their types.
//!
//! Invariant: nothing of it is called here.

use super::builder::change;
use super::input;
use super::result::*;
use super::types::*;
use crate::sai::{Functions, Options, Version};
use std::mem::transmute;

/// The SAI to use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_sai(
    builder: *mut mlagsync_builder_t,
    sai: *const mlagsync_sai_t,
) -> mlagsync_result_t {
    change(builder, |plan| {
        // SAFETY: by the header, readable for its struct_size, or NULL.
        let sai = unsafe { input::read("sai", sai) }?;
        plan.sai = Some(given(&sai)?);
        Ok(())
    })
}

/// The functions under the types that SAI's header gives them.
fn given(sai: &mlagsync_sai_t) -> Answer<(Functions, Options, u64)> {
    if sai.switch_oid == 0 {
        return Err(Failure::invalid("switch_oid is 0"));
    }
    let functions = match sai.api_query {
        Some(api_query) => named(sai, api_query),
        None => linked()?,
    };
    let assume_api_version = match (sai.assume_major, sai.assume_minor) {
        (0, 0) => None,
        (major, minor) => {
            let version = format!("{major}.{minor}").parse::<Version>();
            Some(version.map_err(|e| Failure::invalid(e.to_string()))?)
        }
    };
    Ok((functions, Options { assume_api_version }, sai.switch_oid))
}

/// Those of the libsai that the library is linked with.
#[cfg(feature = "linked")]
fn linked() -> Answer<Functions> {
    Ok(Functions::linked())
}

/// It is linked with none.
#[cfg(not(feature = "linked"))]
fn linked() -> Answer<Functions> {
    Err(Failure::null("api_query"))
}

fn named(sai: &mlagsync_sai_t, api_query: unsafe extern "C" fn()) -> Functions {
    Functions {
        // SAFETY: the header has the program pass the function that SAI calls so; here and below.
        api_query: unsafe { transmute::<unsafe extern "C" fn(), sai_sys::sai_api_query_fn>(api_query) },
        // SAFETY: as above.
        query_api_version: sai
            .query_api_version
            .map(|f| unsafe { transmute::<unsafe extern "C" fn(), sai_sys::sai_query_api_version_fn>(f) }),
        api_initialize: None,
        api_uninitialize: None,
        // SAFETY: as above.
        get_object_count: sai
            .get_object_count
            .map(|f| unsafe { transmute::<unsafe extern "C" fn(), sai_sys::sai_get_object_count_fn>(f) }),
        // SAFETY: as above.
        get_object_key: sai
            .get_object_key
            .map(|f| unsafe { transmute::<unsafe extern "C" fn(), sai_sys::sai_get_object_key_fn>(f) }),
        // SAFETY: as above.
        object_type_get_availability: sai.object_type_get_availability.map(|f| unsafe {
            transmute::<unsafe extern "C" fn(), sai_sys::sai_object_type_get_availability_fn>(f)
        }),
    }
}
