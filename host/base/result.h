// SPDX-License-Identifier: Apache-2.0
//
// Result<T, E>: a value or the reason why there is none. Status: the same without a value. The one
// way in which the outside world's failures travel through the host; our own bugs stop the program
// instead (check.h). [[nodiscard]]: whoever calls has to look.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

namespace hookhost {

// Chosen by what the caller can do about it.
enum class ErrorCode {
  kInvalid,      // the same input always fails: correct it
  kDenied,       // no permission
  kNotFound,     // there is no such thing
  kUnavailable,  // retry later: full, busy, in use
  kInternal,     // we cannot go on with this
};

// What happened, to which thing: `route "/github": secret "GH" is not set`. Lower case, no full
// stop, no secret.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string fix;  // what the user can do, as a command or a sentence; empty: nothing is known
};

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: a value or an error converts
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  explicit operator bool() const noexcept { return state_.index() == 0; }
  bool has_value() const noexcept { return state_.index() == 0; }

  // Asking for what is not there is our bug.
  T& value() & { return HOOKHOST_CHECK(has_value()), *std::get_if<0>(&state_); }
  const T& value() const& { return HOOKHOST_CHECK(has_value()), *std::get_if<0>(&state_); }
  T&& value() && { return HOOKHOST_CHECK(has_value()), std::move(*std::get_if<0>(&state_)); }
  E& error() & { return HOOKHOST_CHECK(!has_value()), *std::get_if<1>(&state_); }
  const E& error() const& { return HOOKHOST_CHECK(!has_value()), *std::get_if<1>(&state_); }
  E&& error() && { return HOOKHOST_CHECK(!has_value()), std::move(*std::get_if<1>(&state_)); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  Result(E error) : error_(std::move(error)), failed_(true) {}  // NOLINT: an error converts

  explicit operator bool() const noexcept { return !failed_; }
  bool has_value() const noexcept { return !failed_; }
  E& error() & { return HOOKHOST_CHECK(failed_), error_; }
  const E& error() const& { return HOOKHOST_CHECK(failed_), error_; }
  E&& error() && { return HOOKHOST_CHECK(failed_), std::move(error_); }

 private:
  E error_{};
  bool failed_ = false;
};

using Status = Result<void>;

}  // namespace hookhost
