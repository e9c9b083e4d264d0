// Errors, all thrown from one place: a caller only says what the message is made of, in a few instructions.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace cutmix {

struct Box;
struct Shape;

/// A piece of an error's text: words, a number (17 digits), a shape (n, c, h, w) or a box [y0, y1) x [x0, x1).
class Said {
 public:
  Said(const char* words) : kind_(Kind::words), words_(words) {}
  Said(double number) : kind_(Kind::real), real_(number) {}
  Said(const Shape& shape) : kind_(Kind::shape), shape_(&shape) {}
  Said(const Box& box) : kind_(Kind::box), box_(&box) {}
  template <std::integral Number>
  Said(Number number) : kind_(Kind::integer), integer_(static_cast<std::int64_t>(number)) {}

  enum class Kind : std::int64_t { words, integer, real, shape, box };
  Kind kind() const { return kind_; }
  const char* words() const { return words_; }
  std::int64_t integer() const { return integer_; }
  double real() const { return real_; }
  const Shape& shape() const { return *shape_; }
  const Box& box() const { return *box_; }

 private:
  Kind kind_;
  union {
    const char* words_;
    std::int64_t integer_;
    double real_;
    const Shape* shape_;
    const Box* box_;
  };
};

/// Throws Error(function, argument, expected, got). Each % in expected, and then in the words of got, is the next of
/// `those`.
[[noreturn, gnu::cold]] void refuse(const char* function, const char* argument, const char* expected,
                                    std::initializer_list<Said> those, Said got);
[[noreturn, gnu::cold]] void refuse(const char* function, const char* argument, const char* expected, Said got);
[[noreturn, gnu::cold]] void refuse(const char* function, const char* argument, const char* expected, Said that,
                                    Said got);
/// The argument is argument[index].
[[noreturn, gnu::cold]] void refuse_element(const char* function, const char* argument, std::size_t index,
                                            const char* expected, std::initializer_list<Said> those, Said got);

}  // namespace cutmix
