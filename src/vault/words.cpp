#include "vault/words.hpp"

#include <algorithm>

namespace zhili::vault {
namespace {

constexpr size_t kSubjectIdBytes = 40;

}  // namespace

bool is_subject_id(std::string_view text) {
  return !text.empty() && text.size() <= kSubjectIdBytes && text[0] >= 'a' && text[0] <= 'z' &&
         std::ranges::all_of(
             text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

Result<audit::Ref> ref_of_subject(std::string_view kind, std::string_view id) {
  const auto what = kind == "person" ? audit::Kind::kPerson : audit::Kind::kEntity;
  auto ref = audit::Ref::create(what, id);
  if (ref || !is_subject_id(id)) return ref;
  // A random id may well have eleven digits behind its letter.
  std::string parted;
  for (size_t i = 0; i < id.size(); ++i) {
    if (i > 0 && i % 8 == 0) parted += '-';
    parted += id[i];
  }
  return audit::Ref::create(what, parted);
}

audit::Word word_of(std::string_view text) {
  auto word = audit::Word::create(text);
  return word ? std::move(*word) : *audit::Word::create("other");
}

std::string word_id(std::string_view dataset) {
  std::string out(dataset);
  std::ranges::replace(out, '.', '_');
  return out;
}

std::string_view wrong_basis(const catalog::Catalog& catalog, std::string_view basis, std::string_view purpose) {
  const catalog::LegalBasis* found = catalog.legal_basis(basis);
  if (found == nullptr) return "unknown_basis";
  return found->carries(purpose) ? "" : "basis_other_purpose";
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ",")); }

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace zhili::vault
