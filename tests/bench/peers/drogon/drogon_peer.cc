// SPDX-License-Identifier: Apache-2.0
//
// Drogon, one thread: a handler for the path that answers a constant. It does not look at the
// secret or the body. Built where CMake finds Drogon; Debian 12 has no package of it.
#include <drogon/drogon.h>

#include <cstdlib>
#include <functional>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  using Answer = std::function<void(const drogon::HttpResponsePtr&)>;
  drogon::app()
      .registerHandler(
          "/webhooks/inline_hub",
          [](const drogon::HttpRequestPtr&, Answer&& answer) {
            auto response = drogon::HttpResponse::newHttpResponse();
            response->setContentTypeCode(drogon::CT_APPLICATION_JSON);
            response->setBody("{\"repo\":\"openai-community/gpt2\",\"scope\":\"discussion\"}");
            answer(response);
          },
          {drogon::Post})
      .setLogLevel(trantor::Logger::kFatal)
      .addListener("127.0.0.1", static_cast<uint16_t>(std::atoi(argv[1])))
      .setThreadNum(1)
      .run();
}
