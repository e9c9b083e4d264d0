// Random calls against the reference. CUTMIX_RANDOM_CALLS=1000000 makes it long, CUTMIX_RANDOM_SEED=s
// CUTMIX_RANDOM_CALLS=1 replays one.
#include "random_run.hpp"

namespace random_calls {

TEST_CASE("random calls on pixels agree with the reference bit for bit") { run(30000, any_pixels); }
TEST_CASE("random calls of the loss agree with the reference within the error budget") { run(6000, any_loss); }
TEST_CASE("random calls on targets agree with the reference bit for bit") { run(2000, any_targets); }

}  // namespace random_calls
