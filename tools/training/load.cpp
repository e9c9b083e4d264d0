#include "load.hpp"

#include <cli/failure.hpp>
#include <cli/source.hpp>
#include <cutmix/tensor.hpp>

namespace training {
namespace {

template <class T>
std::vector<float> channels_last(const cutmix::cli::Source& source, std::int64_t begin, std::int64_t end) {
  const cutmix::Shape shape{end - begin, source.shape.c, source.shape.h, source.shape.w};
  cutmix::Tensor<T> planes(shape);
  source.read(begin, end, planes.data(), nullptr);
  std::vector<float> pixels(static_cast<std::size_t>(shape.count()));
  const auto out = cutmix::TensorView<float>::nhwc(pixels.data(), shape);
  for (std::int64_t n = 0; n < shape.n; ++n) {
    for (std::int64_t c = 0; c < shape.c; ++c) {
      for (std::int64_t y = 0; y < shape.h; ++y) {
        for (std::int64_t x = 0; x < shape.w; ++x) out(n, c, y, x) = static_cast<float>(planes(n, c, y, x));
      }
    }
  }
  return pixels;
}

Dataset take(const cutmix::cli::Source& source, std::int64_t begin, std::int64_t end) {
  Dataset data;
  data.height = source.shape.h;
  data.width = source.shape.w;
  data.channels = source.shape.c;
  data.classes = static_cast<std::int64_t>(source.classes.size());
  data.images =
      source.is_float ? channels_last<float>(source, begin, end) : channels_last<std::uint8_t>(source, begin, end);
  data.labels.assign(source.labels.begin() + begin, source.labels.begin() + end);
  return data;
}

std::unique_ptr<cutmix::cli::Source> open(const std::vector<std::string>& files) {
  cutmix::cli::SourceOptions options;
  options.inputs = files;
  return cutmix::cli::open_source(options);
}

std::string describe(const cutmix::cli::Source& source) {
  return std::to_string(source.shape.c) + " x " + std::to_string(source.shape.h) + " x " +
         std::to_string(source.shape.w) + " of " + std::to_string(source.classes.size()) + " classes";
}

}  // namespace

Data load(const std::vector<std::string>& train_files, const std::vector<std::string>& test_files,
          std::int64_t train_size, std::int64_t held_out_size) {
  const auto train = open(train_files), test = open(test_files);
  if (describe(*train) != describe(*test)) throw cutmix::cli::Failure(test_files[0], describe(*train), describe(*test));
  if (train->shape.n < train_size + held_out_size) {
    throw cutmix::cli::Failure(train_files[0], std::to_string(train_size + held_out_size) + " images or more",
                               std::to_string(train->shape.n));
  }
  Data data{take(*train, 0, train_size), take(*train, train->shape.n - held_out_size, train->shape.n),
            take(*test, 0, test->shape.n)};
  const Scaling scaling = scaling_of(data.train);
  for (Dataset* part : {&data.train, &data.held_out, &data.test}) scale(*part, scaling);
  return data;
}

}  // namespace training
