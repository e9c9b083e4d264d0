#include "lines.hpp"

namespace cutmix {

void LineProgram::cover(const BoxRows& rows, std::int64_t origin) {
  start(origin, false);
  for (std::int64_t c = rows.c0; c < rows.c1; ++c)
    for (std::int64_t y = rows.y0; y < rows.y1; ++y) {
      const std::int64_t row = c * rows.c_step + y * rows.y_step - origin;
      take(row + rows.x0, row + rows.x1);
    }
  flush();
}

void LineProgram::fill(const BoxRows& rows, std::int64_t begin, std::int64_t end) {
  start(begin, true);
  const std::int64_t size = end - begin;
  for (std::int64_t c = rows.c0; c < rows.c1; ++c) {
    const std::int64_t plane = c * rows.c_step - begin;
    std::int64_t y = (-plane - rows.x1) / rows.y_step;  // no row before this one reaches line 0
    for (y = y > rows.y0 ? y : rows.y0; y < rows.y1 && plane + y * rows.y_step + rows.x0 < size; ++y) {
      const std::int64_t row = plane + y * rows.y_step, x0 = row + rows.x0, x1 = row + rows.x1;
      take(x0 > 0 ? x0 : 0, x1 < size ? x1 : size);
    }
  }
  flush();
  gap(size / kLine);
}

void LineProgram::start(std::int64_t origin, bool whole) {
  origin_ = origin;
  whole_ = whole;
  runs_ = masks_ = done_ = 0;
  open_line_ = -1;
  open_mask_ = 0;
}

void LineProgram::take(std::int64_t begin, std::int64_t end) {
  if (begin >= end) return;
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  const std::int64_t first = begin / kLine, last = (end - 1) / kLine;
  const std::uint64_t head = kAll << (begin % kLine), tail = kAll >> (kLine - 1 - (end - 1) % kLine);
  if (first != open_line_) flush();
  open_line_ = first;
  open_mask_ |= first == last ? head & tail : head;
  if (first == last) return;
  flush();
  emit(first + 1, last - first - 1, kAll);
  open_line_ = last;
  open_mask_ = tail;
}

void LineProgram::flush() {
  if (open_mask_) emit(open_line_, 1, open_mask_);
  open_mask_ = 0;
}

void LineProgram::emit(std::int64_t line, std::int64_t count, std::uint64_t mask) {
  if (count == 0) return;
  gap(line);
  append(line, count, mask);
  done_ = line + count;
}

void LineProgram::gap(std::int64_t line) {
  if (whole_ && line > done_) append(done_, line - done_, 0);
}

// A few whole lines between two in part go with them: a run of their own would cost more.
void LineProgram::append(std::int64_t line, std::int64_t count, std::uint64_t mask) {
  constexpr std::int64_t kFew = 3;
  Lines::Source source = Lines::both;
  if (whole_ && count > kFew && mask == 0) source = Lines::own;
  if (whole_ && count > kFew && mask == ~std::uint64_t{0}) source = Lines::partner;
  for (std::int64_t i = 0; source == Lines::both && i < count; ++i) mask_[masks_++] = mask;
  const std::int64_t offset = origin_ + line * kLine;
  if (runs_ > 0) {
    Lines::Run& last = run_[runs_ - 1];
    if (last.source == source && last.offset + last.lines * kLine == offset) {
      last.lines += static_cast<std::int32_t>(count);
      return;
    }
  }
  run_[runs_++] = {offset, static_cast<std::int32_t>(count), source};
}

}  // namespace cutmix
