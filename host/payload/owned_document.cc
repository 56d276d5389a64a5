// SPDX-License-Identifier: Apache-2.0
#include "payload/owned_document.h"

#include <utility>

#include "base/arena.h"
#include "payload/parse.h"

namespace hookhost::payload {

struct OwnedDocument::Memory {
  std::string text;  // with the padding that the parser reads
  Arena arena;
  Document document;
};

OwnedDocument::OwnedDocument(std::unique_ptr<Memory> memory) noexcept
    : memory_(std::move(memory)) {}
OwnedDocument::OwnedDocument(OwnedDocument&&) noexcept = default;
OwnedDocument& OwnedDocument::operator=(OwnedDocument&&) noexcept = default;
OwnedDocument::~OwnedDocument() = default;

std::optional<OwnedDocument> OwnedDocument::parse(std::string_view json) {
  auto memory = std::make_unique<Memory>();
  memory->text.assign(json);
  memory->text.append(kPaddingBytes, '\0');
  Parser parser;
  const auto parsed =
      parser.parse(std::string_view(memory->text).substr(0, json.size()), memory->arena);
  if (!parsed) return std::nullopt;
  memory->document = *parsed;
  return OwnedDocument(std::move(memory));
}

Cursor OwnedDocument::cursor() const { return Cursor(memory_->document); }

std::string OwnedDocument::text(std::string_view key) const {
  const Cursor all = cursor();
  return std::string(all.text(all.get(kRoot, key)));
}

}  // namespace hookhost::payload
