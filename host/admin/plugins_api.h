// SPDX-License-Identifier: Apache-2.0
//
// PluginsApi: /api/v1/plugins and /api/v1/swaps of the admin listener.
//
//   GET  /api/v1/plugins                 every generation in memory, every refused file
//   GET  /api/v1/swaps                   what became of the last ones, the oldest first
//   POST /api/v1/plugins/deploy          {"file": "/abs/retrain.so"}: a build of this machine
//   POST /api/v1/plugins/ID/rollback     the build before serves again
//   POST /api/v1/plugins/ID/reload       the file as it lies in the folder, as a new generation
//
// A deploy names a file and does not carry it: what is loaded has passed the rules about owners and
// modes of files, so that whoever reaches this listener can run only what the operator, or root,
// has put on this machine. Changes need what a form of a foreign page cannot send (see
// is_own_change). Any loop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/task.h"
#include "model/exchange.h"

namespace hookhost::admin {

struct PluginOrder {
  enum class Kind : std::uint8_t { kList, kHistory, kDeploy, kRollBack, kReload };
  Kind kind = Kind::kList;
  std::string operand = {};  // the file, or the plugin's id
};
struct PluginReply {
  int status = 200;
  std::string json = {};
};

// Whoever carries orders out; app has it on the control thread.
class PluginOrders {
 public:
  // reply is called once, on any thread, maybe before this returns. Any thread.
  virtual void submit(PluginOrder order, std::function<void(PluginReply)> reply) = 0;

 protected:
  ~PluginOrders() = default;
};

// A change may be asked for by POST only, by no other site (Sec-Fetch-Site, when a browser says
// it), and with a header or a type that a form cannot send. Pure.
bool is_own_change(const RequestHead& head) noexcept;

class PluginsApi {
 public:
  explicit PluginsApi(PluginOrders& orders) noexcept : orders_(orders) {}

  static bool has(std::string_view path) noexcept;
  // For a path that it has.
  Task<Response> answer(Exchange& exchange);

 private:
  PluginOrders& orders_;
};

}  // namespace hookhost::admin
