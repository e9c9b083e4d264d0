#include "execute.hpp"

namespace cutmix {

void execute(const Executor& executor, int threads, std::int64_t count, Executor::Task task, void* context) {
  if (threads > 1 && count > 1) return executor.run(executor.pool, count, task, context);
  for (std::int64_t i = 0; i < count; ++i) task(context, i);
}

}  // namespace cutmix
