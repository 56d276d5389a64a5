// SPDX-License-Identifier: Apache-2.0
#include "telemetry/log.h"

#include <fmt/format.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <utility>

#include "base/check.h"

namespace hookhost::telemetry {
namespace {

// A source may have lines without the thread having been told: wake() takes no lock, so a call that
// meets the thread on its way to sleep is lost. This is how late such a line may be.
constexpr std::chrono::milliseconds kSleepMax{250};

// While lines come the thread looks at its sources this often, and nobody has to wake it.
constexpr std::chrono::milliseconds kLookEvery{20};

// Our lines are complete when they reach spdlog: its patterns do not escape.
class CompleteLine final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    out.append(message.payload.begin(), message.payload.end());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<CompleteLine>();
  }
};

}  // namespace

LogFormat resolve_format(LogFormat wanted, const Console& console) noexcept {
  if (wanted != LogFormat::kAuto) return wanted;
  if (console.is_terminal) return LogFormat::kPretty;
  return console.is_journal ? LogFormat::kJournald : LogFormat::kJson;
}

LineWriter standard_output() {
  auto sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
  sink->set_formatter(std::make_unique<CompleteLine>());
  return [sink](std::string_view lines) {
    try {
      sink->log({spdlog::string_view_t("hookhost"), spdlog::level::info,
                 spdlog::string_view_t(lines.data(), lines.size())});
    } catch (const std::exception&) {
      // Nobody is left to be told.
    }
  };
}

Log::Log(LogOptions options, Console console, const Clock& clock, LineWriter writer)
    : options_(options),
      console_(console),
      format_(resolve_format(options.format, console)),
      clock_(clock),
      writer_(std::move(writer)) {}

Log::~Log() { stop(); }

std::string Log::written(const LogRecord& record) const {
  std::string line = is_pretty() ? pretty_line(record, console_) : json_line(record);
  if (format_ == LogFormat::kJournald) line.insert(0, journal_prefix(record.level));
  line += '\n';
  return line;
}

void Log::write(Level level, std::string_view message, std::span<const Field> fields) noexcept {
  if (!wants(level)) return;
  try {
    put(written({.time = clock_.now(), .level = level, .message = message, .fields = fields}));
  } catch (const std::exception&) {
    // Out of memory: this line is lost, the work that logged it goes on.
  }
}

void Log::print(std::string_view text) noexcept { put(text); }

void Log::put(std::string_view lines) noexcept {
  bool is_queued = false;
  try {
    MutexLock lock(mutex_);
    is_queued = is_running_;
    if (is_queued && queue_.size() + lines.size() <= kQueueBytesMax) {
      queue_ += lines;
      is_asleep_.store(false, std::memory_order_relaxed);
    } else if (is_queued) {
      ++dropped_;
    }
  } catch (const std::exception&) {
    return;
  }
  if (is_queued) {
    condition_.notify_one();
  } else {
    write_out(lines);
  }
}

void Log::write_out(std::string_view lines) noexcept {
  if (lines.empty()) return;
  MutexLock lock(writer_mutex_);
  writer_(lines);
}

void Log::attach(LineSource& source) {
  HOOKHOST_CHECK(!thread_.joinable());
  sources_.push_back(&source);
}

void Log::start() {
  HOOKHOST_CHECK(!thread_.joinable());
  {
    MutexLock lock(mutex_);
    is_running_ = true;
    is_stopping_ = false;
  }
  try {
    thread_ = std::thread([this] { run(); });
  } catch (...) {
    MutexLock lock(mutex_);
    is_running_ = false;
    throw;
  }
}

void Log::stop() noexcept {
  if (!thread_.joinable()) return;
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  condition_.notify_one();
  thread_.join();
}

void Log::wake_now() noexcept {
  is_asleep_.store(false, std::memory_order_relaxed);
  condition_.notify_one();
}

std::string Log::take_queue() {
  std::string lines = std::exchange(queue_, {});
  if (dropped_ > 0) {
    const Field count("count", std::exchange(dropped_, 0));
    lines += written({.time = clock_.now(),
                      .level = Level::kWarn,
                      .message = "log lines were dropped: the output is too slow",
                      .fields = {&count, 1}});
  }
  return lines;
}

bool Log::write_sources() noexcept {
  bool any = false;
  for (LineSource* source : sources_) {
    try {
      const std::string lines = source->take_lines();
      any = any || !lines.empty();
      write_out(lines);
    } catch (const std::exception&) {
      // Out of memory: these lines are lost.
    }
  }
  return any;
}

// One turn of the thread: waits until there is something to do or to look for, then writes it.
bool Log::turn() {
  std::string lines;
  bool is_over = false;
  {
    MutexLock lock(mutex_);
    if (!is_busy_) is_asleep_.store(true, std::memory_order_relaxed);
    const MonotonicTime until = clock_.monotonic_now() + (is_busy_ ? kLookEvery : kSleepMax);
    // One wait, not a loop around a condition: waking for nothing only means to look early.
    if (queue_.empty() && !is_stopping_) condition_.wait_until(mutex_, until);
    is_asleep_.store(false, std::memory_order_relaxed);
    is_over = is_stopping_;
    if (is_over) is_running_ = false;
    lines = take_queue();
  }
  write_out(lines);
  is_busy_ = write_sources();
  return !is_over;
}

void Log::run() noexcept {
  for (bool goes_on = true; goes_on;) {
    try {
      goes_on = turn();
    } catch (const std::exception&) {
      // Out of memory: these lines are lost, the next ones may not be.
      MutexLock lock(mutex_);
      goes_on = !is_stopping_;
    }
  }
}

}  // namespace hookhost::telemetry
