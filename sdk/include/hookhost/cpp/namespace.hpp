// SPDX-License-Identifier: Apache-2.0
//
// The namespace of the C++ face: hookhost, with an inline namespace that carries the SDK's version.
// Hidden visibility and the version keep two plugins, or two generations of one, from sharing an
// inline object by name, which would also keep the first of them from ever being unmapped.
#ifndef HOOKHOST_CPP_NAMESPACE_HPP
#define HOOKHOST_CPP_NAMESPACE_HPP

#include "../version.h"

#define HOOKHOST_DETAIL_JOIN(a, b) HOOKHOST_DETAIL_JOIN_(a, b)
#define HOOKHOST_DETAIL_JOIN_(a, b) a##b
#define HOOKHOST_DETAIL_VERSION(a, b, c) HOOKHOST_DETAIL_VERSION_(a, b, c)
#define HOOKHOST_DETAIL_VERSION_(a, b, c) v##a##_##b##_##c
#define HOOKHOST_DETAIL_NAMESPACE \
  HOOKHOST_DETAIL_VERSION(HOOKHOST_VERSION_MAJOR, HOOKHOST_VERSION_MINOR, HOOKHOST_VERSION_PATCH)

#if defined(_WIN32)  // a .dll exports nothing unless told, and has no visibility
#define HOOKHOST_DETAIL_HIDDEN
#else
#define HOOKHOST_DETAIL_HIDDEN __attribute__((visibility("hidden")))
#endif

#define HOOKHOST_NAMESPACE_BEGIN              \
  namespace hookhost HOOKHOST_DETAIL_HIDDEN { \
  inline namespace HOOKHOST_DETAIL_NAMESPACE {
#define HOOKHOST_NAMESPACE_END \
  }                            \
  }

#endif  // HOOKHOST_CPP_NAMESPACE_HPP
