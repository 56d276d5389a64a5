// SPDX-License-Identifier: Apache-2.0
//
// The manifest note: what a library says about itself to those who do not run it, as JSON in an ELF
// note (section .note.hookhost.manifest, owner HOOKHOST, type 0x484B4831, "HKH1"). It is optional,
// and the plugin's own table is the authority. Known members, each optional: id, version, build_id,
// abi_minor_required, endpoints[].name, endpoints[].path; others are not looked at. Pure. Any
// thread.
#pragma once

#include <string_view>

#include "base/result.h"
#include "plugin/manifest.h"

namespace hookhost::plugin {

// json: of the note; empty: there is none, which is fine. kInvalid: it is no JSON object, or
// contradicts the plugin in a member, which is named with both values.
Status check_manifest_note(std::string_view json, const Manifest& manifest);

}  // namespace hookhost::plugin
