// SPDX-License-Identifier: Apache-2.0
//
// Document: a JSON text that a plugin parses itself, such as the answer of another server or its
// own configuration; read through Json. Strict RFC 8259: UTF-8 is checked, nothing but white space
// may follow, nesting ends at 512. Duplicate keys: the last one counts. Events need none of this:
// the host has parsed them already.
#ifndef HOOKHOST_CPP_DOCUMENT_HPP
#define HOOKHOST_CPP_DOCUMENT_HPP

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "../plugin.h"
#include "json.hpp"
#include "json_functions.hpp"
#include "json_tree.hpp"
#include "namespace.hpp"

HOOKHOST_NAMESPACE_BEGIN

namespace detail {

// A Json on a tree of our own has the tree in the place of the call.
inline const JsonTree* tree_as_call(const hookhost_call* call) noexcept {
  return reinterpret_cast<const JsonTree*>(call);
}
inline constexpr hookhost_host kDocumentFunctions = [] {
  hookhost_host host{};
  host.struct_size = sizeof host;
  JsonFunctions<&tree_as_call>::fill(host);
  return host;
}();

}  // namespace detail

// Owns its text; cursors on it are valid as long as it (or what it was moved to) lives. Any thread
// may read.
class Document {
 public:
  explicit Document(std::string text)
      : tree_(std::make_unique<const detail::JsonTree>(std::move(text))) {}

  // The text was JSON. Otherwise root() is a cursor on nothing and error() says what is wrong and
  // where.
  explicit operator bool() const noexcept { return tree_->error().empty(); }
  std::string_view error() const noexcept { return tree_->error(); }

  Json root() const noexcept {
    return Json(&detail::kDocumentFunctions, reinterpret_cast<const hookhost_call*>(tree_.get()),
                tree_->root());
  }
  template <class Key>
  Json operator[](Key key) const noexcept {
    return root()[key];
  }

 private:
  std::unique_ptr<const detail::JsonTree> tree_;
};

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_DOCUMENT_HPP
