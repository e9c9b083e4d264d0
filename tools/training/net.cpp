#include "net.hpp"

#include <algorithm>
#include <cmath>
#include <cutmix/error.hpp>
#include <string>

#include "product.hpp"

namespace training {
namespace {

using std::int64_t;

std::size_t size(int64_t count) { return static_cast<std::size_t>(count); }

void expect(bool good, const char* function, const char* argument, const std::string& expected, std::size_t got) {
  if (!good) throw cutmix::Error(function, argument, expected, std::to_string(got) + " numbers");
}

}  // namespace

template <class T>
Net<T>::Net(const NetShape& s)
    : shape_(s),
      first_{s.height, s.width, s.channels, s.first},
      second_{s.height / 2, s.width / 2, s.first, s.second},
      layers_{{first_.patch(), s.first},
              {second_.patch(), s.second},
              {second_.pooled_size(), s.hidden},
              {s.hidden, s.classes}} {
  const auto text = [](int64_t a, int64_t b) { return std::to_string(a) + " x " + std::to_string(b); };
  if (s.height < 4 || s.width < 4)
    throw cutmix::Error("Net", "shape", "an image of 4 x 4 or more", text(s.height, s.width));
  int64_t count = 0;
  for (Layer& layer : layers_) {
    if (layer.in < 1 || layer.out < 1) throw cutmix::Error("Net", "shape", "positive sizes", text(layer.in, layer.out));
    layer.weights = count;
    layer.bias = count + layer.in * layer.out;
    count = layer.bias + layer.out;
  }
  parameters_.resize(size(count));
  gradient_.resize(size(count));
  dmaps_.resize(size(second_.padded_size()));
  patches_.resize(size(std::max(first_.pixels() * first_.patch(), second_.pixels() * second_.patch())));
  unpooled_.resize(size(std::max(first_.pixels() * first_.out, second_.pixels() * second_.out)));
}

template <class T>
void Net<T>::initialize(const cutmix::Rng& rng) {
  std::fill(parameters_.begin(), parameters_.end(), T(0));
  std::uint64_t index = 0;
  for (const Layer& layer : layers_) {
    cutmix::Rng numbers = rng.substream(index++, 0);
    const double bound = 1 / std::sqrt(static_cast<double>(layer.in));
    for (int64_t k = layer.weights; k < layer.bias; ++k) {
      parameters_[size(k)] = static_cast<T>(bound * (2 * numbers.uniform() - 1));
    }
  }
}

template <class T>
void Net<T>::make_room(int64_t samples) {
  const auto grow = [samples](auto& buffer, int64_t each) {
    buffer.resize(std::max(buffer.size(), size(samples * each)));
  };
  samples_ = samples;
  grow(images_, first_.padded_size());
  grow(maps_, second_.padded_size());
  grow(features_, second_.pooled_size());
  grow(activation_, shape_.hidden);
  grow(first_route_, first_.pooled_size());
  grow(second_route_, second_.pooled_size());
  grow(dfeatures_, second_.pooled_size());
  grow(dactivation_, shape_.hidden);
}

template <class T>
void Net<T>::forward(std::span<const T> images, std::span<T> logits) {
  const int64_t line = shape_.width * shape_.channels, image = shape_.height * line;
  const int64_t n = static_cast<int64_t>(images.size()) / image;
  expect(size(n * image) == images.size(), "Net::forward", "images", "a multiple of " + std::to_string(image),
         images.size());
  expect(size(n * shape_.classes) == logits.size(), "Net::forward", "logits", std::to_string(n * shape_.classes),
         logits.size());
  make_room(n);
  const T* p = parameters_.data();
  const auto& [first, second, hidden, last] = layers_;
  const ConvScratch<T> scratch{patches_.data(), unpooled_.data()};

  for (int64_t i = 0; i < n; ++i) {
    T* padded = images_.data() + i * first_.padded_size();
    for (int64_t y = 0; y < shape_.height; ++y) {
      std::copy_n(images.data() + i * image + y * line, line, padded + first_.inside() + y * first_.padded_row());
    }
    T* maps = maps_.data() + i * second_.padded_size();
    conv_forward(first_, p + first.weights, p + first.bias, padded, maps + second_.inside(), second_.padded_row(),
                 first_route_.data() + i * first_.pooled_size(), scratch);
    conv_forward(second_, p + second.weights, p + second.bias, maps, features_.data() + i * hidden.in,
                 second_.width / 2 * second_.out, second_route_.data() + i * second_.pooled_size(), scratch);
  }

  Matrix<T> activation(activation_.data(), n, hidden.out), out(logits.data(), n, last.out);
  multiply_transposed<T>(ConstMatrix<T>(features_.data(), n, hidden.in),
                         ConstMatrix<T>(p + hidden.weights, hidden.out, hidden.in), activation);
  activation = (activation.rowwise() + ConstRow<T>(p + hidden.bias, hidden.out)).cwiseMax(T(0));
  multiply_transposed<T>(ConstMatrix<T>(activation_.data(), n, hidden.out),
                         ConstMatrix<T>(p + last.weights, last.out, last.in), out);
  out.rowwise() += ConstRow<T>(p + last.bias, last.out);
}

template <class T>
void Net<T>::backward(std::span<const T> dlogits) {
  const int64_t n = samples_;
  expect(size(n * shape_.classes) == dlogits.size(), "Net::backward", "dlogits", std::to_string(n * shape_.classes),
         dlogits.size());
  std::fill(gradient_.begin(), gradient_.end(), T(0));
  const T* p = parameters_.data();
  T* g = gradient_.data();
  const auto& [first, second, hidden, last] = layers_;
  const ConvScratch<T> scratch{patches_.data(), unpooled_.data()};

  const ConstMatrix<T> dout(dlogits.data(), n, last.out), activation(activation_.data(), n, hidden.out);
  Matrix<T> dactivation(dactivation_.data(), n, hidden.out);
  add_transposed_product<T>(dout, activation, Matrix<T>(g + last.weights, last.out, last.in));
  Row<T>(g + last.bias, last.out) = dout.colwise().sum();
  multiply<T>(dout, ConstMatrix<T>(p + last.weights, last.out, last.in), dactivation);
  dactivation = (activation.array() > T(0)).select(dactivation, T(0));
  const ConstMatrix<T> back(dactivation_.data(), n, hidden.out);
  add_transposed_product<T>(back, ConstMatrix<T>(features_.data(), n, hidden.in),
                            Matrix<T>(g + hidden.weights, hidden.out, hidden.in));
  Row<T>(g + hidden.bias, hidden.out) = dactivation.colwise().sum();
  multiply<T>(back, ConstMatrix<T>(p + hidden.weights, hidden.out, hidden.in),
              Matrix<T>(dfeatures_.data(), n, hidden.in));

  for (int64_t i = 0; i < n; ++i) {
    conv_backward(second_, p + second.weights, maps_.data() + i * second_.padded_size(),
                  dfeatures_.data() + i * hidden.in, second_.width / 2 * second_.out,
                  second_route_.data() + i * second_.pooled_size(), g + second.weights, g + second.bias, dmaps_.data(),
                  scratch);
    conv_backward<T>(first_, p + first.weights, images_.data() + i * first_.padded_size(),
                     dmaps_.data() + second_.inside(), second_.padded_row(),
                     first_route_.data() + i * first_.pooled_size(), g + first.weights, g + first.bias, nullptr,
                     scratch);
  }
}

template class Net<float>;
template class Net<double>;

}  // namespace training
