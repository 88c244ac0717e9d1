/*
 * saistatus.h: return codes.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAISTATUS_H_
#define __SAISTATUS_H_

/* Turns the positive number of a code into the value that a call returns. */
#define SAI_STATUS_CODE(code) (-(code))

#define SAI_STATUS_SUCCESS 0
#define SAI_STATUS_FAILURE (-1)
#define SAI_STATUS_NOT_SUPPORTED (-2)
#define SAI_STATUS_NO_MEMORY (-3)
#define SAI_STATUS_INSUFFICIENT_RESOURCES (-4)
#define SAI_STATUS_INVALID_PARAMETER (-5)
#define SAI_STATUS_ITEM_ALREADY_EXISTS (-6)
#define SAI_STATUS_ITEM_NOT_FOUND (-7)
#define SAI_STATUS_BUFFER_OVERFLOW (-8)
#define SAI_STATUS_INVALID_PORT_NUMBER (-9)
#define SAI_STATUS_INVALID_PORT_MEMBER (-10)
#define SAI_STATUS_INVALID_VLAN_ID (-11)
#define SAI_STATUS_UNINITIALIZED (-12)
#define SAI_STATUS_TABLE_FULL (-13)
#define SAI_STATUS_MANDATORY_ATTRIBUTE_MISSING (-14)
#define SAI_STATUS_NOT_IMPLEMENTED (-15)
#define SAI_STATUS_ADDR_NOT_FOUND (-16)
#define SAI_STATUS_OBJECT_IN_USE (-17)
#define SAI_STATUS_INVALID_OBJECT_TYPE (-18)
#define SAI_STATUS_INVALID_OBJECT_ID (-19)
#define SAI_STATUS_INVALID_NV_STORAGE (-20)
#define SAI_STATUS_NV_STORAGE_FULL (-21)
#define SAI_STATUS_SW_UPGRADE_VERSION_MISMATCH (-22)
#define SAI_STATUS_NOT_EXECUTED (-23)
#define SAI_STATUS_STAGE_MISMATCH (-24)

/*
 * Codes that carry the index of the attribute at fault: _0 minus the index, down to _MAX.
 */
#define SAI_STATUS_INVALID_ATTRIBUTE_0 (-0x10000)
#define SAI_STATUS_INVALID_ATTRIBUTE_MAX (-0x1ffff)
#define SAI_STATUS_INVALID_ATTR_VALUE_0 (-0x20000)
#define SAI_STATUS_INVALID_ATTR_VALUE_MAX (-0x2ffff)
#define SAI_STATUS_ATTR_NOT_IMPLEMENTED_0 (-0x30000)
#define SAI_STATUS_ATTR_NOT_IMPLEMENTED_MAX (-0x3ffff)
#define SAI_STATUS_UNKNOWN_ATTRIBUTE_0 (-0x40000)
#define SAI_STATUS_UNKNOWN_ATTRIBUTE_MAX (-0x4ffff)
#define SAI_STATUS_ATTR_NOT_SUPPORTED_0 (-0x50000)
#define SAI_STATUS_ATTR_NOT_SUPPORTED_MAX (-0x5ffff)

/* Does a code lie in one of the ranges above? */
#define SAI_STATUS_IS_INVALID_ATTRIBUTE(status) \
    ((status) <= SAI_STATUS_INVALID_ATTRIBUTE_0 && (status) >= SAI_STATUS_INVALID_ATTRIBUTE_MAX)
#define SAI_STATUS_IS_INVALID_ATTR_VALUE(status) \
    ((status) <= SAI_STATUS_INVALID_ATTR_VALUE_0 && (status) >= SAI_STATUS_INVALID_ATTR_VALUE_MAX)
#define SAI_STATUS_IS_ATTR_NOT_IMPLEMENTED(status) \
    ((status) <= SAI_STATUS_ATTR_NOT_IMPLEMENTED_0 && \
     (status) >= SAI_STATUS_ATTR_NOT_IMPLEMENTED_MAX)
#define SAI_STATUS_IS_UNKNOWN_ATTRIBUTE(status) \
    ((status) <= SAI_STATUS_UNKNOWN_ATTRIBUTE_0 && (status) >= SAI_STATUS_UNKNOWN_ATTRIBUTE_MAX)
#define SAI_STATUS_IS_ATTR_NOT_SUPPORTED(status) \
    ((status) <= SAI_STATUS_ATTR_NOT_SUPPORTED_0 && (status) >= SAI_STATUS_ATTR_NOT_SUPPORTED_MAX)

#endif
