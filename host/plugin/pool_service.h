// SPDX-License-Identifier: Apache-2.0
//
// hookhost.pool/1: functions of plugins on the host's worker pool. Each one holds its generation
// until it has run, so destroy waits for it.
#pragma once

#include <hookhost/ext/pool.h>

namespace hookhost::plugin {

// Functions of one generation that may wait or run at once: more than any sane plugin needs, and
// not enough to keep the host's events out of its queue for ever.
inline constexpr int kPostedMax = 256;

// The table behind "hookhost.pool/1".
extern const hookhost_ext_pool kPoolTable;

}  // namespace hookhost::plugin
