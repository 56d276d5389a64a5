// SPDX-License-Identifier: Apache-2.0
//
// Doctor: what is wrong, or soon will be, with a host's surroundings: configuration, secrets,
// ports, certificate, folders, plugins, clock. The facts are looked up once (doctor_facts.h); each
// check of the table in doctor.cc is a pure function from facts to findings. Needs no running host.
// Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/doctor_facts.h"

namespace hookhost::app {

enum class Severity : std::uint8_t { kOk, kWarn, kFail };

std::string_view severity_name(Severity severity) noexcept;  // "ok", "warn", "fail"

struct Finding {
  std::string_view check;  // "secrets": the row of the table that found it
  Severity severity = Severity::kOk;
  std::string thing;  // "secret $WEBHOOK_SECRET"
  std::string what;
  std::string fix = {};  // commands, one a line; may be empty
};

// All findings, the good ones too, in the order of the table. A configuration that cannot be read
// is the only finding then: everything else depends on it.
std::vector<Finding> diagnose(const DoctorFacts& facts);

}  // namespace hookhost::app
