// SPDX-License-Identifier: Apache-2.0
#include "plugin/kv_service.h"

#include <charconv>
#include <cstring>
#include <limits>

#include "plugin/abi_text.h"
#include "plugin/generation.h"

namespace hookhost::plugin {
namespace {

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= HOOKHOST_KV_KEY_BYTES_MAX;
}

}  // namespace

KvSpace::Entries::iterator KvSpace::find(std::string_view key) {
  const auto entry = entries_.find(std::string(key));
  if (entry == entries_.end()) return entry;
  if (entry->second.expires_at && *entry->second.expires_at <= clock_.monotonic_now()) {
    erase(entry);
    return entries_.end();
  }
  return entry;
}

void KvSpace::erase(Entries::iterator entry) {
  bytes_ -= entry->first.size() + entry->second.value.size();
  entries_.erase(entry);
}

// Values whose time is over go only when somebody needs their room, or asks for them.
bool KvSpace::make_room(std::size_t old_bytes, std::size_t new_bytes, bool is_new) {
  const auto fits = [&]() HOOKHOST_REQUIRES(mutex_) {
    return bytes_ - old_bytes + new_bytes <= HOOKHOST_KV_SPACE_BYTES_MAX &&
           (!is_new || entries_.size() < kKvEntriesMax);
  };
  if (fits()) return true;
  const MonotonicTime now = clock_.monotonic_now();
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto here = entry++;
    if (here->second.expires_at && *here->second.expires_at <= now) erase(here);
  }
  return fits();
}

hookhost_status KvSpace::store(Entries::iterator entry, std::string_view key,
                               std::string_view value, std::optional<MonotonicTime> expires_at) {
  const bool is_new = entry == entries_.end();
  const std::size_t old_bytes = is_new ? 0 : key.size() + entry->second.value.size();
  if (!make_room(old_bytes, key.size() + value.size(), is_new)) return HOOKHOST_E_LIMIT;
  std::string copy(value);
  if (is_new) entry = entries_.try_emplace(std::string(key)).first;
  bytes_ += key.size() + value.size();
  bytes_ -= old_bytes;
  entry->second = {std::move(copy), ++last_version_, expires_at};
  return HOOKHOST_OK;
}

hookhost_status KvSpace::get(std::string_view key, void* buffer, std::size_t capacity,
                             std::size_t* bytes, std::uint64_t* version) {
  if (!is_key(key) || bytes == nullptr || (buffer == nullptr && capacity != 0))
    return HOOKHOST_E_INVALID;
  const MutexLock lock(mutex_);
  const auto entry = find(key);
  if (entry == entries_.end()) return HOOKHOST_E_NOT_FOUND;
  const std::string& value = entry->second.value;
  *bytes = value.size();
  if (version != nullptr) *version = entry->second.version;
  if (value.size() > capacity) return HOOKHOST_E_LIMIT;
  if (!value.empty()) std::memcpy(buffer, value.data(), value.size());
  return HOOKHOST_OK;
}

hookhost_status KvSpace::put(std::string_view key, std::string_view value, std::uint64_t if_version,
                             std::uint64_t ttl_ms) {
  if (!is_key(key)) return HOOKHOST_E_INVALID;
  if (value.size() > HOOKHOST_KV_VALUE_BYTES_MAX) return HOOKHOST_E_LIMIT;
  const MutexLock lock(mutex_);
  const auto entry = find(key);
  const std::uint64_t version =
      entry == entries_.end() ? HOOKHOST_KV_ABSENT : entry->second.version;
  if (if_version != HOOKHOST_KV_ANY && if_version != version) return HOOKHOST_E_STATE;
  // Beyond a century a ttl would leave the range of the clock; it stays then.
  constexpr std::uint64_t kTtlMsMax = 100ULL * 365 * 24 * 3600 * 1000;
  std::optional<MonotonicTime> expires_at;
  if (ttl_ms != 0 && ttl_ms <= kTtlMsMax)
    expires_at = clock_.monotonic_now() + std::chrono::milliseconds(ttl_ms);
  return store(entry, key, value, expires_at);
}

hookhost_status KvSpace::add(std::string_view key, std::int64_t delta, std::int64_t* sum) {
  if (!is_key(key) || sum == nullptr) return HOOKHOST_E_INVALID;
  const MutexLock lock(mutex_);
  const auto entry = find(key);
  std::int64_t number = 0;
  std::optional<MonotonicTime> expires_at;
  if (entry != entries_.end()) {
    const std::string& text = entry->second.value;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return HOOKHOST_E_TYPE;
    expires_at = entry->second.expires_at;
  }
  if (__builtin_add_overflow(number, delta, &number)) return HOOKHOST_E_RANGE;
  const hookhost_status status = store(entry, key, std::to_string(number), expires_at);
  if (status == HOOKHOST_OK) *sum = number;
  return status;
}

hookhost_status KvSpace::remove(std::string_view key, std::uint64_t if_version) {
  if (!is_key(key) || if_version == HOOKHOST_KV_ABSENT) return HOOKHOST_E_INVALID;
  const MutexLock lock(mutex_);
  const auto entry = find(key);
  if (entry == entries_.end()) return HOOKHOST_E_NOT_FOUND;
  if (if_version != HOOKHOST_KV_ANY && if_version != entry->second.version) return HOOKHOST_E_STATE;
  erase(entry);
  return HOOKHOST_OK;
}

std::size_t KvSpace::bytes() const {
  const MutexLock lock(mutex_);
  return bytes_;
}

KvSpace& KvService::space(const std::string& plugin_id) {
  const MutexLock lock(mutex_);
  std::unique_ptr<KvSpace>& space = spaces_[plugin_id];
  if (space == nullptr) space = std::make_unique<KvSpace>(clock_);
  return *space;
}

namespace {

// Runs a function of the space that belongs to the caller's plugin.
template <class Function>
hookhost_status in_space(const hookhost_host* host, Function function) noexcept {
  Generation* generation = generation_of(host);
  if (generation == nullptr) return HOOKHOST_E_INVALID;
  return or_no_memory([&] { return function(generation->kv()); });
}

hookhost_status kv_get(const hookhost_host* host, hookhost_str key, void* buffer,
                       std::size_t capacity, std::size_t* bytes, std::uint64_t* version) {
  return in_space(
      host, [&](KvSpace& kv) { return kv.get(view_of(key), buffer, capacity, bytes, version); });
}

hookhost_status kv_put(const hookhost_host* host, hookhost_str key, const void* data,
                       std::size_t bytes, std::uint64_t if_version, std::uint64_t ttl_ms) {
  if (data == nullptr && bytes != 0) return HOOKHOST_E_INVALID;
  return in_space(host, [&](KvSpace& kv) {
    return kv.put(view_of(key), {static_cast<const char*>(data), bytes}, if_version, ttl_ms);
  });
}

hookhost_status kv_add(const hookhost_host* host, hookhost_str key, std::int64_t delta,
                       std::int64_t* sum) {
  return in_space(host, [&](KvSpace& kv) { return kv.add(view_of(key), delta, sum); });
}

hookhost_status kv_remove(const hookhost_host* host, hookhost_str key, std::uint64_t if_version) {
  return in_space(host, [&](KvSpace& kv) { return kv.remove(view_of(key), if_version); });
}

}  // namespace

const hookhost_ext_kv kKvTable = {sizeof(hookhost_ext_kv), 0, kv_get, kv_put, kv_add, kv_remove};

}  // namespace hookhost::plugin
