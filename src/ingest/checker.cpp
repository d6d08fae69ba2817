#include "ingest/checker.hpp"

#include <algorithm>
#include <cstring>

#include "base/hash.hpp"
#include "ingest/cell_checks.hpp"

namespace zhili::ingest {

Change change_of(std::string_view word) {
  struct Word {
    std::string_view text;
    Change change;
  };
  static constexpr std::array kWords = {Word{"insert", Change::kInsert}, Word{"update", Change::kUpdate},
                                        Word{"delete", Change::kDelete}, Word{"新增", Change::kInsert},
                                        Word{"修改", Change::kUpdate},   Word{"删除", Change::kDelete}};
  const auto* const found = std::ranges::find(kWords, word, &Word::text);
  return found == kWords.end() ? Change::kUntold : found->change;
}

Checker::Checker(const Standard& standard, const Columns& columns, int32_t today)
    : standard_(standard),
      columns_(columns),
      today_(today),
      figures_(standard),
      typed_(standard.fields().size()),
      in_rules_(standard.fields().size()),
      memos_(standard.fields().size()) {
  for (size_t f = 0; f < standard.fields().size(); ++f) {
    if (standard.fields()[f].pattern) memos_[f].resize(kMemos);
  }
}

void Checker::check(const table::Batch& batch, const RowKeys& keys, std::vector<uint8_t>& rejected) {
  const size_t rows = batch.rows();
  batch_ = &batch;
  keys_ = &keys;
  rejected_ = &rejected;
  rejected.assign(rows, 0);
  flaw_counts_.assign(rows, 0);
  skipped_.assign(rows, 0);
  flaws_.clear();
  figures_.rows += rows;
  if (columns_.change >= 0) read_changes();
  for (size_t f = 0; f < standard_.fields().size(); ++f) check_field(f);
  check_keys();
  check_rules();
  judge_rows();
}

void Checker::note(size_t row, size_t place, Rule rule) {
  ++flaw_counts_[row];
  flaws_.push_back({static_cast<uint32_t>(row), {static_cast<uint16_t>(place), rule}});
  const uint64_t line = batch_->line(row);
  if (rule == Rule::kRow) {
    ++figures_.rules[place].broken;
    figures_.rules[place].examples.add(line);
    return;
  }
  FieldFigures& field = figures_.fields[place];
  ++field.mistakes[static_cast<size_t>(rule)];
  field.examples[static_cast<size_t>(rule)].add(line);
}

void Checker::read_changes() {
  const size_t rows = batch_->rows();
  changes_.resize(rows);
  for (size_t r = 0; r < rows; ++r) {
    changes_[r] = change_of(batch_->cell(static_cast<size_t>(columns_.change), r));
    if (changes_[r] == Change::kUntold) {
      (*rejected_)[r] = 1;
      note(r, standard_.keys().front(), Rule::kChange);
      continue;
    }
    ++figures_.changes[static_cast<size_t>(changes_[r])];
    skipped_[r] = changes_[r] == Change::kDelete ? 1 : 0;
  }
}

bool Checker::matches(size_t field, std::string_view value, uint64_t hash) {
  const re2::RE2& pattern = *standard_.fields()[field].pattern;
  const auto ask = [&] { return re2::RE2::FullMatch({value.data(), value.size()}, pattern); };
  if (value.size() > Memo::kBytes) return ask();
  Memo& memo = memos_[field][hash % kMemos];
  if (memo.hash == hash && memo.size == value.size() &&
      std::memcmp(memo.text.data(), value.data(), value.size()) == 0) {
    return memo.matches;
  }
  memo.hash = hash;
  memo.size = static_cast<uint8_t>(value.size());
  std::memcpy(memo.text.data(), value.data(), value.size());
  return memo.matches = ask();
}

/// `check(value, row)` says what the value is by its type.
template <class Check>
void Checker::check_values(size_t field, Check&& check) {
  const FieldStandard& standard = standard_.fields()[field];
  FieldFigures& figures = figures_.fields[field];
  Typed& typed = typed_[field];
  const size_t rows = batch_->rows();
  const size_t place = columns_.places[field];
  if (standard.in_rules) typed.known.assign(rows, 0);
  for (size_t r = 0; r < rows; ++r) {
    if (skipped_[r] != 0 && !standard.key) continue;
    ++figures.values;
    const std::string_view value = batch_->cell(place, r);
    if (value.empty()) {
      ++figures.missing;
      if (standard.required) note(r, field, Rule::kMissing);
      if (standard.key) (*rejected_)[r] = 1;
      continue;
    }
    const uint64_t hash = hash_bytes(value);
    figures.different.add(hash);
    Verdict verdict = check(value, r);
    if (verdict.sound && !standard.codes.empty() && !standard.codes.contains(value)) verdict = breaks(Rule::kCode);
    if (verdict.sound && standard.pattern && !matches(field, value, hash)) verdict = breaks(Rule::kPattern);
    if (verdict.sound && standard.max_length != 0 && is_longer(value, standard.max_length)) {
      verdict = breaks(Rule::kLength);
    }
    if (!verdict.sound) {
      note(r, field, verdict.rule);
    } else if (standard.in_rules) {
      typed.known[r] = 1;
    }
  }
}

void Checker::check_field(size_t field) {
  using catalog::ValueType;
  const FieldStandard& standard = standard_.fields()[field];
  Typed& typed = typed_[field];
  const size_t rows = batch_->rows();
  const bool kept = standard.in_rules;
  // Of texts rules see the cell, sound or not by its own type.
  const auto text = [&](auto judge) {
    if (kept && typed.texts.size() < rows) typed.texts.resize(rows);
    check_values(field, [&, judge](std::string_view value, size_t row) {
      if (kept) typed.texts[row] = value;
      return judge(value);
    });
  };
  switch (standard.type) {
    case ValueType::kIdNumber:
      return text(check_id_number);
    case ValueType::kCreditCode:
      return text(check_credit_code);
    case ValueType::kPhone:
      return text(check_phone);
    case ValueType::kPersonName:
      return text(check_person_name);
    case ValueType::kDate:
      if (typed.dates.size() < rows) typed.dates.resize(rows);
      return check_values(field,
                          [&](std::string_view value, size_t row) { return check_date(value, typed.dates[row]); });
    case ValueType::kNumber:
    case ValueType::kLatitude:
    case ValueType::kLongitude: {
      if (typed.numbers.size() < rows) typed.numbers.resize(rows);
      FieldFigures& figures = figures_.fields[field];
      return check_values(field, [&](std::string_view value, size_t row) {
        double& number = typed.numbers[row];
        const Verdict verdict = check_number(value, number);
        if (!verdict.sound) return verdict;
        ++figures.numbers;
        figures.sum += number;
        figures.least = std::min(figures.least, number);
        figures.most = std::max(figures.most, number);
        const bool outside = (standard.min && number < *standard.min) || (standard.max && number > *standard.max);
        return outside ? breaks(Rule::kRange) : kSound;
      });
    }
    default:
      return text([](std::string_view) { return kSound; });
  }
}

void Checker::check_keys() {
  if (standard_.keys().empty()) return;
  for (size_t r = 0; r < batch_->rows(); ++r) {
    if (keys_->repeated[r] != 0) {
      ++figures_.repeated;
      (*rejected_)[r] = 1;
      note(r, standard_.keys().front(), Rule::kRepeated);
    }
    if ((*rejected_)[r] == 0 && figures_.is_in_sample(keys_->hashes[r])) {
      SampleRow row{.hash = keys_->hashes[r], .values = {}};
      if (columns_.change >= 0) row.change = changes_[r];
      row.values.reserve(columns_.places.size());
      for (const uint32_t place : columns_.places) row.values.emplace_back(batch_->cell(place, r));
      figures_.keep_sample(std::move(row));
    }
  }
}

void Checker::check_rules() {
  if (standard_.rules().empty()) return;
  for (size_t f = 0; f < typed_.size(); ++f) {
    in_rules_[f] = {.known = typed_[f].known.data(),
                    .numbers = typed_[f].numbers.data(),
                    .dates = typed_[f].dates.data(),
                    .texts = typed_[f].texts.data()};
  }
  for (size_t i = 0; i < standard_.rules().size(); ++i) {
    const RowRule& rule = standard_.rules()[i];
    const expression::Column holds = evaluator_.run(rule.holds, in_rules_, batch_->rows(), today_);
    for (size_t r = 0; r < batch_->rows(); ++r) {
      if (skipped_[r] != 0) continue;
      figures_.rules[i].unknown += holds.known[r] == 0 ? 1 : 0;
      if (!holds.is_false(r)) continue;
      note(r, i, Rule::kRow);
      if (rule.rejects) (*rejected_)[r] = 1;
    }
  }
}

void Checker::judge_rows() {
  for (size_t r = 0; r < batch_->rows(); ++r) {
    figures_.rejected_rows += (*rejected_)[r];
    if (flaw_counts_[r] == 0) continue;
    ++figures_.mistaken_rows;
    if (!figures_.is_among_worst(flaw_counts_[r], batch_->line(r))) continue;
    FlawedRow row{.line = batch_->line(r), .flaws = {}};
    for (const RowFlaw& one : flaws_) {
      if (one.row == r) row.flaws.push_back(one.flaw);
    }
    figures_.keep_worst(std::move(row));
  }
}

}  // namespace zhili::ingest
