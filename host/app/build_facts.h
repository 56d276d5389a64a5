// SPDX-License-Identifier: Apache-2.0
//
// BuildFacts: what this binary was made from, for `--version`, /metrics and bug reports. Constants,
// so that the same source gives the same bytes: the date is the commit's. Any thread.
#pragma once

#include <string_view>

namespace hookhost::app {

struct BuildFacts {
  std::string_view version;      // "0.1.0"
  std::string_view commit;       // "abc1234", "unknown" outside a repository
  std::string_view commit_date;  // "2026-11-24", "unknown"
  std::string_view compiler;     // "g++ 12.2.0"
  std::string_view boost;        // "1.81.0"
  std::string_view openssl;      // "3.0.22"
  int sdk_abi = 1;               // major number of the plugin ABI
  int sdk_abi_minor = 0;
};

const BuildFacts& build_facts() noexcept;

}  // namespace hookhost::app
