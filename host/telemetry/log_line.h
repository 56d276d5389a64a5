// SPDX-License-Identifier: Apache-2.0
//
// One line of the log: level, message and named fields, and its two written forms. Pure. Texts are
// strangers' until they are written: both forms escape them. A Secret given as a field is shown as
// ***. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/secret.h"
#include "telemetry/console.h"

namespace hookhost::telemetry {

enum class Level : std::uint8_t { kDebug, kInfo, kWarn, kError };

std::string_view level_name(Level level) noexcept;

// A name and a value that live as long as the call.
struct Field {
  struct Json {
    std::string_view text;  // complete and valid
  };
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool, Json>;

  Field(std::string_view field, std::string_view text) : name(field), value(text) {}
  Field(std::string_view field, const char* text) : Field(field, std::string_view(text)) {}
  Field(std::string_view field, const std::string& text) : Field(field, std::string_view(text)) {}
  Field(std::string_view field, int number) : name(field), value(std::int64_t{number}) {}
  Field(std::string_view field, std::int64_t number) : name(field), value(number) {}
  Field(std::string_view field, std::uint64_t number) : name(field), value(number) {}
  Field(std::string_view field, double number) : name(field), value(number) {}
  Field(std::string_view field, bool flag) : name(field), value(flag) {}
  Field(std::string_view field, Json json) : name(field), value(json) {}
  Field(std::string_view field, const Secret&) : Field(field, Secret::masked()) {}

  std::string_view name;
  Value value;
};

struct LogRecord {
  SystemTime time{};
  Level level = Level::kInfo;
  std::string_view message;
  std::span<const Field> fields;
};

// {"ts":"2026-11-24T12:03:41.250Z","level":"warn","msg":...,<fields>} without a line end.
std::string json_line(const LogRecord& record);

// `  12:03:41  warn   message   name=value` without a line end; name=value pairs that do not fit
// into the width follow on indented lines.
std::string pretty_line(const LogRecord& record, const Console& console);

// "<4>", "<6>" ...: how systemd learns the priority (sd-daemon(3)).
std::string_view journal_prefix(Level level) noexcept;

}  // namespace hookhost::telemetry
