// SPDX-License-Identifier: Apache-2.0
//
// The request of an attempt as a plugin reads it: the only place that fills hookhost_request and
// hookhost_payload. No text is copied; the structs lie in the arena of the attempt. Hot path: no
// allocation, lock or shared counter per request.
#pragma once

#include <hookhost/payload.h>

#include "model/handler.h"
#include "plugin/manifest.h"

namespace hookhost::plugin {

// Does an endpoint of this form get a hookhost_payload?
bool wants_hub(PayloadForm form) noexcept;

// Writes the request to place (uninitialised, of its size and alignment). Valid as long as the
// attempt. Throws std::bad_alloc when the arena does.
hookhost_request* make_request(const Attempt& attempt, const EndpointManifest& endpoint,
                               void* place);

}  // namespace hookhost::plugin
