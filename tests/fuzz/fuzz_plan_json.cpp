// Plans as JSON: what is taken is a valid plan, and comes back from its own text.
#include <cutmix/error.hpp>

#include "json.hpp"
#include "read.hpp"

using namespace cutmix::cli;

static Fuzzer fuzz_plan_json("plan_json", [](Bytes input) {
  refusable([&] {
    const cutmix::Plan plan = plan_from_json({reinterpret_cast<const char*>(input.data()), input.size()}, "input");
    plan.validate();
    const std::string text = plan_to_json(plan);
    const cutmix::Plan again = plan_from_json(text, "written");
    must(again.n == plan.n && again.h == plan.h && again.w == plan.w && again.partner == plan.partner &&
             again.boxes == plan.boxes && again.lambda == plan.lambda,
         "the same plan from its own text");
    must(plan_to_json(again) == text, "the same text");
    try {
      must(plan.inverse().inverse().partner == plan.partner, "the inverse's inverse");
    } catch (const cutmix::Error&) {
    }
  });
});
