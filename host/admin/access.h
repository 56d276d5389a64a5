// SPDX-License-Identifier: Apache-2.0
//
// HostAllowList: the names under which the admin listener answers. DNS rebinding turns a foreign
// name into our address, but it cannot change the Host header, so a name that is not ours is
// refused, on loopback too. Pure. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/request.h"

namespace hookhost::admin {

class HostAllowList {
 public:
  // Loopback names only: localhost, 127.0.0.1, [::1].
  HostAllowList() = default;

  // Those, the address the listener is configured with (numeric, without brackets), and further
  // names of the operator. The unspecified address (0.0.0.0, ::) stands for every numeric address:
  // rebinding needs a name.
  HostAllowList(std::string_view listen_address, std::vector<std::string> names);

  // The port is not compared. A request of HTTP/1.0 may leave Host out: no browser does.
  bool allows(const RequestHead& head) const noexcept;
  bool allows_host(std::string_view host) const noexcept;

 private:
  std::vector<std::string> names_;
  bool any_address_ = false;
};

}  // namespace hookhost::admin
