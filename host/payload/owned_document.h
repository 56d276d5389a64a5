// SPDX-License-Identifier: Apache-2.0
//
// OwnedDocument: a JSON text with its index, for the host's own small JSON: what a command asks,
// what another host answers. Not for the hot path, which has its memory already. Any thread may
// read one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "payload/cursor.h"

namespace hookhost::payload {

class OwnedDocument {
 public:
  // Nothing: it is not JSON.
  static std::optional<OwnedDocument> parse(std::string_view json);
  OwnedDocument(OwnedDocument&&) noexcept;
  OwnedDocument& operator=(OwnedDocument&&) noexcept;
  ~OwnedDocument();

  // Valid as long as the document.
  Cursor cursor() const;
  // The text of a member of the root; empty when there is none.
  std::string text(std::string_view key) const;

 private:
  struct Memory;
  explicit OwnedDocument(std::unique_ptr<Memory> memory) noexcept;
  std::unique_ptr<Memory> memory_;
};

}  // namespace hookhost::payload
