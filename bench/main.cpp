// bench --list, or bench --row=NAME [--torch-only] [Google Benchmark's flags]: times one row of the report.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "peers.hpp"

#ifdef __linux__
#include <sched.h>
#include <time.h>
#endif

namespace bench {
namespace {

struct Named {
  std::string name;
  std::function<void(Row&)> build;
};
std::vector<Named>& rows() {
  static std::vector<Named> all;
  return all;
}

/// Pushes whatever the last call left in the second-level cache out of it.
void evict() {
  static const std::vector<unsigned char> other(std::size_t{8} << 20, 1);
  unsigned char sum = 0;
  for (std::size_t i = 0; i < other.size(); i += 64) sum = static_cast<unsigned char>(sum + other[i]);
  benchmark::DoNotOptimize(sum);
}

/// The last core this process may use: the first one also serves the machine's interrupts.
void keep_to_one_core() {
#ifdef __linux__
  cpu_set_t allowed, one;
  CPU_ZERO(&one);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (int cpu = CPU_SETSIZE - 1; cpu >= 0; --cpu)
    if (CPU_ISSET(cpu, &allowed)) {
      CPU_SET(cpu, &one);
      sched_setaffinity(0, sizeof one, &one);
      return;
    }
#endif
}

/// Seconds: of this thread on its core where there is only one, so that other processes do not count; else of the
/// clock.
double seconds(bool one_core) {
#ifdef __linux__
  timespec now;
  clock_gettime(one_core ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
#else
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
#endif
}

/// One call, and the seconds it took.
double timed(const Entry& entry, const Row& row) {
  if (row.cold) evict();
  if (entry.asleep) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const double start = seconds(row.one_core);
  entry.run();
  return seconds(row.one_core) - start;
}

void time(benchmark::State& state, const Entry& entry, const Row& row) {
  entry.run();
  for (auto _ : state) {
    if (row.cold || entry.asleep)
      state.SetIterationTime(timed(entry, row));
    else
      entry.run();
  }
  state.counters["bytes"] = row.bytes;
  state.counters["cold"] = row.cold;
  if (entry.error.value >= 0) state.counters["error"] = entry.error.value;
  if (entry.error.gradient >= 0) state.counters["gradient_error"] = entry.error.gradient;
}

/// How many calls one repetition takes: as many as fill a few milliseconds together with what is done between them, so
/// that a whole run has a length that can be told.
std::int64_t calls(const Entry& entry, const Row& row) {
  constexpr double kSeconds = 0.004;
  const double between = (row.cold ? 0.0005 : 0) + (entry.asleep ? 0.002 : 0);
  entry.run();
  const double once = std::min(timed(entry, row), timed(entry, row));
  return std::clamp(std::llround(kSeconds / (once + between)), 1LL, 10000LL);
}

int run(int argc, char** argv) {
  mix_rows();
  collate_rows();
  loss_rows();
  parallel_rows();

  std::string wanted;
  bool everything = true;
  std::vector<char*> flags;
  for (int i = 0; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--list") {
      for (const Named& row : rows()) std::cout << row.name << '\n';
      return 0;
    }
    if (argument.starts_with("--row="))
      wanted = argument.substr(6);
    else if (argument == "--torch-only")
      everything = false;
    else
      flags.push_back(argv[i]);
  }

  int count = static_cast<int>(flags.size());
  benchmark::Initialize(&count, flags.data());
  if (benchmark::ReportUnrecognizedArguments(count, flags.data())) return 2;
  for (const Peers& peers : all_peers())
    if (!peers.version.empty()) benchmark::AddCustomContext(peers.name, peers.version);
  benchmark::AddCustomContext("row", wanted);
  benchmark::AddCustomContext("isa", cutmix::isa());
  benchmark::AddCustomContext("compiler", BENCH_COMPILER);

  Row row;
  const auto named = std::find_if(rows().begin(), rows().end(), [&](const Named& each) { return each.name == wanted; });
  if (named == rows().end()) throw std::runtime_error("no row of the name \"" + wanted + "\": see --list");
  named->build(row);
  if (row.one_core) keep_to_one_core();
  for (const Entry& entry : row.entries) {
    if (!everything && !entry.name.starts_with("cutmix") && !entry.name.starts_with("peer: torch")) continue;
    auto* one =
        benchmark::RegisterBenchmark(entry.name.c_str(), [&](benchmark::State& state) { time(state, entry, row); });
    one->Unit(benchmark::kMicrosecond)->Iterations(calls(entry, row));
    if (row.cold || entry.asleep)
      one->UseManualTime();
    else if (!row.one_core)
      one->UseRealTime();
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace

void add_row(const std::string& name, std::function<void(Row&)> build) { rows().push_back({name, std::move(build)}); }

}  // namespace bench

int main(int argc, char** argv) {
  try {
    return bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << '\n';
    return 1;
  }
}
