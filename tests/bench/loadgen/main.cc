// SPDX-License-Identifier: Apache-2.0
//
// loadgen: sends one request again and again over N keep-alive connections for some seconds and
// prints one line of JSON: how many were answered, how long it took, and what it cost the server's
// processes and the generator itself in processor time.
//
//   loadgen --port 7860 --target /webhooks/echo --header 'X-Webhook-Secret: s' --body push.json
#include <getopt.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "loadgen/load.h"

namespace hookhost::bench {
namespace {

constexpr char kUsage[] =
    "usage: loadgen --port PORT [--target PATH] [--method NAME] [--header 'NAME: VALUE']...\n"
    "               [--body FILE] [--connections N] [--seconds S] [--warm-up S] [--core N]\n"
    "               [--engine auto|io_uring|epoll] [--server-pid PID]... [--hold]\n"
    "               [--rate N [--until-eof]] [--identity] [--tls]\n"
    "--server-pid: also report the processor time of these processes over the counted seconds\n"
    "--rate: N requests per second at fixed times, latency from then on; --until-eof: until stdin "
    "ends\n"
    "--identity: every answer is \"BUILD GENERATION\"; counts those that may not be\n"
    "--tls: on epoll, whatever the certificate; not with --rate\n"
    "--hold: one request on each connection, then print the line and keep them open until stdin "
    "ends\n";

std::uint64_t to_ns(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_nsec);
}

// Processor time of all threads of a process, ended ones included; 0: no such process.
std::uint64_t processor_ns(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return to_ns(time);
}

class ProcessorWindow final : public Window {
 public:
  explicit ProcessorWindow(const std::vector<pid_t>& pids) : pids_(pids) {}

  void begin() override { begin_ = read(); }
  void end() override { end_ = read(); }

  double seconds() const { return from_ns(end_.wall - begin_.wall); }
  double server_seconds() const { return from_ns(end_.server - begin_.server); }
  double own_seconds() const { return from_ns(end_.own - begin_.own); }

 private:
  struct Reading {
    std::uint64_t wall = 0, server = 0, own = 0;
  };

  Reading read() const {
    Reading reading{.wall = monotonic_ns(), .own = processor_ns(getpid())};
    for (const pid_t pid : pids_) reading.server += processor_ns(pid);
    return reading;
  }
  static double from_ns(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

  const std::vector<pid_t>& pids_;
  Reading begin_, end_;
};

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "loadgen: %s\n", why.c_str());
  std::exit(1);
}

