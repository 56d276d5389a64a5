// SPDX-License-Identifier: Apache-2.0
//
// hookhost plugin SDK, C++20: everything stable, in one header. Needs the standard library only,
// and does not include fmt (see cpp/format.hpp). Start reading at cpp/plugin.hpp.
#ifndef HOOKHOST_HPP
#define HOOKHOST_HPP

#include "cpp/context.hpp"
#include "cpp/document.hpp"
#include "cpp/failure.hpp"
#include "cpp/host.hpp"
#include "cpp/json.hpp"
#include "cpp/kv.hpp"
#include "cpp/metrics.hpp"
#include "cpp/payload.hpp"
#include "cpp/plugin.hpp"
#include "cpp/reply.hpp"
#include "cpp/task.hpp"
#include "cpp/text.hpp"
#include "cpp/wait.hpp"
#include "hookhost.h"

#endif  // HOOKHOST_HPP
