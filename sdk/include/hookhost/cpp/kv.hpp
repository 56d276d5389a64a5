// SPDX-License-Identifier: Apache-2.0
//
// Kv: small values that the host keeps for this plugin, shared by all its generations
// (hookhost.kv/1). Any thread. Functions throw Failure: HOOKHOST_E_UNSUPPORTED when the host has no
// such store, E_INVALID for an empty or too long key, E_LIMIT for a value or a space that is too
// large.
#ifndef HOOKHOST_CPP_KV_HPP
#define HOOKHOST_CPP_KV_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "../ext/kv.h"
#include "failure.hpp"
#include "namespace.hpp"
#include "text.hpp"

HOOKHOST_NAMESPACE_BEGIN

class Kv {
 public:
  struct Versioned {
    std::string value;
    std::uint64_t version;
  };

  Kv(const hookhost_host* host, const hookhost_ext_kv* table) noexcept
      : host_(host), table_(table) {}

  // Empty when there is none.
  std::optional<Versioned> get_versioned(std::string_view key) const {
    Versioned found{std::string(128, '\0'), 0};
    for (;;) {  // again when the value has grown in between
      std::size_t size = 0;
      const auto status = table().get(host_, detail::to_c(key), found.value.data(),
                                      found.value.size(), &size, &found.version);
      if (status == HOOKHOST_E_NOT_FOUND) return std::nullopt;
      if (status != HOOKHOST_OK && status != HOOKHOST_E_LIMIT) throw Failure(status, "kv.get");
      found.value.resize(size);
      if (status == HOOKHOST_OK) return found;
    }
  }
  std::optional<std::string> get(std::string_view key) const {
    auto found = get_versioned(key);
    if (!found) return std::nullopt;
    return std::move(found->value);
  }

  // Stores the value, whatever is there. ttl: it is gone after that time; 0: it stays.
  void put(std::string_view key, std::string_view value, std::chrono::milliseconds ttl = {}) const {
    put_if(key, value, HOOKHOST_KV_ANY, ttl);
  }
  // Stores the value if there is none; false: there is one. Of several that try, one gets true.
  bool put_if_absent(std::string_view key, std::string_view value,
                     std::chrono::milliseconds ttl = {}) const {
    return put_if(key, value, HOOKHOST_KV_ABSENT, ttl);
  }
  // Stores the value if that version is there; false: another one is.
  bool put_if(std::string_view key, std::string_view value, std::uint64_t version,
              std::chrono::milliseconds ttl = {}) const {
    const auto status = table().put(host_, detail::to_c(key), value.data(), value.size(), version,
                                    static_cast<std::uint64_t>(ttl.count()));
    if (status == HOOKHOST_E_STATE) return false;
    if (status != HOOKHOST_OK) throw Failure(status, "kv.put");
    return true;
  }

  // Adds to the number under key, nothing counting as 0, and returns the sum; atomic.
  std::int64_t add(std::string_view key, std::int64_t delta) const {
    std::int64_t sum = 0;
    const auto status = table().add(host_, detail::to_c(key), delta, &sum);
    if (status != HOOKHOST_OK) throw Failure(status, "kv.add");
    return sum;
  }

  // False: there was none (or, with a version, another one is there).
  bool remove(std::string_view key, std::uint64_t version = HOOKHOST_KV_ANY) const {
    const auto status = table().remove(host_, detail::to_c(key), version);
    if (status == HOOKHOST_E_NOT_FOUND || status == HOOKHOST_E_STATE) return false;
    if (status != HOOKHOST_OK) throw Failure(status, "kv.remove");
    return true;
  }

 private:
  const hookhost_ext_kv& table() const {
    if (table_ == nullptr) throw Failure(HOOKHOST_E_UNSUPPORTED, HOOKHOST_EXT_KV);
    return *table_;
  }

  const hookhost_host* host_;
  const hookhost_ext_kv* table_;
};

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_KV_HPP
