/// Rows of the report: each is one piece of work, done by cutmix, by its peers, and, for the limit, by nothing at all.
#pragma once
#include <cutmix/cutmix.hpp>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// Whose picture goes into whose box. Each system pairs in its own way; the work is the same.
enum class Pairing { plan, roll, flip };

/// One way of doing a row's work.
struct Form {
  std::string name;
  std::function<double()> run;   ///< returns the loss, or 0
  std::function<void()> settle;  ///< if set: brings a result that run allocated to where the row looks for it
  Pairing pairing = Pairing::plan;
};
using Forms = std::vector<Form>;

struct Error {
  double value = -1;     ///< ULP of a pixel, or relative error of a loss; -1: nothing to check
  double gradient = -1;  ///< N times the largest absolute error of the gradient
};

struct Entry {
  std::string name;  ///< "cutmix", "limit: KIND: FORM", "peer: WHOSE: FORM"
  std::function<double()> run;
  Error error;
  bool asleep = false;  ///< 2 ms of sleep before each call
};

struct Row {
  std::vector<Entry> entries;
  double bytes = 0;      ///< read and written, as the limit does
  bool cold = false;     ///< the second-level cache is emptied before every call
  bool one_core = true;  ///< the process keeps to one core

  void cutmix(std::function<double()> run, Error error, const std::string& form = "") {
    entries.push_back({form.empty() ? "cutmix" : "cutmix: " + form, std::move(run), error});
  }
  void peer(const std::string& whose, const Form& form, Error error) {
    entries.push_back({"peer: " + whose + ": " + form.name, form.run, error});
  }
  /// Forms of one kind of limit; the fastest form is the limit, the slowest kind is the row's.
  void limit(const std::string& kind, const Forms& forms) {
    for (const Form& form : forms) entries.push_back({"limit: " + kind + ": " + form.name, form.run, {}});
  }
};

/// Adds a row, "work/what/shape". build allocates, checks every form against the reference, and fills in the entries;
/// it runs only if the row is asked for.
void add_row(const std::string& name, std::function<void(Row&)> build);

void mix_rows();
void collate_rows();
void loss_rows();
void parallel_rows();

}  // namespace bench
