/*
 * saiversion.h: release of the API that this header set states.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAIVERSION_H_
#define __SAIVERSION_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Release of the API. */
#define SAI_MAJOR 1
#define SAI_MINOR 18
#define SAI_REVISION 1

/* One number that orders releases. */
#define SAI_VERSION(major, minor, revision) (10000 * (major) + 100 * (minor) + (revision))

#define SAI_API_VERSION (10000 * SAI_MAJOR + 100 * SAI_MINOR + SAI_REVISION)

/** Release the library was built for, in the form of SAI_VERSION(). */
sai_status_t sai_query_api_version(sai_api_version_t *version);

#ifdef __cplusplus
}
#endif

#endif
