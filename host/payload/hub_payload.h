// SPDX-License-Identifier: Apache-2.0
//
// The Hub's payload, model version 3: validated like pydantic does on the Python server's model,
// all errors at once and in its order (seed rows V01 to V22, tables 7, 7.1, 7.2). Tolerant: unknown
// values of event.action, repo.type, discussion.status (other texts) and webhook.version (other
// numbers) are accepted. Strict: refused as there. Hot path: no allocation, lock or shared counter
// per request.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "model/refusal.h"
#include "payload/index.h"
#include "payload/parse.h"

namespace hookhost::payload {

enum class Strictness : std::uint8_t { kTolerant, kStrict };

// Fills the document's hub fields in place (its index must be the arena's, freshly parsed). The
// refusal is the 422 in FastAPI's form.
Result<void, Refusal> read_hub_fields(Document& document, Strictness strictness, Arena& arena);

// The corridor's step 6 for the forms hub and json: content type, empty body, parse, model.
// content_type: the header's value, empty when absent. Form kJson takes any document, null too
// (F06). V01: an empty body is `missing` at ["body"]; V07: valid JSON under another type is
// model_attributes_type with the body echoed as a string.
enum class Form : std::uint8_t { kHub, kHubStrict, kJson };
Result<Document, Refusal> understand(Parser& parser, Form form, std::string_view content_type,
                                     std::string_view body, Arena& arena);

}  // namespace hookhost::payload
