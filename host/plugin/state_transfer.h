// SPDX-License-Identifier: Apache-2.0
//
// StateTransfer: what builds remember goes to those that replace them (hookhost.state/1), for all
// of one batch together, so that no call waits longer than HOOKHOST_STATE_HOLD_MS. Control thread.
//
//   begin() for each -> move() for each -> published: pass_on()
//                                          undone:    give_back(), of one or of all
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "plugin/generation.h"
#include "plugin/unknown_state.h"
#include "routing/route_table.h"

namespace hookhost::plugin {

class StateTransfer {
 public:
  explicit StateTransfer(UnknownState policy) noexcept : policy_(policy) {}

  // to is created and will take the place of from, whose calls wait from now on when both have
  // something to hand over.
  Status begin(const std::shared_ptr<Generation>& from, const std::shared_ptr<Generation>& to);

  // to knows what from knew, or starts afresh. The note, for the operator; empty: nothing was
  // moved. An error says why it cannot take over: kUnavailable when that is not its own fault.
  Result<std::string> move(const std::shared_ptr<Generation>& to);

  // tables: published before and still in use.
  void pass_on(const routing::RouteTables& tables);
  void give_back();
  void give_back(const Generation& from);

 private:
  struct Succession {
    std::shared_ptr<Generation> from, to;
  };
  Result<std::string> move(const Succession& one);

  const UnknownState policy_;
  std::vector<Succession> successions_;
  std::chrono::steady_clock::time_point until_{};  // of the first that waits
};

}  // namespace hookhost::plugin
