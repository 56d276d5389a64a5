// SPDX-License-Identifier: Apache-2.0
//
// Failure: a status of the host's as an exception. Thrown by the C++ face where the C function
// returns a failure; a handler that lets it pass has failed this attempt with its text, which is
// usually right.
#ifndef HOOKHOST_CPP_FAILURE_HPP
#define HOOKHOST_CPP_FAILURE_HPP

#include <stdexcept>
#include <string>
#include <string_view>

#include "../types.h"
#include "namespace.hpp"
#include "text.hpp"

HOOKHOST_NAMESPACE_BEGIN

// What a status means, as a phrase for a log line.
constexpr std::string_view describe(hookhost_status status) noexcept {
  switch (status) {
    case HOOKHOST_OK: return "done";
    case HOOKHOST_PENDING: return "deferred";
    case HOOKHOST_SKIP: return "skipped";
    case HOOKHOST_E_INVALID: return "an argument breaks a rule";
    case HOOKHOST_E_TYPE: return "a value of another type";
    case HOOKHOST_E_RANGE: return "a number that does not fit";
    case HOOKHOST_E_NOMEM: return "no memory";
    case HOOKHOST_E_GONE: return "it has ended already";
    case HOOKHOST_E_UNSUPPORTED: return "this host cannot do it";
    case HOOKHOST_E_STATE: return "not possible now";
    case HOOKHOST_E_LIMIT: return "a limit was reached";
    case HOOKHOST_E_NOT_FOUND: return "there is none";
    case HOOKHOST_E_RETRY: return "to be tried again";
    case HOOKHOST_E_DEAD: return "never to be tried again";
    case HOOKHOST_E_PLUGIN: return "the plugin failed";
    default: return "an unknown status";
  }
}

class Failure : public std::runtime_error {
 public:
  // "kv.put: a limit was reached"
  Failure(hookhost_status status, std::string_view what)
      : std::runtime_error(text_of("{}: {}", what, describe(status))), status_(status) {}
  hookhost_status status() const noexcept { return status_; }

 private:
  hookhost_status status_;
};

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_FAILURE_HPP
