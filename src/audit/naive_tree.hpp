#pragma once

#include <bit>
#include <string>
#include <vector>

#include "audit/hash.hpp"
#include "audit/proof.hpp"

/// The recursive definitions of RFC 6962, section 2.1, word for word: slow, and what the tests hold the rest against.
namespace zhili::audit {

using Entries = std::vector<std::string>;

inline uint64_t naive_split(uint64_t n) { return std::bit_floor(n - 1); }

inline Hash naive_root(Hasher& hasher, const Entries& d, uint64_t begin, uint64_t end) {
  if (begin == end) return hasher.empty();
  if (end - begin == 1) return hasher.leaf(d[begin]);
  const uint64_t k = naive_split(end - begin);
  return hasher.node(naive_root(hasher, d, begin, begin + k), naive_root(hasher, d, begin + k, end));
}

inline Proof naive_path(Hasher& hasher, uint64_t m, const Entries& d, uint64_t begin, uint64_t end) {
  if (end - begin == 1) return {};
  const uint64_t k = naive_split(end - begin);
  Proof path;
  if (m < k) {
    path = naive_path(hasher, m, d, begin, begin + k);
    path.push_back(naive_root(hasher, d, begin + k, end));
  } else {
    path = naive_path(hasher, m - k, d, begin + k, end);
    path.push_back(naive_root(hasher, d, begin, begin + k));
  }
  return path;
}

inline Proof naive_subproof(Hasher& hasher, uint64_t m, const Entries& d, uint64_t begin, uint64_t end, bool known) {
  if (m == end - begin) return known ? Proof{} : Proof{naive_root(hasher, d, begin, end)};
  const uint64_t k = naive_split(end - begin);
  Proof proof;
  if (m <= k) {
    proof = naive_subproof(hasher, m, d, begin, begin + k, known);
    proof.push_back(naive_root(hasher, d, begin + k, end));
  } else {
    proof = naive_subproof(hasher, m - k, d, begin + k, end, false);
    proof.push_back(naive_root(hasher, d, begin, begin + k));
  }
  return proof;
}

}  // namespace zhili::audit
