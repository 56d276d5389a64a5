// SPDX-License-Identifier: Apache-2.0
#include "pages/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/encoding.h"
#include "base/json_writer.h"
#include "pages/embedded_ui.h"

namespace hookhost::pages {
namespace {

constexpr bool is_word(char c) noexcept {
  // Bytes of a longer character count as letters, as Python's \w has it for most of them.
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// JSON without the white space between its tokens: the parts are written for readers.
std::string compact(std::string_view json) {
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string && c == '\\') {
      out.push_back(c);
      out.push_back(json[++i]);
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (in_string || (c != ' ' && c != '\n')) out.push_back(c);
  }
  return out;
}

std::string size_text(std::size_t bytes) {
  constexpr std::size_t kMiB = 1024 * 1024;
  if (bytes >= kMiB && bytes % kMiB == 0) return fmt::format("{} MiB", bytes / kMiB);
  if (bytes >= 1024 && bytes % 1024 == 0) return fmt::format("{} KiB", bytes / 1024);
  return fmt::format("{} bytes", bytes);
}

bool is_hub(const Route& route) noexcept {
  return route.form == PayloadForm::kHub || route.form == PayloadForm::kHubStrict;
}

// Name of the security scheme of a route, "" for one that is open. Component names are limited to
// these characters.
std::string security_name(const Route& route) {
  if (route.authenticator == nullptr) return {};
  std::string name(route.authenticator->facts().header);
  std::ranges::replace_if(
      name, [](char c) { return !(is_word(c) || c == '-' || c == '.'); }, '_');
  return name;
}

// The examples, the most fitting one for the route's filter first: it is what /docs fills in.
struct Example {
  std::string_view name;
  std::string_view scope;
};
constexpr std::array<Example, 3> kExamples{{{"dataset_commit", "repo.content"},
                                            {"new_comment", "discussion.comment"},
                                            {"new_model", "repo"}}};

std::array<Example, 3> examples_for(std::string_view events) {
  std::string_view wanted = events.substr(0, events.find_first_of(":,*"));
  if (wanted.ends_with('.')) wanted.remove_suffix(1);
  std::array<Example, 3> examples = kExamples;
  const auto fitness = [wanted](const Example& example) {
    return example.scope == wanted ? 0 : example.scope.starts_with(wanted) ? 1 : 2;
  };
  std::ranges::stable_sort(examples, {}, fitness);
  return examples;
}

void write_parameters(JsonWriter& json, std::string_view path) {
  json.key("parameters").begin_array();
  while (true) {
    const std::size_t open = path.find('{');
    if (open == std::string_view::npos) break;
    const std::size_t close = path.find('}', open);
    json.begin_object()
        .member("name", path.substr(open + 1, close - open - 1))
        .member("in", "path")
        .member("required", true);
    json.key("schema").begin_object().member("type", "string").end_object().end_object();
    path.remove_prefix(close);
  }
  json.end_array();
}

void write_request_body(JsonWriter& json, const Route& route) {
  json.key("requestBody").begin_object();
  if (route.form != PayloadForm::kRaw) json.member("required", true);
  json.key("content").begin_object();
  json.key(route.form == PayloadForm::kRaw ? "*/*" : "application/json").begin_object();
  json.key("schema").begin_object();
  if (is_hub(route)) {
    json.member("$ref", route.form == PayloadForm::kHub
                            ? "#/components/schemas/HubWebhookPayload"
                            : "#/components/schemas/HubWebhookPayloadStrict");
  }
  json.end_object();
  if (is_hub(route)) {
    json.key("examples").begin_object();
    for (const Example& example : examples_for(route.events)) {
      json.key(example.name)
          .begin_object()
          .member("$ref", fmt::format("#/components/examples/{}", example.name))
          .end_object();
    }
    json.end_object();
  }
  json.end_object().end_object().end_object();
}

void write_responses(JsonWriter& json, const Route& route) {
  const auto plain = [&json](const char* status, std::string_view description) {
    json.key(status).begin_object().member("description", description).end_object();
  };
  json.key("responses").begin_object();
  json.key("200").begin_object().member("description", "The handler's answer");
  json.key("content").begin_object().key("application/json").begin_object();
  json.key("schema").begin_object().end_object().end_object().end_object().end_object();
  plain("204", "The handler has nothing to do for this event");
  if (route.authenticator != nullptr) {
    const SchemeFacts& scheme = route.authenticator->facts();
    const bool is_told_apart = scheme.wrong_status != 401;
    plain("401", fmt::format("{} is missing{}", scheme.header, is_told_apart ? "" : " or wrong"));
    if (is_told_apart) plain("403", fmt::format("{} is wrong", scheme.header));
  }
  plain("413", fmt::format("The body is larger than {}", size_text(route.body_bytes_max)));
  if (route.form != PayloadForm::kRaw) {
    json.key("422").begin_object().member("description", "The body is not what is expected");
    json.key("content").begin_object().key("application/json").begin_object().key("schema");
    json.begin_object().member("$ref", "#/components/schemas/HTTPValidationError").end_object();
    json.end_object().end_object().end_object();
  }
  plain("500", "The handler failed");
  plain("503", "No room for the event at the moment: send it again after Retry-After seconds");
  if (route.timeout.count() > 0) plain("504", "The handler did not answer in time");
  json.end_object();
}

void write_operation(JsonWriter& json, const Route& route, std::string_view id) {
  json.begin_object().member("summary", route.name);
  if (!route.doc.empty()) json.member("description", route.doc);
  json.member("operationId", id);
  if (!route.events.empty()) json.member("x-hookhost-events", route.events);
  if (route.path.find('{') != std::string::npos) write_parameters(json, route.path);
  write_request_body(json, route);
  write_responses(json, route);
  if (const std::string name = security_name(route); !name.empty()) {
    json.key("security").begin_array().begin_object().key(name).begin_array().end_array();
    json.end_object().end_array();
  }
  json.end_object();
}

void write_components(JsonWriter& json, const routing::RouteTable& table) {
  std::map<std::string, std::string_view> headers;  // by the name of their security scheme
  for (const Route& route : table.routes()) {
    if (std::string name = security_name(route); !name.empty())
      headers.emplace(std::move(name), route.authenticator->facts().header);
  }
  json.key("components").begin_object();
  json.key("schemas").raw(compact(embedded_bytes(embedded_pages_openapi(), "hub_schemas.json")));
  json.key("examples").raw(compact(embedded_bytes(embedded_pages_openapi(), "hub_examples.json")));
  if (!headers.empty()) {
    json.key("securitySchemes").begin_object();
    for (const auto& [name, header] : headers) {
      json.key(name).begin_object().member("type", "apiKey").member("in", "header");
      json.member("name", header).end_object();
    }
    json.end_object();
  }
  json.end_object();
}

}  // namespace

std::string printed_path(std::string_view path) {
  std::string printed;
  while (!path.empty()) {
    const std::size_t open = std::min(path.find('{'), path.size());
    printed += percent_encode_path(path.substr(0, open));
    path.remove_prefix(open);
    const std::size_t parameter_bytes = path.empty() ? 0 : path.find('}') + 1;
    printed += path.substr(0, parameter_bytes);
    path.remove_prefix(parameter_bytes);
  }
  return printed;
}

std::vector<std::string> operation_ids(const routing::RouteTable& table) {
  std::vector<std::string> ids;
  std::set<std::string> taken;
  for (const Route& route : table.routes()) {
    std::string id = route.name + route.path;
    std::ranges::replace_if(
        id, [](char c) { return !is_word(c); }, '_');
    id += "_post";
    std::string unique = id;
    for (int i = 2; !taken.insert(unique).second; ++i) unique = fmt::format("{}_{}", id, i);
    ids.push_back(std::move(unique));
  }
  return ids;
}

std::string openapi_document(const routing::RouteTable& table, std::string_view version) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("openapi", "3.1.0");
  json.key("info").begin_object().member("title", "hookhost").member("version", version);
  json.end_object();
  json.key("paths").begin_object();
  const std::vector<std::string> ids = operation_ids(table);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Route& route = table.routes()[i];
    json.key(printed_path(route.path)).begin_object().key("post");
    write_operation(json, route, ids[i]);
    json.end_object();
  }
  json.end_object();
  write_components(json, table);
  json.end_object();
  return text;
}

}  // namespace hookhost::pages
