// SPDX-License-Identifier: Apache-2.0
//
// Handlers whose events are kept. A body "2 /tmp/x" fails two attempts; the third appends a line to
// the file: id of the event, attempt, id of the delivery.
#include <cstdlib>
#include <fstream>
#include <hookhost/hookhost.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

using namespace hookhost;

HOOKHOST_PLUGIN("kept", "1.0.0");

static Reply write_down(const Request& request, const Context& ctx) {
  std::istringstream body{std::string(request.body)};
  unsigned failures = 0;
  std::string file;
  body >> failures >> file;
  if (ctx.attempt() <= failures) throw std::runtime_error("failing as it was told");
  std::ofstream(file, std::ios::app) << std::string(ctx.event_id()) << ' ' << ctx.attempt() << ' '
                                     << std::string(request.delivery_id) << std::endl;
  return text(200, "written");
}

static Reply replies(const Request& request, Context& ctx) { return write_down(request, ctx); }
HOOKHOST_ROUTE(replies);

static Reply lasts(const Request& request, Context& ctx) { return write_down(request, ctx); }
HOOKHOST_ROUTE(lasts, "", .ack = Ack::kDurable);

// Ends the process when the body says "crash".
static Reply crashes(const Request& request, Context& ctx) {
  if (std::string_view(request.body) == "crash") std::abort();
  return write_down(request, ctx);
}
HOOKHOST_ROUTE(crashes, "", .ack = Ack::kDurable);

// Waits for the end of the process: whoever opens the pipe for writing never does.
static Reply hangs(const Request& request) {
  std::ifstream pipe{std::string(request.body)};
  std::string line;
  std::getline(pipe, line);
  return text(200, "let go");
}
HOOKHOST_ROUTE(hangs, "", .deadline = std::chrono::seconds(60), .ack = Ack::kDurable);
