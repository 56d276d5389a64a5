// SPDX-License-Identifier: Apache-2.0
#include "pages/landing.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/encoding.h"
#include "pages/embedded_ui.h"
#include "pages/html.h"
#include "pages/openapi.h"

namespace hookhost::pages {
namespace {

constexpr std::string_view kLocalText =
    "Your app is running locally. Please look at the logs to check the full URL you need to set.";
constexpr std::string_view kSpaceText =
    "This app is running on a Space. You can find the corresponding URL in the options menu "
    "(top-right) &gt; 'Embed the Space'. The URL looks like "
    "'https://{username}-{repo_name}.hf.space'.";

// Beyond the seed: its page says nothing when there is nothing.
constexpr std::string_view kNoWebhooks =
    "<p class=\"hint\">No plugin is loaded. Put one into the plugin folder, or try one with "
    "<code>hookhost run my_plugin.so</code>.</p>";

std::string webhook_list(const routing::RouteTable& table) {
  if (table.routes().empty()) return std::string(kNoWebhooks);
  std::string list = "<ul class=\"endpoints\">\n";
  const std::vector<std::string> ids = operation_ids(table);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Route& route = table.routes()[i];
    list += fmt::format(
        "<li><a href=\"/docs#/default/{}\"><span class=\"method\">POST</span> "
        "<code>{}</code></a>",
        percent_encode_path(ids[i]), escape_html(printed_path(route.path)));
    if (!route.doc.empty()) list += fmt::format("<p>{}</p>", escape_html(route.doc));
    list += "</li>\n";
  }
  return list + "</ul>";
}

void replace(std::string& page, std::string_view placeholder, std::string_view text) {
  const std::size_t position = page.find(placeholder);
  HOOKHOST_CHECK(position != std::string::npos);
  page.replace(position, placeholder.size(), text);
}

}  // namespace

std::string landing_page(const routing::RouteTable& table, bool on_space) {
  std::string page(embedded_bytes(embedded_pages_ui(), "landing.html"));
  // From the end to the beginning: what was put in is never searched.
  replace(page, "{{where}}", on_space ? kSpaceText : kLocalText);
  replace(page, "{{webhooks}}", webhook_list(table));
  replace(page, "{{count}}", fmt::to_string(table.routes().size()));
  return page;
}

}  // namespace hookhost::pages
