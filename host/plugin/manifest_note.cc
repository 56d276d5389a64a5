// SPDX-License-Identifier: Apache-2.0
#include "plugin/manifest_note.h"

#include <fmt/format.h>

#include <string>

#include "base/text.h"
#include "payload/owned_document.h"
#include "plugin/abi_text.h"

namespace hookhost::plugin {
namespace {

using payload::Cursor;
using payload::NodeId;
using payload::NodeType;

Error refuse(std::string message) {
  return {ErrorCode::kInvalid, "manifest note: " + std::move(message),
          "make the note and the plugin from the same source"};
}

// said: as JSON has it, a text without its quotes.
Status compare(const Cursor& note, NodeId said, std::string_view name,
               std::string_view plugin_says) {
  if (note.type(said) == NodeType::kNone) return {};
  const std::string_view text =
      note.type(said) == NodeType::kString ? note.text(said) : note.raw(said);
  if (text == plugin_says) return {};
  return refuse(fmt::format("{} is \"{}\", the plugin says \"{}\"", name, printable(text, 256),
                            printable(plugin_says, 256)));
}

Status compare_endpoints(const Cursor& note, NodeId said, const Manifest& manifest) {
  if (note.type(said) == NodeType::kNone) return {};
  if (note.size(said) != manifest.endpoints.size())
    return refuse(fmt::format("endpoints has {} elements, the plugin has {}", note.size(said),
                              manifest.endpoints.size()));
  std::size_t i = 0;
  for (NodeId one = note.first(said); one != payload::kNoNode; one = note.next(one), ++i) {
    const EndpointManifest& endpoint = manifest.endpoints[i];
    // As its author wrote it, not as it is routed.
    const std::string_view path = view_of(endpoint.table->path);
    if (Status same = compare(note, note.get(one, "name"), fmt::format("endpoints[{}].name", i),
                              endpoint.name);
        !same)
      return same;
    if (Status same =
            compare(note, note.get(one, "path"), fmt::format("endpoints[{}].path", i), path);
        !same)
      return same;
  }
  return {};
}

}  // namespace

Status check_manifest_note(std::string_view json, const Manifest& manifest) {
  if (json.empty()) return {};
  const auto document = payload::OwnedDocument::parse(json);
  if (!document || document->cursor().type(payload::kRoot) != NodeType::kObject)
    return refuse("it is not a JSON object");
  const Cursor note = document->cursor();
  const struct {
    std::string_view name;
    std::string value;
  } rows[] = {{"id", manifest.id},
              {"version", manifest.version},
              {"build_id", manifest.build_id},
              {"abi_minor_required", std::to_string(manifest.abi_minor_required)}};
  for (const auto& row : rows) {
    if (Status same = compare(note, note.get(payload::kRoot, row.name), row.name, row.value); !same)
      return same;
  }
  return compare_endpoints(note, note.get(payload::kRoot, "endpoints"), manifest);
}

}  // namespace hookhost::plugin
