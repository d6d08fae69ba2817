#include "cli/base_load.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include <boost/json.hpp>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "base/progress.hpp"
#include "cli/installation.hpp"
#include "cli/output.hpp"
#include "identity/directory.hpp"
#include "library/base.hpp"
#include "table/reader.hpp"
#include "vault/intake.hpp"

namespace zhili::cli {
namespace {

namespace fs = std::filesystem;

/// Walks over a table row by row.
class RowWalk {
 public:
  static Result<RowWalk> open(const fs::path& path, std::vector<std::string> columns) {
    table::ReadOptions options;
    options.columns = std::move(columns);
    options.max_reject_share = 0;
    ZHILI_ASSIGN(auto reader, table::Reader::open(path, options));
    return RowWalk(std::move(reader));
  }
  /// False at the end.
  Result<bool> next() {
    while (++row_ >= batch_.rows() || batch_.columns() == 0) {
      ZHILI_ASSIGN(const bool more, reader_->next(batch_));
      if (!more) return false;
      row_ = static_cast<size_t>(-1);
    }
    return true;
  }
  std::string_view cell(size_t column) const { return batch_.cell(column, row_); }
  std::string text(size_t column) const { return std::string(cell(column)); }

 private:
  explicit RowWalk(std::unique_ptr<table::Reader> reader) : reader_(std::move(reader)) {}
  std::unique_ptr<table::Reader> reader_;
  table::Batch batch_;
  size_t row_ = static_cast<size_t>(-1);
};

/// Ids of areas by what registers write for them: the id, the name where it is the only one of its kind, and the
/// parent's name with its own ("仁坊社区第3网格").
class AreaNames {
 public:
  explicit AreaNames(const identity::AreaTree& tree) {
    for (const auto& area : tree.areas()) {
      add(area.id, area.id);
      add(area.name_zh, area.id);
      if (const auto* parent = tree.find(area.parent)) add(parent->name_zh + area.name_zh, area.id);
    }
  }
  std::string_view find(std::string_view name) const {
    const auto at = ids_.find(name);
    return at == ids_.end() ? std::string_view() : std::string_view(at->second);
  }

 private:
  void add(const std::string& name, const std::string& id) {
    const auto [at, fresh] = ids_.try_emplace(name, id);
    if (!fresh && at->second != id) at->second.clear();
  }
  std::map<std::string, std::string, std::less<>> ids_;
};

class BaseLoad {
 public:
  BaseLoad(const BaseLoadWords& words, const Context& context, Installation& installation,
           const catalog::EntityKind& kind, identity::AreaTree tree, text::DivisionTable divisions)
      : words_(words),
        context_(context),
        installation_(installation),
        kind_(kind),
        tree_(std::move(tree)),
        placing_(std::move(divisions), tree_, words.elsewhere) {}

  Status learn_places();
  Result<vault::IntakeCounts> go();
  /// Makes the base that batches change from now on, of the same run.
  Status keep_online();

 private:
  Result<RowWalk> open_entities();
  Status take_members(vault::Subject& subject, RowWalk& members);
  vault::Subject subject_of(const RowWalk& entities) const;
  std::string place_of(const vault::Subject& subject) const;

