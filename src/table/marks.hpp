#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace zhili::table {

/// Appends to `marks` the offsets in [begin, end) at which text holds one of three bytes, in order. Reads up to
/// TextBuffer::kSlack bytes past `end`.
inline void find_marks(const char* text, uint32_t begin, uint32_t end, char a, char b, char c,
                       std::vector<uint32_t>& marks, size_t& count) {
  if (marks.size() < count + (end - begin) + 64) marks.resize(count + (end - begin) + 64);
  uint32_t* out = marks.data() + count;
#if defined(__SSE2__)
  const __m128i va = _mm_set1_epi8(a);
  const __m128i vb = _mm_set1_epi8(b);
  const __m128i vc = _mm_set1_epi8(c);
  const auto mask16 = [&](const char* p) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, va), _mm_cmpeq_epi8(v, vb)), _mm_cmpeq_epi8(v, vc));
    return static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(hit)));
  };
  for (uint32_t at = begin; at < end; at += 64) {
    const char* p = text + at;
    uint64_t hits = mask16(p) | mask16(p + 16) << 16 | mask16(p + 32) << 32 | mask16(p + 48) << 48;
    if (end - at < 64) hits &= (uint64_t{1} << (end - at)) - 1;
    // Eight at a time without a branch each: the ones too many are written over.
    uint32_t* const next = out + std::popcount(hits);
    while (hits != 0) {
      for (int i = 0; i < 8; ++i) {
        out[i] = at + static_cast<uint32_t>(std::countr_zero(hits));
        hits &= hits - 1;
      }
      out += 8;
    }
    out = next;
  }
#else
  for (uint32_t at = begin; at < end; ++at) {
    if (text[at] == a || text[at] == b || text[at] == c) *out++ = at;
  }
#endif
  count = static_cast<size_t>(out - marks.data());
}

}  // namespace zhili::table