std::string read_file(const char* name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) stop(std::string(name) + ": cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

Options read_options(int argc, char** argv) {
  static const option kOptions[] = {
      {"host", 1, nullptr, 'o'},    {"port", 1, nullptr, 'p'},        {"target", 1, nullptr, 't'},
      {"method", 1, nullptr, 'm'},  {"header", 1, nullptr, 'H'},      {"body", 1, nullptr, 'd'},
      {"seconds", 1, nullptr, 's'}, {"connections", 1, nullptr, 'c'}, {"core", 1, nullptr, 'k'},
      {"warm-up", 1, nullptr, 'w'}, {"server-pid", 1, nullptr, 'P'},  {"engine", 1, nullptr, 'e'},
      {"rate", 1, nullptr, 'r'},    {"until-eof", 0, nullptr, 'u'},   {"identity", 0, nullptr, 'i'},
      {"tls", 0, nullptr, 'T'},     {"hold", 0, nullptr, 'h'},        {}};
  Options options;
  for (int choice = 0; (choice = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
    switch (choice) {
      case 'o': options.host = optarg; break;
      case 'p': options.port = static_cast<std::uint16_t>(std::atoi(optarg)); break;
      case 't': options.target = optarg; break;
      case 'm': options.method = optarg; break;
      case 'H': options.headers.emplace_back(optarg); break;
      case 'd': options.body = read_file(optarg); break;
      case 's': options.seconds = std::atof(optarg); break;
      case 'c': options.connections = static_cast<unsigned>(std::atoi(optarg)); break;
      case 'k': options.core = std::atoi(optarg); break;
      case 'w': options.warm_up_seconds = std::atof(optarg); break;
      case 'P': options.server_pids.push_back(std::atoi(optarg)); break;
      case 'e': options.engine = optarg; break;
      case 'r': options.rate = std::strtoull(optarg, nullptr, 10); break;
      case 'u': options.until_eof = true; break;
      case 'i': options.identity = true; break;
      case 'T': options.tls = true; break;
      case 'h': options.hold = true; break;
      default: std::fputs(kUsage, stderr); std::exit(2);
    }
  }
  if (options.port == 0 || options.connections == 0 || optind != argc ||
      (options.until_eof && options.rate == 0) || (options.tls && options.rate != 0)) {
    std::fputs(kUsage, stderr);
    std::exit(2);
  }
  return options;
}

void pin_to(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(core), &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0)
    stop(std::string("core: ") + std::strerror(errno));
}

// One request on every connection, one after the other; they stay open until stdin ends.
void hold(Load& load) {
  std::vector<Connection> connections(load.options().connections);
  char buffer[16 * 1024];
  for (Connection& connection : connections) {
    if (!open_connection(load.options(), connection))
      stop(std::string("connect: ") + std::strerror(errno));
    const auto request = load.request();
    if (send_some(connection, request) != static_cast<ssize_t>(request.size()))
      stop(std::string("write: ") + std::strerror(errno));
    for (auto next = Load::Next::kWait; next == Load::Next::kWait;) {
      const ssize_t n = receive_some(connection, buffer, sizeof buffer);
      if (n <= 0) stop("the server closed a connection during a request");
      next = load.take(connection, {buffer, static_cast<std::size_t>(n)});
      if (next == Load::Next::kReconnect) stop("the server does not keep connections open");
    }
  }
  std::printf("{\"held\":%zu,\"last_status\":%d}\n", connections.size(), load.last_status);
  std::fflush(stdout);
  while (read(STDIN_FILENO, buffer, sizeof buffer) > 0) {
  }
}

std::string run(Load& load, Window& window, std::string& engine) {
  if (load.options().rate != 0) return engine = "open_loop", run_open_loop(load, window);
#ifdef HOOKHOST_BENCH_URING
  if (engine != "epoll" && !load.options().tls) {
    const std::string problem = run_uring(load, window);
    const bool is_refused = problem.starts_with("not permitted");
    if (!is_refused || engine == "io_uring") return engine = "io_uring", problem;
  }
#else
  if (engine == "io_uring") return "built without liburing";
#endif
  engine = "epoll";
  return run_epoll(load, window);
}

void print(const Load& load, const ProcessorWindow& window, const std::string& engine) {
  const double requests = static_cast<double>(load.responses);
  const auto us = [&](double share, const Histogram& of) {
    return static_cast<double>(of.at_share(share)) / 1e3;
  };
  std::printf(
      "{\"engine\":\"%s\",\"connections\":%u,\"seconds\":%.4f,\"requests\":%llu,\"requests_all\":%"
      "llu,"
      "\"requests_per_s\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"server_cpu_s\":%.4f,"
      "\"generator_cpu_s\":%.4f,\"not_2xx\":%llu,\"broken\":%llu,\"broken_off\":%llu,"
      "\"reconnects\":%llu,\"last_status\":%d",
      engine.c_str(), load.options().connections, window.seconds(),
      static_cast<unsigned long long>(load.responses),
      static_cast<unsigned long long>(load.responses_all), requests / window.seconds(),
      us(0.5, load.latencies), us(0.99, load.latencies), window.server_seconds(),
      window.own_seconds(), static_cast<unsigned long long>(load.not_2xx),
      static_cast<unsigned long long>(load.broken),
      static_cast<unsigned long long>(load.broken_off),
      static_cast<unsigned long long>(load.reconnects), load.last_status);
  if (load.options().rate != 0)
    std::printf(",\"max_us\":%.1f,\"late_p99_us\":%.1f,\"unanswered\":%llu", us(1, load.latencies),
                us(0.99, load.delays), static_cast<unsigned long long>(load.unanswered));
  if (load.options().identity)
    std::printf(",\"generations\":%zu,\"wrong_identities\":%llu", load.identity.generations(),
                static_cast<unsigned long long>(load.identity.wrong()));
  std::puts("}");
  if (!load.identity.first_wrong().empty())
    std::fprintf(stderr, "loadgen: wrong build: %s\n", load.identity.first_wrong().c_str());
}

}  // namespace
}  // namespace hookhost::bench

int main(int argc, char** argv) {
  using namespace hookhost::bench;
  const Options options = read_options(argc, argv);
  if (options.core >= 0) pin_to(options.core);
  Load load(options);
  if (options.hold) return hold(load), 0;
  ProcessorWindow window(options.server_pids);
  std::string engine = options.engine;
  const std::string problem = run(load, window, engine);
  if (!problem.empty()) stop(problem);
  print(load, window, engine);
}