  const BaseLoadWords& words_;
  const Context& context_;
  Installation& installation_;
  const catalog::EntityKind& kind_;
  const identity::AreaTree tree_;
  library::Placing placing_;
  std::vector<std::pair<std::string, std::string>> places_;  // Addresses and areas that were learnt.
  bool member_waits_ = false;                                // The row at hand belongs to an entity that comes.
};

Status BaseLoad::learn_places() {
  const AreaNames names(tree_);
  for (const std::string& located : words_.located) {
    const auto second = located.rfind(':');
    const auto first = second == std::string::npos || second == 0 ? std::string::npos : located.rfind(':', second - 1);
    if (first == std::string::npos) {
      return fail(ErrorCode::kUsage, {}, "For example: --located buildings.csv:address:grid_code",
                  "'{}' is not FILE:ADDRESS:AREA", located);
    }
    ZHILI_ASSIGN(auto rows, RowWalk::open(located.substr(0, first),
                                          {located.substr(first + 1, second - first - 1), located.substr(second + 1)}));
    for (;;) {
      ZHILI_ASSIGN(const bool more, rows.next());
      if (!more) break;
      places_.emplace_back(rows.cell(0), names.find(rows.cell(1)));
      placing_.learn(places_.back().first, places_.back().second);
    }
  }
  return {};
}

Result<RowWalk> BaseLoad::open_entities() {
  std::vector<std::string> columns{"entity_id"};
  for (const auto& field : kind_.fields) {
    for (const char* part : {"", "_source", "_record", "_time", "_differs"}) columns.push_back(field.id + part);
  }
  return RowWalk::open(words_.result / "entities.parquet", std::move(columns));
}

vault::Subject BaseLoad::subject_of(const RowWalk& entities) const {
  vault::Subject out;
  out.id = entities.text(0);
  for (size_t f = 0; f < kind_.fields.size(); ++f) {
    const size_t column = 1 + 5 * f;
    if (entities.cell(column).empty()) continue;
    vault::Value value;
    value.field = kind_.fields[f].id;
    value.text = entities.text(column);
    value.source = entities.text(column + 1);
    value.record = entities.text(column + 2);
    value.time = entities.text(column + 3);
    const auto differs = entities.cell(column + 4);
    std::from_chars(differs.data(), differs.data() + differs.size(), value.differs);
    out.values.push_back(std::move(value));
  }
  return out;
}

std::string BaseLoad::place_of(const vault::Subject& subject) const {
  std::vector<std::string_view> addresses;
  for (const auto& value : subject.values) {
    const auto* field = kind_.find(value.field);
    if (field != nullptr && field->type == catalog::ValueType::kAddress) addresses.emplace_back(value.text);
  }
  return placing_.place_of(addresses);
}

/// Both files have entities in the same order.
Status BaseLoad::take_members(vault::Subject& subject, RowWalk& members) {
  std::map<std::pair<std::string, std::string>, uint32_t> places;
  for (;;) {
    if (!member_waits_) {
      ZHILI_ASSIGN(const bool more, members.next());
      if (!more) break;
    }
    member_waits_ = members.cell(0) != subject.id;
    if (member_waits_) break;
    const auto place = static_cast<uint32_t>(subject.provenance.records.size());
    places.emplace(std::pair(members.text(1), members.text(2)), place);
    subject.provenance.records.push_back({members.text(1), members.text(2), {}});
    const auto other = places.find({members.text(3), members.text(4)});
    if (members.cell(3).empty() || other == places.end()) continue;
    vault::Link link;
    link.a = other->second;
    link.b = place;
    link.weight = std::strtod(members.text(5).c_str(), nullptr);
    link.probability = std::strtod(members.text(6).c_str(), nullptr);
    link.parts = members.text(7);
    subject.provenance.links.push_back(std::move(link));
  }
  if (!subject.provenance.records.empty()) return {};
  return fail(ErrorCode::kInput, {(words_.result / "members.parquet").string(), 0, 0},
              "Run 'zhili fuse run' with --members again.", "does not belong to this result");
}

Result<vault::IntakeCounts> BaseLoad::go() {
  ZHILI_ASSIGN(auto entities, open_entities());
  ZHILI_ASSIGN(auto members,
               RowWalk::open(words_.result / "members.parquet", {"entity_id", "source", "record", "link_source",
                                                                 "link_record", "weight", "probability", "parts"}));
  vault::IntakeJob job;
  job.kind = kind_.id;
  job.purpose = words_.purpose;
  job.basis = words_.basis;
  ZHILI_ASSIGN(const auto intake, vault::Intake::begin(installation_.vault(), std::move(job)));
  Progress progress("Loading", 0, "entities", context_.progress());
  for (uint64_t count = 0;; ++count) {
    if (count % 1024 == 0) ZHILI_TRY(context_.cancel.check());
    ZHILI_ASSIGN(const bool more, entities.next());
    if (!more) break;
    vault::Subject subject = subject_of(entities);
    ZHILI_TRY(take_members(subject, members));
    subject.place = place_of(subject);
    ZHILI_TRY(intake->put(subject));
    progress.add(1);
  }
  return intake->finish();
}

/// Configuration and data of the run whose result it is.
Result<fuse::Config> config_of(const fs::path& result) {
  ZHILI_ASSIGN(const std::string text, read_file(result / "run.json", limits::kYamlBytes));
  boost::system::error_code wrong;
  const auto run = boost::json::parse(text, wrong);
  const auto word = [&](std::string_view name) -> std::string {
    if (wrong || !run.is_object()) return {};
    const auto* value = run.get_object().if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  if (word("config").empty()) {
    return fail(ErrorCode::kInput, {(result / "run.json").string(), 0, 0}, "Run 'zhili fuse run' again.",
                "does not tell which configuration was run");
  }
  return fuse::load_config(word("config"), word("data_dir"));
}

Status BaseLoad::keep_online() {
  library::Plan plan;
  plan.kind = kind_.id;
  plan.purpose = words_.purpose;
  plan.basis = words_.basis;
  plan.elsewhere = words_.elsewhere;
  plan.divisions = words_.divisions;
  plan.places = places_;
  ZHILI_ASSIGN(plan.config, config_of(words_.result));
  ZHILI_ASSIGN(plan.config_yaml, read_file(plan.config.path, limits::kYamlBytes));
  ZHILI_ASSIGN(const auto ground, installation_.library_ground());
  ZHILI_TRY(library::Base::create(ground, std::move(plan), words_.result, context_.cancel));
  ZHILI_ASSIGN(const auto base, library::Base::open(ground, kind_.id));
  return base->find_doubts(context_.cancel);
}

Result<text::DivisionTable> divisions_of(const fs::path& file) {
  if (file.empty()) return text::DivisionTable(text::DivisionTable::national());
  return text::DivisionTable::national().with_file(file);
}

}  // namespace

Status load_base(const BaseLoadWords& words, const Context& context) {
  std::error_code ec;
  if (!fs::exists(words.result / "members.parquet", ec)) {
    return fail(ErrorCode::kNotFound, {words.result.string(), 0, 0}, "Run 'zhili fuse run' with --members.",
                "holds no members.parquet");
  }
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  if (fs::exists(installation->settings().bases_directory() / words.kind, ec)) {
    return fail(ErrorCode::kConflict, {}, "Send batches of the datasets that its sources name.",
                "'{}' is kept online: what a run makes does not take its place", words.kind);
  }
  const auto* kind = installation->catalog().kind(words.kind);
  if (kind == nullptr) {
    return fail(ErrorCode::kUsage, {}, "The packs' datasets/ name the kinds.", "no pack knows a kind '{}'", words.kind);
  }
  ZHILI_ASSIGN(auto tree, identity::Directory(installation->ground()).areas());
  if (!words.elsewhere.empty() && !tree.has(words.elsewhere)) {
    return fail(ErrorCode::kUsage, {}, "", "--elsewhere: there is no area '{}'", words.elsewhere);
  }
  ZHILI_ASSIGN(auto divisions, divisions_of(words.divisions));
  BaseLoad load(words, context, *installation, *kind, std::move(tree), std::move(divisions));
  ZHILI_TRY(load.learn_places());
  ZHILI_ASSIGN(const auto counts, load.go());
  if (words.online) ZHILI_TRY(load.keep_online());
  ZHILI_TRY(installation->log().integrate());
  if (context.json) {
    return print(boost::json::value(boost::json::object{{"kind", words.kind},
                                                        {"added", counts.added},
                                                        {"changed", counts.changed},
                                                        {"unchanged", counts.unchanged},
                                                        {"removed", counts.removed}}));
  }
  return print(fmt::format("{}: {} added, {} changed, {} unchanged, {} removed.\n", words.kind, counts.added,
                           counts.changed, counts.unchanged, counts.removed));
}

}  // namespace zhili::cli
