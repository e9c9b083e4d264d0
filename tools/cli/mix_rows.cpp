#include "mix_rows.hpp"

#include <algorithm>
#include <cstring>
#include <cutmix/mix.hpp>
#include <cutmix/region.hpp>
#include <cutmix/targets.hpp>

namespace cutmix::cli {
namespace {

// What image i takes of its partner: a box to paste, or all of it to blend; or nothing.
Box taken(const Plan& plan, std::int64_t i) {
  const Box& box = plan.box_of(i);
  if (!box.empty()) return box;
  return plan.lambda_of(i) < 1 ? Box{0, 0, plan.h, plan.w} : Box{};
}

template <class T>
TensorView<T> crop(TensorView<T> image, const Box& box) {
  return image.crop(box.y0, box.x0, box.y1, box.x1);
}
Box whole(const Shape& shape) { return {0, 0, shape.h, shape.w}; }

// Boxes by rank, each rank's in the order of the images that get them.
template <class T>
class Boxes {
 public:
  Boxes(TensorView<const T> own, const Plan& plan, Ranks& ranks)
      : plan_(plan),
        channels_(own.shape().c),
        ranks_(ranks),
        sent_(static_cast<std::size_t>(ranks.size())),
        received_(sent_.size()),
        next_(sent_.size()) {
    const Range mine = part_of(plan.n, ranks.rank(), ranks.size());
    for (std::int64_t i = 0; i < plan.n; ++i) {
      const Box box = taken(plan, i);
      const std::int64_t j = plan.partner[static_cast<std::size_t>(i)];
      const int to = owner(i), from = owner(j);
      if (box.empty() || to == from) continue;
      if (from == ranks.rank()) pack(crop(own.samples(j - mine.begin, j - mine.begin + 1), box), sent_[at(to)]);
      if (to == ranks.rank()) received_[at(from)].resize(received_[at(from)].size() + count(box));
    }
    std::vector<std::span<const std::uint8_t>> send;
    std::vector<std::span<std::uint8_t>> receive;
    for (std::size_t r = 0; r < sent_.size(); ++r) {
      send.emplace_back(reinterpret_cast<const std::uint8_t*>(sent_[r].data()), sent_[r].size() * sizeof(T));
      receive.emplace_back(reinterpret_cast<std::uint8_t*>(received_[r].data()), received_[r].size() * sizeof(T));
    }
    ranks.exchange(send, receive);
  }

  int owner(std::int64_t i) const { return owner_of(i, plan_.n, ranks_.size()); }
  // The next box that came from a rank.
  TensorView<const T> next(int from, const Box& box) {
    const T* data = received_[at(from)].data() + next_[at(from)];
    next_[at(from)] += count(box);
    return {data, {1, channels_, box.y1 - box.y0, box.x1 - box.x0}};
  }

 private:
  static std::size_t at(int rank) { return static_cast<std::size_t>(rank); }
  std::size_t count(const Box& box) const { return static_cast<std::size_t>(channels_ * box.area()); }
  static void pack(TensorView<const T> box, std::vector<T>& to) {
    const std::size_t before = to.size();
    to.resize(before + static_cast<std::size_t>(box.shape().count()));
    copy_region(box, TensorView<T>(to.data() + before, box.shape()), whole(box.shape()));
  }

  const Plan& plan_;
  std::int64_t channels_;
  Ranks& ranks_;
  std::vector<std::vector<T>> sent_, received_;
  std::vector<std::size_t> next_;
};

}  // namespace

template <class T>
void mix_rows(TensorView<const T> own, TensorView<T> out, const Plan& plan, Ranks& ranks) {
  if (ranks.alone()) return mix(own, out, plan);
  Boxes<T> boxes(own, plan, ranks);
  const Range mine = part_of(plan.n, ranks.rank(), ranks.size());
  for (std::int64_t i = mine.begin; i < mine.end; ++i) {
    const auto at = [&](auto view, std::int64_t k) { return view.samples(k - mine.begin, k - mine.begin + 1); };
    copy_region(at(own, i), at(out, i), whole(out.shape()));
    const Box box = taken(plan, i);
    if (box.empty()) continue;
    const std::int64_t j = plan.partner[static_cast<std::size_t>(i)];
    const int from = boxes.owner(j);
    const TensorView<const T> partner = from == ranks.rank() ? crop(at(own, j), box) : boxes.next(from, box);
    const TensorView<T> target = crop(at(out, i), box);
    if (plan.box_of(i).empty())
      blend_region(crop(at(own, i), box), partner, target, whole(target.shape()), plan.lambda_of(i));
    else
      copy_region(partner, target, whole(target.shape()));
  }
}

void target_rows(std::span<const std::int64_t> labels, const Plan& plan, Range range, TensorView<float> out) {
  const std::int64_t classes = out.shape().c;
  std::vector<float> partner(static_cast<std::size_t>(classes));
  const Shape row{1, 1, 1, classes};
  for (std::int64_t i = range.begin; i < range.end; ++i) {
    float* own = out.data() + (i - range.begin) * classes;
    std::fill_n(own, classes, 0.0F);
    own[labels[static_cast<std::size_t>(i)]] = 1;
    const double lambda = plan.lambda_of(i);
    if (lambda == 1) continue;
    const auto other =
        static_cast<std::size_t>(labels[static_cast<std::size_t>(plan.partner[static_cast<std::size_t>(i)])]);
    partner[other] = 1;
    blend_region(TensorView<const float>(own, row), TensorView<const float>(partner.data(), row),
                 TensorView<float>(own, row), {0, 0, 1, classes}, lambda);
    partner[other] = 0;
  }
}

template void mix_rows(TensorView<const float>, TensorView<float>, const Plan&, Ranks&);
template void mix_rows(TensorView<const std::uint8_t>, TensorView<std::uint8_t>, const Plan&, Ranks&);

}  // namespace cutmix::cli
