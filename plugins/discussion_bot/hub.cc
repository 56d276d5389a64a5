// SPDX-License-Identifier: Apache-2.0
#include "hub.h"

#include <curl/curl.h>

#include <hookhost/hookhost.hpp>
#include <memory>
#include <new>

namespace {

constexpr long kTimeoutMs = 8'000;  // below the deadline of an attempt, so a retry fits in
constexpr long kConnectTimeoutMs = 3'000;
constexpr std::size_t kAnswerBytesMax = 64 * 1024;  // both answers are below 4 KiB

std::size_t keep(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& body = *static_cast<std::string*>(user);
  if (body.size() + size * count > kAnswerBytesMax) return 0;  // ends the transfer
  body.append(bytes, size * count);
  return size * count;
}

using Headers = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

void add(Headers& headers, const std::string& line) {
  curl_slist* const longer = curl_slist_append(headers.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(headers.release());
  headers.reset(longer);
}

}  // namespace

HubAnswer Hub::who_am_i() const { return request("/api/whoami-v2", nullptr); }

HubAnswer Hub::comment(std::string_view type, std::string_view name, long long num,
                       std::string_view text) const {
  const std::string path = "/api/" + std::string(type) + "s/" + std::string(name) +
                           "/discussions/" + std::to_string(num) + "/comment";
  hookhost::JsonText json;
  json.value(hookhost::Object({{"comment", text}}));
  const std::string body(json.view());
  return request(path, &body);
}

HubAnswer Hub::request(const std::string& path, const std::string* body) const {
  HubAnswer answer;
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), &curl_easy_cleanup);
  if (curl == nullptr) throw std::bad_alloc();
  Headers headers(nullptr, &curl_slist_free_all);
  add(headers, "Authorization: Bearer " + token_);
  if (body != nullptr) {
    add(headers, "Content-Type: application/json");
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(body->size()));
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body->data());
  }
  const std::string url = endpoint_ + path;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &keep);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) {
    answer.error = curl_easy_strerror(code);
    return answer;
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}
