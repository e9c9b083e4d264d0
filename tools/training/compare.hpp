#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "load.hpp"
#include "run.hpp"

namespace cutmix::cli {
class Ranks;
}

namespace training {

struct Result {
  Recipe recipe;
  std::vector<CurvePoint> curve;
  Metrics test, occluded;
  double seconds = 0;  ///< on one thread, since the start or the resume
};

struct CompareOptions {
  int threads = 1;                      ///< runs at the same time; each uses one thread
  std::int64_t occlusion = 10;          ///< side of the square
  std::string folder;                   ///< where the checkpoints lie
  bool resume = false;                  ///< go on from those that are there
  cutmix::cli::Ranks* ranks = nullptr;  ///< all of them train each run together, on one thread each
};

/// Trains every recipe and measures it on the test images, in the order of the recipes. Leaves a checkpoint after every
/// epoch; with a progress bar on stderr. Results do not depend on the threads. Throws cutmix::cli::Failure on a
/// checkpoint that is of another run, or on a full disk.
std::vector<Result> train_all(const std::vector<Recipe>& recipes, const Data& data, const CompareOptions& options);

}  // namespace training
