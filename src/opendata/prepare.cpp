#include "opendata/prepare.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace zhili::opendata {
namespace {

namespace json = boost::json;

void refuse(Check& check, std::string zh, std::string en) {
  check.refused_zh = std::move(zh);
  check.refused = std::move(en);
}

/// Where too much had to be left out, or nothing is left.
void judge(Check& check, const Plan& plan) {
  const double share =
      check.read == 0 ? 0 : static_cast<double>(check.risk.suppressed) / static_cast<double>(check.read);
  if (check.read == 0) {
    refuse(check, "该数据集没有记录", "the dataset has no rows");
  } else if (share > plan.suppress) {
    refuse(
        check,
        fmt::format("{} 行所在的组少于 {} 行，或敏感值少于 {} 种（占 {:.2f}%，上限 {:.2f}%）", check.risk.suppressed,
                    plan.k, plan.l, share * 100, plan.suppress * 100),
        fmt::format("{} rows are in classes of fewer than {} rows, or of fewer than {} sensitive values ({:.2f}%; at "
                    "most {:.2f}% may be left out)",
                    check.risk.suppressed, plan.k, plan.l, share * 100, plan.suppress * 100));
  } else if (check.risk.rows == 0) {
    refuse(check, "没有可开放的内容", "nothing is left to be published");
  }
}

Exposed exposed_by(const Plan& plan) {
  Exposed out;
  for (size_t i = 0; i < plan.columns.size(); ++i) {
    if (plan.columns[i].role == Role::kQuasi) out.quasi.push_back(i);
    if (plan.columns[i].role == Role::kSensitive) out.sensitive.push_back(i);
  }
  return out;
}

}  // namespace

std::string to_json(const Check& check, bool with_classes) {
  const Risk& risk = check.risk;
  json::object out{{"read", check.read},
                   {"k_asked", check.k},
                   {"l_asked", check.l},
                   {"rows", risk.rows},
                   {"classes", risk.classes},
                   {"k", risk.k},
                   {"l", risk.l},
                   {"max_risk", risk.max_risk},
                   {"mean_risk", risk.mean_risk},
                   {"at_risk", risk.at_risk},
                   {"suppressed", risk.suppressed},
                   {"cells_withheld", check.cells}};
  if (!check.epsilon.empty()) out["epsilon"] = check.epsilon;
  if (!check.refused.empty()) out["refused"] = {{"zh", check.refused_zh}, {"en", check.refused}};
  if (!with_classes) return json::serialize(out);
  json::array small;
  for (const SmallClass& one : risk.small) {
    small.push_back({{"values", json::array(one.values.begin(), one.values.end())},
                     {"size", one.size},
                     {"distinct", one.distinct}});
  }
  out["small"] = std::move(small);
  return json::serialize(out);
}

Result<Preparation> Preparation::create(Plan plan, const Ground& ground) {
  Preparation out(std::move(plan));
  out.personal_ = is_personal(ground.dataset);
  std::vector<Column> columns;
  for (const PlanColumn& column : out.plan_.columns) {
    ZHILI_ASSIGN(auto one, Generaliser::create(column, ground));
    columns.push_back(one.column());
    out.generalisers_.push_back(std::move(one));
    const auto found = std::ranges::find(out.fields_, column.field);
    out.read_.push_back(static_cast<size_t>(found - out.fields_.begin()));
    if (found == out.fields_.end()) out.fields_.push_back(column.field);
  }
  out.records_ = PublicTable(std::move(columns));
  if (out.plan_.epsilon) ZHILI_TRY(out.list_cells());
  return out;
}

/// All combinations, so that which there are says nothing.
Status Preparation::list_cells() {
  std::vector<std::vector<std::string>> cells = {{}};
  for (const Generaliser& one : generalisers_) {
    std::vector<std::string> values = one.domain();
    values.emplace_back();
    if (cells.size() * values.size() > kCells) {
      return fail(ErrorCode::kLimit, {}, "Make columns coarser, or leave one out.",
                  "with noise there are at most {} counts", kCells);
    }
    std::vector<std::vector<std::string>> wider;
    wider.reserve(cells.size() * values.size());
    for (const auto& cell : cells) {
      for (const std::string& value : values) {
        wider.push_back(cell);
        wider.back().push_back(value);
      }
    }
    cells = std::move(wider);
  }
  for (auto& cell : cells) counts_.emplace(std::move(cell), 0);
  return {};
}

