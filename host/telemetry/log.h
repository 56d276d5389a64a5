// SPDX-License-Identifier: Apache-2.0
//
// Log: the one stream of lines that the host writes about itself: text on a terminal, one JSON
// object per line elsewhere, with a priority in front under systemd. From start() to stop() lines
// are queued and a thread of the log writes them, so a terminal that is held up (Ctrl-S) or a slow
// pipe stops nobody; before and after they are written at once. Whoever logs gives texts as they
// are: the log escapes them.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "telemetry/console.h"
#include "telemetry/log_line.h"

namespace hookhost::telemetry {

enum class LogFormat : std::uint8_t { kAuto, kPretty, kJson, kJournald };

// kAuto becomes what suits the console; the others stay.
LogFormat resolve_format(LogFormat wanted, const Console& console) noexcept;

// Writes complete lines, each with its line end. One thread at a time.
using LineWriter = std::function<void(std::string_view lines)>;

// Standard output, by a sink of spdlog; flushed after every call, deaf to errors.
LineWriter standard_output();

// Something that has lines for the log's thread to fetch.
class LineSource {
 public:
  // The lines that are due now, complete; empty: none. Log thread only.
  virtual std::string take_lines() = 0;

 protected:
  ~LineSource() = default;
};

struct LogOptions {
  LogFormat format = LogFormat::kAuto;
  Level level = Level::kInfo;  // lines below it are dropped
};

class Log {
 public:
  // Lines that wait for the thread, in bytes; more are dropped and counted in one line.
  static constexpr std::size_t kQueueBytesMax = 1024 * 1024;

  Log(LogOptions options, Console console, const Clock& clock,
      LineWriter writer = standard_output());
  ~Log();  // stops
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool wants(Level level) const noexcept { return level >= options_.level; }
  LogFormat format() const noexcept { return format_; }  // never kAuto
  bool is_pretty() const noexcept { return format_ == LogFormat::kPretty; }
  const Console& console() const noexcept { return console_; }

  // Any thread.
  void write(Level level, std::string_view message, std::span<const Field> fields = {}) noexcept;
  void write(Level level, std::string_view message, std::initializer_list<Field> fields) noexcept {
    write(level, message, std::span<const Field>(fields.begin(), fields.size()));
  }

  // The record in the log's format with its line end; for a LineSource.
  std::string written(const LogRecord& record) const;

  // Text for people, as it is, in its turn among the lines: the start and the end of `serve` on a
  // terminal. Any thread.
  void print(std::string_view text) noexcept;

  // Sources outlive the thread. Before start().
  void attach(LineSource& source);

  // Starts the thread. Throws std::system_error when there is none to have.
  void start();
  // Writes what is queued and due, and ends the thread. A second call does nothing.
  void stop() noexcept;

  // Wakes the thread soon; for a source that has lines. Any thread, takes no lock, and costs one
  // load while the thread is awake.
  void wake() noexcept {
    if (is_asleep_.load(std::memory_order_relaxed)) wake_now();
  }

 private:
  void put(std::string_view lines) noexcept;
  void write_out(std::string_view lines) noexcept HOOKHOST_EXCLUDES(writer_mutex_);
  void wake_now() noexcept;
  void run() noexcept;
  bool turn();
  bool write_sources() noexcept;
  std::string take_queue() HOOKHOST_REQUIRES(mutex_);

  const LogOptions options_;
  const Console console_;
  const LogFormat format_;
  const Clock& clock_;
  std::vector<LineSource*> sources_;
  std::thread thread_;
  std::atomic<bool> is_asleep_{false};
  bool is_busy_ = false;  // the thread's: a source had lines in its last turn

  Mutex writer_mutex_;
  LineWriter writer_ HOOKHOST_GUARDED_BY(writer_mutex_);

  Mutex mutex_;
  Condition condition_;
  std::string queue_ HOOKHOST_GUARDED_BY(mutex_);
  std::uint64_t dropped_ HOOKHOST_GUARDED_BY(mutex_) = 0;
  bool is_running_ HOOKHOST_GUARDED_BY(mutex_) = false;
  bool is_stopping_ HOOKHOST_GUARDED_BY(mutex_) = false;
};

}  // namespace hookhost::telemetry
