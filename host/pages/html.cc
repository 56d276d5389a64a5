// SPDX-License-Identifier: Apache-2.0
#include "pages/html.h"

#include "base/text.h"

namespace hookhost::pages {

std::string escape_html(std::string_view text) {
  std::string html;
  for (const char c : printable(text, text.size())) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html.push_back(c);
    }
  }
  return html;
}

}  // namespace hookhost::pages
