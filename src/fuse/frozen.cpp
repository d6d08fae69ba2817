#include "fuse/frozen.hpp"

#include <algorithm>

#include "fuse/bytes.hpp"

namespace zhili::fuse {
namespace {

constexpr uint64_t kForm = 1;

void write_model(const Model& model, ByteWriter& out) {
  out.real(model.prior);
  out.number(model.comparisons.size());
  for (const auto& comparison : model.comparisons) {
    out.text(comparison.attribute);
    out.number(comparison.term_frequency ? 1 : 0);
    out.number(comparison.levels.size());
    for (const auto& level : comparison.levels) {
      out.text(level.label);
      out.real(level.m);
      out.real(level.u);
    }
    out.number(comparison.given.size());
    for (const auto& given : comparison.given) {
      out.number(given.comparison);
      out.text(given.attribute);
      out.real(given.share);
    }
  }
  out.number(model.dropped.size());
  for (const auto& dropped : model.dropped) {
    out.text(dropped.attribute);
    out.text(dropped.reason);
  }
}

Model read_model(ByteReader& in) {
  Model model;
  model.prior = in.real();
  for (uint64_t n = in.count(); n > 0; --n) {
    ComparisonModel comparison;
    comparison.attribute = in.text();
    comparison.term_frequency = in.number() != 0;
    for (uint64_t k = in.count(); k > 0; --k) {
      LevelModel level;
      level.label = in.text();
      level.m = in.real();
      level.u = in.real();
      comparison.levels.push_back(std::move(level));
    }
    for (uint64_t k = in.count(); k > 0; --k) {
      GivenModel given;
      given.comparison = static_cast<uint32_t>(in.number());
      given.attribute = in.text();
      given.share = in.real();
      comparison.given.push_back(std::move(given));
    }
    model.comparisons.push_back(std::move(comparison));
  }
  for (uint64_t n = in.count(); n > 0; --n) {
    DroppedModel dropped;
    dropped.attribute = in.text();
    dropped.reason = in.text();
    model.dropped.push_back(std::move(dropped));
  }
  return model;
}

}  // namespace

std::string FrozenModel::to_bytes() const {
  std::string bytes;
  ByteWriter out(bytes);
  out.number(kForm);
  write_model(model, out);
  out.number(rules.size());
  for (size_t r = 0; r < rules.size(); ++r) {
    out.text(rules[r].text);
    out.number(rules[r].parts.size());
    for (const auto& part : rules[r].parts) {
      out.number(part.attribute);
      out.number(static_cast<uint64_t>(part.transform));
      out.number(part.n);
    }
    out.number(split_by[r].size());
    for (const uint32_t attribute : split_by[r]) out.number(attribute);
    out.number(split[r].size());
    for (const uint64_t key : split[r]) out.fixed(key);
  }
  out.number(rarity.size());
  for (const auto& table : rarity) {
    out.real(table.unseen);
    out.number(table.of.size());
    for (const auto& [hash, weight] : table.of) {
      out.fixed(hash);
      out.fixed(std::bit_cast<uint32_t>(weight));
    }
  }
  out.number(words.size());
  for (const auto& [attribute, counts] : words) {
    out.number(attribute);
    out.real(counts.present);
    out.number(counts.records_with.size());
    for (const auto& [hash, records] : counts.records_with) {
      out.fixed(hash);
      out.number(records);
    }
  }
  return bytes;
}

Result<FrozenModel> FrozenModel::parse(std::string_view bytes) {
  ByteReader in(bytes);
  FrozenModel out;
  bool known = in.number() == kForm;
  out.model = read_model(in);
  for (uint64_t n = in.count(); n > 0; --n) {
    BlockingRule rule;
    rule.text = in.text();
    for (uint64_t k = in.count(); k > 0; --k) {
      KeyPart part;
      part.attribute = static_cast<uint32_t>(in.number());
      const uint64_t transform = in.number();
      known = known && transform < key_transform_names().size();
      part.transform = static_cast<KeyTransform>(transform);
      part.n = static_cast<uint32_t>(in.number());
      rule.parts.push_back(part);
    }
    out.rules.push_back(std::move(rule));
    out.split_by.emplace_back();
    for (uint64_t k = in.count(); k > 0; --k) out.split_by.back().push_back(static_cast<uint32_t>(in.number()));
    out.split.emplace_back();
    for (uint64_t k = in.count(); k > 0; --k) out.split.back().insert(in.fixed());
  }
  for (uint64_t n = in.count(); n > 0; --n) {
    Rarity table;
    table.unseen = static_cast<float>(in.real());
    for (uint64_t k = in.count(); k > 0; --k) {
      const uint64_t hash = in.fixed();
      table.of[hash] = std::bit_cast<float>(static_cast<uint32_t>(in.fixed()));
    }
    out.rarity.push_back(std::move(table));
  }
  for (uint64_t n = in.count(); n > 0; --n) {
    auto& counts = out.words[static_cast<uint32_t>(in.number())];
    counts.present = in.real();
    for (uint64_t k = in.count(); k > 0; --k) {
      const uint64_t hash = in.fixed();
      counts.records_with[hash] = in.number();
    }
  }
  if (!known || !in.good() || !in.done()) {
    return fail(ErrorCode::kInput, {}, "Learn the model anew by a batch run.", "the frozen model is damaged");
  }
  return out;
}

}  // namespace zhili::fuse
