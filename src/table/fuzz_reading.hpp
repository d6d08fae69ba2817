#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "table/encoding.hpp"
#include "table/reader.hpp"

/// For fuzz targets alone.
namespace zhili::table {

struct FuzzReading {
  bool failed = false;
  std::string error;
  std::vector<std::string> cells;
  std::vector<uint64_t> lines;
  uint64_t rejects = 0;

  bool operator==(const FuzzReading&) const = default;
};

inline void fuzz_require(bool holds) {
  if (!holds) std::abort();
}

/// Reads bytes to the end and checks what holds for every input: cells are UTF-8 without NUL and blanks around.
inline FuzzReading fuzz_read(std::string_view bytes, ReadOptions options, size_t block_bytes) {
  options.block_bytes = block_bytes;
  options.max_reject_share = 1;
  FuzzReading reading;
  auto reader = Reader::open_bytes("fuzz", std::string(bytes), options);
  if (!reader) return {true, reader.error().text(), {}, {}, 0};
  (*reader)->on_reject([&](const Reject& reject) {
    fuzz_require(first_invalid_utf8(reject.excerpt) == std::string_view::npos && !reject.reason.empty());
    ++reading.rejects;
  });
  Batch batch;
  for (;;) {
    const auto more = (*reader)->next(batch);
    if (!more) {
      // How many rows came before depends on the block size.
      return {true, more.error().text(), {}, {}, 0};
    }
    if (!*more) break;
    fuzz_require(batch.rows() > 0 && batch.columns() == (*reader)->columns().size());
    for (size_t r = 0; r < batch.rows(); ++r) {
      reading.lines.push_back(batch.line(r));
      for (size_t c = 0; c < batch.columns(); ++c) {
        const std::string_view cell = batch.cell(c, r);
        fuzz_require(first_invalid_utf8(cell) == std::string_view::npos && cell.find('\0') == std::string_view::npos);
        fuzz_require(cell.empty() || (cell.front() != ' ' && cell.back() != ' '));
        reading.cells.emplace_back(cell);
      }
    }
  }
  fuzz_require(std::is_sorted(reading.lines.begin(), reading.lines.end()));
  return reading;
}

/// The same bytes give the same rows, rejects and errors whatever the block size.
inline void fuzz_blocks(std::string_view bytes, const ReadOptions& options, size_t block_bytes) {
  fuzz_require(fuzz_read(bytes, options, 4096) == fuzz_read(bytes, options, std::max<size_t>(block_bytes, 1)));
}

}  // namespace zhili::table