Status Preparation::add(const std::vector<std::string_view>& cells) {
  std::vector<std::string> made;
  made.reserve(generalisers_.size());
  for (size_t i = 0; i < generalisers_.size(); ++i) made.push_back(generalisers_[i](cells[read_[i]]));
  ++rows_;
  if (plan_.shape == Shape::kCounts) {
    ++counts_[std::move(made)];
  } else {
    records_.add(std::move(made));
  }
  const size_t held = plan_.shape == Shape::kCounts ? counts_.size() : rows_;
  if (held <= kOpenRows) return {};
  return fail(ErrorCode::kLimit, {}, "Count rows instead, or by coarser columns.", "a publication has at most {} rows",
              kOpenRows);
}

Result<Preparation::Prepared> Preparation::finish_records() {
  Prepared out;
  out.check.read = rows_;
  out.check.k = plan_.k;
  out.check.l = plan_.l;
  const Exposed exposed = exposed_by(plan_);
  // What tells of nobody needs no hiding.
  const bool hides = personal_ || !exposed.quasi.empty() || !exposed.sensitive.empty();
  const auto k = static_cast<uint64_t>(hides ? plan_.k : 0);
  out.check.risk = suppress(records_, exposed, k, static_cast<uint64_t>(plan_.l));
  judge(out.check, plan_);
  if (!hides) out.check.risk = {.rows = out.check.risk.rows};
  if (!out.check.refused.empty()) return out;
  out.table = std::move(records_);
  out.table.settle();
  return out;
}

Status Preparation::add_noise(Noise& noise) {
  const Epsilon epsilon = plan_.epsilon.value_or(Epsilon());
  for (auto& [cell, count] : counts_) {
    ZHILI_ASSIGN(const int64_t more, noise.two_sided_geometric(epsilon));
    count = std::max<int64_t>(0, count + more);
  }
  return {};
}

Result<Preparation::Prepared> Preparation::finish_counts(Noise& noise) {
  Prepared out;
  Check& check = out.check;
  check.read = rows_;
  check.k = plan_.epsilon ? 0 : plan_.k;
  auto columns = records_.columns();
  columns.push_back({"count", {"数量", "Count"}, ColumnType::kInteger, "count"});
  PublicTable table(std::move(columns));
  if (plan_.epsilon) {
    check.epsilon = plan_.epsilon->text();
    ZHILI_TRY(add_noise(noise));
  }
  for (const auto& [cell, count] : counts_) {
    const auto size = static_cast<uint64_t>(count);
    if (!plan_.epsilon && count < plan_.k) {
      ++check.cells;
      check.risk.suppressed += size;
      if (check.risk.small.size() < kSmallClasses) check.risk.small.push_back({cell, size, 0});
      continue;
    }
    std::vector<std::string> row = cell;
    row.push_back(std::to_string(count));
    table.add(std::move(row));
    if (plan_.epsilon) continue;
    check.risk.rows += size;
    ++check.risk.classes;
    check.risk.k = check.risk.k == 0 ? size : std::min(check.risk.k, size);
    if (1.0 / static_cast<double>(size) > kRiskThreshold) check.risk.at_risk += static_cast<double>(size);
  }
  if (plan_.epsilon) {
    // What is measured over the rows themselves would tell of them: with noise epsilon says it all.
    check.read = 0;
    check.risk.classes = counts_.size();
  } else {
    if (check.risk.rows > 0) {
      check.risk.max_risk = 1.0 / static_cast<double>(check.risk.k);
      check.risk.mean_risk = static_cast<double>(check.risk.classes) / static_cast<double>(check.risk.rows);
      check.risk.at_risk /= static_cast<double>(check.risk.rows);
    }
    judge(check, plan_);
  }
  if (!check.refused.empty()) return out;
  table.settle();
  out.table = std::move(table);
  return out;
}

Result<Preparation::Prepared> Preparation::finish(Noise& noise) && {
  return plan_.shape == Shape::kCounts ? finish_counts(noise) : finish_records();
}

}  // namespace zhili::opendata
