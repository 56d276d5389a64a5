// SPDX-License-Identifier: Apache-2.0
//
// The types of configuration values: how each is read from a node, shown as TOML and described.
// read() gives the reason why not, without the key: `expected 1..65535, got 70000`. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/config_node.h"
#include "app/swap_batch.h"
#include "auth/hmac.h"
#include "auth/signature.h"
#include "base/ip_address.h"
#include "base/result.h"
#include "http/event_loops.h"
#include "plugin/check_level.h"
#include "plugin/unknown_state.h"
#include "routing/route.h"
#include "telemetry/log.h"

namespace hookhost::app {

// Both ends belong to it. Of a duration: milliseconds.
struct Range {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  bool is_bytes = false;  // "25MB" is read and shown, too
};

// What is wrong with a value; empty optional: nothing.
using Complaint = std::optional<std::string>;

// Parts of a listener's address may be given by themselves: [listen] port = 7860.
enum class AddressPart : std::uint8_t { kHost, kPort };

Complaint read(const ConfigNode& node, const Range& range, bool& out);
Complaint read(const ConfigNode& node, const Range& range, std::int64_t& out);
Complaint read(const ConfigNode& node, const Range& range, std::chrono::milliseconds& out);
Complaint read(const ConfigNode& node, const Range& range, std::string& out);
Complaint read(const ConfigNode& node, const Range& range, std::filesystem::path& out);
Complaint read(const ConfigNode& node, const Range& range, http::ListenAddress& out);
// An array of texts, or one text with commas in a variable or flag.
Complaint read(const ConfigNode& node, const Range& range, IpRanges& out);
Complaint read_part(const ConfigNode& node, AddressPart part, http::ListenAddress& out);

std::string show(bool value);
std::string show(std::int64_t value, const Range& range);
std::string show(std::chrono::milliseconds value);
std::string show(const std::string& value);
std::string show(const std::filesystem::path& value);
std::string show(const http::ListenAddress& value);
std::string show(const IpRanges& value);

// Enumerations have a table of names, in the order of their values.
std::span<const std::string_view> names_of(PayloadForm) noexcept;
std::span<const std::string_view> names_of(Place) noexcept;
std::span<const std::string_view> names_of(Ack) noexcept;
std::span<const std::string_view> names_of(OnFailure) noexcept;
std::span<const std::string_view> names_of(SwapBatch) noexcept;
std::span<const std::string_view> names_of(plugin::UnknownState) noexcept;
std::span<const std::string_view> names_of(auth::Digest) noexcept;
std::span<const std::string_view> names_of(auth::Encoding) noexcept;
std::span<const std::string_view> names_of(auth::KeyForm) noexcept;
std::span<const std::string_view> names_of(plugin::CheckLevel) noexcept;
std::span<const std::string_view> names_of(telemetry::LogFormat) noexcept;
std::span<const std::string_view> names_of(telemetry::Level) noexcept;

// The position of the text among the names.
Complaint read_name(const ConfigNode& node, std::span<const std::string_view> names,
                    std::size_t& out);

// A moment as TOML and RFC 3339 write it: "2026-11-25T14:10:00Z", with an offset.
std::optional<SystemTime> parse_moment(std::string_view text);

// "127.0.0.1:7860", "[::1]:7860", "localhost:7860".
std::optional<http::ListenAddress> parse_address(std::string_view text);
std::string print_address(const http::ListenAddress& address);

// "30s", "250ms", "1m30s", "2h", "7d".
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// "26MB", "64KiB", "4096".
std::optional<std::int64_t> parse_bytes(std::string_view text);

}  // namespace hookhost::app
