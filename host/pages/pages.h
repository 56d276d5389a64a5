// SPDX-License-Identifier: Apache-2.0
//
// Pages: what the public listener serves besides webhooks: the landing page (or the user's folder
// in its place), /docs, /openapi.json and their assets. Open to everyone: no payload, no secret, no
// delivery is shown. Everything else is 404 {"detail":"Not Found"}; another method than GET or HEAD
// is 405. What depends on the route table is built once per published table. Any loop.
#pragma once

#include <memory>
#include <string>

#include "base/mutex.h"
#include "model/exchange.h"
#include "pages/static_files.h"
#include "pages/user_folder.h"
#include "routing/published_table.h"

namespace hookhost::pages {

struct PagesOptions {
  std::string version = {};  // of the product; info.version of /openapi.json
  bool on_space = false;     // SPACE_ID is set: the Space text, may stand in its iframe
  std::shared_ptr<UserFolder> user_folder = {};  // --ui DIR; nullptr: our landing page
};

class Pages final : public Receiver {
 public:
  // published must outlive it.
  Pages(PagesOptions options, const routing::PublishedTable& published);
  ~Pages() override;

  Task<Response> receive(Exchange& exchange) override;

 private:
  struct TablePages;
  std::shared_ptr<const TablePages> table_pages();

  const PagesOptions options_;
  const routing::PublishedTable& published_;
  const StaticFiles files_;
  Mutex mutex_;
  std::shared_ptr<const TablePages> table_pages_ HOOKHOST_GUARDED_BY(mutex_);
};

}  // namespace hookhost::pages
