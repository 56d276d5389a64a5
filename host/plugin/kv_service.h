// SPDX-License-Identifier: Apache-2.0
//
// KvService: small values that the host keeps for plugins (hookhost.kv/1), in memory. A space
// belongs to a plugin id and is shared by its generations; it never goes away. Any thread.
#pragma once

#include <hookhost/ext/kv.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/mutex.h"

namespace hookhost::plugin {

// Entries of one space: the byte limit alone would let millions of tiny ones through, whose
// bookkeeping is larger than they are.
inline constexpr std::size_t kKvEntriesMax = 128 * 1024;

// The statuses and rules are those of hookhost_ext_kv.
class KvSpace {
 public:
  explicit KvSpace(const Clock& clock) : clock_(clock) {}

  hookhost_status get(std::string_view key, void* buffer, std::size_t capacity, std::size_t* bytes,
                      std::uint64_t* version);
  hookhost_status put(std::string_view key, std::string_view value, std::uint64_t if_version,
                      std::uint64_t ttl_ms);
  hookhost_status add(std::string_view key, std::int64_t delta, std::int64_t* sum);
  hookhost_status remove(std::string_view key, std::uint64_t if_version);

  std::size_t bytes() const;

 private:
  struct Entry {
    std::string value;
    std::uint64_t version = 0;
    std::optional<MonotonicTime> expires_at;
  };
  using Entries = std::unordered_map<std::string, Entry>;

  Entries::iterator find(std::string_view key) HOOKHOST_REQUIRES(mutex_);
  void erase(Entries::iterator entry) HOOKHOST_REQUIRES(mutex_);
  bool make_room(std::size_t old_bytes, std::size_t new_bytes, bool is_new)
      HOOKHOST_REQUIRES(mutex_);
  hookhost_status store(Entries::iterator entry, std::string_view key, std::string_view value,
                        std::optional<MonotonicTime> expires_at) HOOKHOST_REQUIRES(mutex_);

  const Clock& clock_;
  mutable Mutex mutex_;
  Entries entries_ HOOKHOST_GUARDED_BY(mutex_);
  std::size_t bytes_ HOOKHOST_GUARDED_BY(mutex_) = 0;  // keys and values
  // One counter for the space: a key that was removed and put again does not get its old version.
  std::uint64_t last_version_ HOOKHOST_GUARDED_BY(mutex_) = 0;
};

class KvService {
 public:
  explicit KvService(const Clock& clock) : clock_(clock) {}
  KvSpace& space(const std::string& plugin_id);  // valid as long as the service

 private:
  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<KvSpace>> spaces_ HOOKHOST_GUARDED_BY(mutex_);
};

// The table behind "hookhost.kv/1".
extern const hookhost_ext_kv kKvTable;

}  // namespace hookhost::plugin
