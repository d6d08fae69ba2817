#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include "base/parallel.hpp"
#include "base/random.hpp"
#include "catalog/in_force.hpp"
#include "catalog/registry.hpp"
#include "ingest/ingest.hpp"
#include "ingest/standard.hpp"
#include "ingest/table_check.hpp"
#include "table/csv_writer.hpp"
#include "text/credit_code.hpp"
#include "text/id_number.hpp"

/// Makes a register of made-up residents, and measures how fast it is read and checked.
namespace {

using namespace zhili;

std::string id_number(Random& random, int year, int month, int day) {
  std::string out =
      fmt::format("99{:04}{:04}{:02}{:02}{:03}", random.below(10'000), year, month, day, random.below(1000));
  return out + text::id_check_digit(out);
}

std::string credit_code(Random& random) {
  static constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  std::string organisation;
  for (int i = 0; i < 8; ++i) organisation += kAlphabet[random.below(kAlphabet.size())];
  std::string out = fmt::format("9199{:04}{}", random.below(10'000), organisation);
  out += text::organisation_check_char(organisation);
  return out + text::credit_check_char(out);
}

const std::vector<std::string>& columns() {
  static const std::vector<std::string> all = {
      "resident_number", "name",      "id_number", "sex",      "birth_date", "phone",  "nationality",
      "marital_status",  "grid",      "address",   "unit",     "employer",   "income", "members",
      "moved_in",        "moved_out", "longitude", "latitude", "kind",       "updated"};
  return all;
}

Status make(const std::string& file, uint64_t rows, uint64_t seed) {
  static const std::array<std::string, 12> families = {"王", "李", "张", "刘", "陈",   "杨",
                                                       "黄", "赵", "吴", "周", "欧阳", "徐"};
  static const std::array<std::string, 12> given = {"伟", "芳", "娜", "秀英", "敏", "静",
                                                    "丽", "强", "磊", "军",   "洋", "子涵"};
  static const std::array<std::string, 4> marital = {"未婚", "已婚", "丧偶", "离婚"};
  static const std::array<std::string, 5> nations = {"汉族", "汉族", "汉族", "回族", "满族"};
  static const std::array<std::string, 3> kinds = {"户籍人口", "流动人口", "人户分离"};
  ZHILI_ASSIGN(auto writer, table::CsvWriter::create(file, columns()));
  Random random(seed);
  for (uint64_t row = 0; row < rows; ++row) {
    const auto year = static_cast<int>(random.between(1930, 2020));
    const auto month = static_cast<int>(random.between(1, 12));
    const auto day = static_cast<int>(random.between(1, 28));
    std::string id = id_number(random, year, month, day);
    const bool male = (id[16] - '0') % 2 == 1;
    // One value in two hundred is what people mistype.
    if (random.chance(0.005)) id[17] = id[17] == '0' ? '1' : '0';
    const auto day_text = [](int y, int m, int d) { return fmt::format("{:04}-{:02}-{:02}", y, m, d); };
    const std::string birth = random.chance(0.005) ? day_text(year, month, 31) : day_text(year, month, day);
    const auto in = static_cast<int>(random.between(2000, 2020));
    const std::array<std::string, 20> cells = {
        fmt::format("R{:09}", row),
        random.pick(families) + random.pick(given),
        id,
        male ? "男" : "女",
        birth,
        random.chance(0.1) ? "" : fmt::format("1{}{:08}", random.between(30, 99), random.below(100'000'000)),
        random.pick(nations),
        random.chance(0.005) ? "不详" : random.pick(marital),
        fmt::format("99{:06}{:04}", random.below(40), random.below(500)),
        fmt::format("试验区东街街道人民路{}号{}栋{}室", random.between(1, 300), random.between(1, 30),
                    random.between(101, 2404)),
        fmt::format("{}-{}-{}", random.between(1, 30), random.between(1, 4), random.between(101, 2404)),
        random.chance(0.4) ? "" : credit_code(random),
        fmt::format("{}.{:02}", random.between(0, 40'000), random.below(100)),
        fmt::format("{}", random.between(1, 7)),
        day_text(in, month, day),
        random.chance(0.8) ? "" : day_text(in + static_cast<int>(random.between(0, 5)), 12, 29),
        fmt::format("120.{:06}", random.below(1'000'000)),
        fmt::format("31.{:06}", random.below(1'000'000)),
        random.pick(kinds),
        day_text(2026, month, day)};
    std::array<std::string_view, 20> views;
    std::copy(cells.begin(), cells.end(), views.begin());
    ZHILI_TRY(writer.append(views));
  }
  return writer.finish();
}

constexpr std::string_view kStandards = R"(version: 1
elements:
  - {id: resident_number, zh: 人员编号, en: number, type: text, grade: 3, pattern: 'R[0-9]{9}'}
  - {id: person_name, zh: 姓名, en: name, type: person_name, grade: 3, max_length: 50}
  - {id: id_number, zh: 公民身份号码, en: ID number, type: id_number, grade: 4}
  - id: sex
    zh: 性别
    en: sex
    type: category
    grade: 2
    codes: {男: {zh: 男, en: male}, 女: {zh: 女, en: female}}
  - {id: day, zh: 日期, en: day, type: date, grade: 3}
  - {id: phone, zh: 电话, en: telephone, type: phone, grade: 3}
  - {id: nationality, zh: 民族, en: ethnic group, type: category, grade: 4, pattern: '\p{Han}{2,8}'}
  - id: marital_status
    zh: 婚姻
    en: marital status
    type: category
    grade: 3
    codes: {未婚: {zh: 未, en: single}, 已婚: {zh: 已, en: married}, 丧偶: {zh: 丧, en: widowed}, 离婚: {zh: 离, en: divorced}}
  - {id: grid, zh: 网格, en: grid, type: category, grade: 2, pattern: '[0-9]{12}'}
  - {id: address, zh: 地址, en: address, type: address, grade: 3, max_length: 100}
  - {id: unit, zh: 门牌, en: unit, type: text, grade: 3, pattern: '[0-9]+-[0-9]+-[0-9]+', max_length: 20}
  - {id: employer, zh: 单位, en: employer, type: credit_code, grade: 2}
  - {id: income, zh: 收入, en: income, type: number, grade: 4, min: 0, max: 1000000}
  - {id: members, zh: 人数, en: members, type: number, grade: 2, min: 1, max: 30}
  - {id: longitude, zh: 经度, en: longitude, type: longitude, grade: 2}
  - {id: latitude, zh: 纬度, en: latitude, type: latitude, grade: 2}
  - {id: kind, zh: 类别, en: kind, type: category, grade: 2, pattern: '\p{Han}{2,8}'}
)";

catalog::Dataset dataset(const catalog::Catalog& catalog) {
  static const std::array<std::string, 20> elements = {"resident_number",
                                                       "person_name",
                                                       "id_number",
                                                       "sex",
                                                       "day",
                                                       "phone",
                                                       "nationality",
                                                       "marital_status",
                                                       "grid",
                                                       "address",
                                                       "unit",
                                                       "employer",
                                                       "income",
                                                       "members",
                                                       "day",
                                                       "day",
                                                       "longitude",
                                                       "latitude",
                                                       "kind",
                                                       "day"};
  catalog::Dataset out;
  out.id = "bench.residents";
  for (size_t i = 0; i < columns().size(); ++i) {
    catalog::DatasetField field;
    field.id = columns()[i];
    field.element = elements[i];
    field.type = catalog.element(elements[i])->type;
    field.key = i == 0;
    field.required = i < 5;
    out.fields.push_back(field);
  }
  out.rules = {{"born", {}, "birth_date <= today", false},
               {"same-birth", {}, "birth_of(id_number) = birth_date", false},
               {"same-sex", {}, "sex_of(id_number) = sex", false},
               {"stay", {}, "moved_out is missing or moved_in <= moved_out", false}};
  return out;
}

Status add_elements(catalog::Catalog& catalog) {
  return catalog.add(
      {"pack.yaml", "id: bench\nversion: 0.1.0\ntitle: {zh: 测, en: bench}\nlegal_basis:\n  - {id: law, title: 法}\n"},
      {}, {{"bench.yaml", std::string(kStandards)}});
}

Result<ingest::Standard> standard() {
  catalog::Catalog catalog;
  ZHILI_TRY(add_elements(catalog));
  return ingest::Standard::create(dataset(catalog), catalog);
}

/// The dataset as the catalogue takes it.
catalog::Dataset declared(const catalog::Catalog& catalog) {
  catalog::Dataset out = dataset(catalog);
  out.code = "306012/000001";
  out.title = {"测", "bench"};
  out.summary = "测";
  out.provider = "bench";
  out.format = "csv";
  out.sharing = catalog::Sharing::kUnconditional;
  for (auto& field : out.fields) {
    field.title = {field.id, field.id};
    field.grade = 4;
  }
  for (auto& rule : out.rules) rule.title = {rule.id, rule.id};
  return out;
}

/// Sends the file in parts to an installation of its own in `dir`, and lands it: all that a sender waits for.
Status land(const std::string& file, const std::string& dir, unsigned threads) {
  constexpr size_t kPart = size_t{8} << 20;
  catalog::Catalog catalog;
  ZHILI_TRY(add_elements(catalog));
  auto migrations = audit::AuditLog::migrations();
  for (const auto& room : {catalog::InForce::migrations(), catalog::Registry::migrations(), vault::Vault::migrations(),
                           ingest::Ingest::migrations()}) {
    migrations.insert(migrations.end(), room.begin(), room.end());
  }
  ZHILI_ASSIGN(const auto url, store::StoreUrl::parse("sqlite:" + dir + "/bench.db"));
  ZHILI_ASSIGN(auto store, store::Store::open(url, migrations));
  audit::AuditLogOptions options;
  options.origin = "bench.example/audit";
  options.directory = dir + "/log";
  ZHILI_ASSIGN(auto sign, audit::SignKey::generate(options.origin, audit::KeyKind::kEd25519));
  options.keys.push_back(std::move(sign));
  options.server = "bench";
  ZHILI_ASSIGN(auto log, audit::AuditLog::open(*store, std::move(options)));
  ZHILI_ASSIGN(const auto master, vault::MasterKeys::generate());
  ZHILI_ASSIGN(auto keys, vault::MasterKeys::parse(master, "key"));
  ZHILI_ASSIGN(auto vault, vault::Vault::open(*store, *log, catalog, std::move(keys)));
  const catalog::Registry registry(*store, *log, catalog, 0);
  ZHILI_TRY(registry.declare(declared(catalog), 0, "bench"));
  ZHILI_ASSIGN(auto lake, store::Lake::open(*store, dir + "/lake"));
  ZHILI_ASSIGN(const auto room, ingest::Ingest::open(*vault, lake, registry, {.threads = threads}));

  const auto start = std::chrono::steady_clock::now();
  ingest::UploadRequest request;
  request.dataset = "bench.residents";
  request.batch = "b1";
  request.name = "residents.csv";
  ZHILI_ASSIGN(const auto begun, room.begin(request));
  std::ifstream in(file, std::ios::binary);
  std::string part(kPart, '\0');
  for (uint64_t at = 0; in.read(part.data(), kPart), in.gcount() > 0; at += static_cast<uint64_t>(in.gcount())) {
    ZHILI_TRY(room.put(begun.upload.id, at, std::string_view(part).substr(0, static_cast<size_t>(in.gcount()))));
  }
  const double sent = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ZHILI_TRY(room.close(begun.upload.id));
  ZHILI_ASSIGN(const auto batch, room.land(begun.upload.id));
  const double all = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  fmt::print(
      "{{\"rows\": {}, \"sent_seconds\": {:.3f}, \"landed_seconds\": {:.3f}, \"rows_per_second\": {:.0f}, "
      "\"peak_mb\": {:.0f}, \"mistaken_rows\": {}}}\n",
      batch.rows, sent, all - sent, static_cast<double>(batch.rows) / (all - sent),
      static_cast<double>(usage.ru_maxrss) * 1024 / 1e6, batch.mistaken);
  return {};
}

Status check(const std::string& file, unsigned threads) {
  ZHILI_ASSIGN(const auto rules, standard());
  const auto start = std::chrono::steady_clock::now();
  ZHILI_ASSIGN(auto reader,
               table::Reader::open(file, ingest::read_options(table::Format::kAuto, table::Encoding::kAuto, 0)));
  ZHILI_ASSIGN(const auto found,
               ingest::check_table(*reader, rules, {.name = file, .threads = threads, .today = 20'780}));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  fmt::print(
      "{{\"rows\": {}, \"seconds\": {:.3f}, \"rows_per_second\": {:.0f}, \"peak_mb\": {:.0f}, \"mistaken_rows\": {}",
      found.figures.rows, seconds, static_cast<double>(found.figures.rows) / seconds,
      static_cast<double>(usage.ru_maxrss) * 1024 / 1e6, found.figures.mistaken_rows);
  fmt::print(", \"rules\": [");
  for (size_t i = 0; i < found.figures.rules.size(); ++i) {
    fmt::print("{}{}", i == 0 ? "" : ", ", found.figures.rules[i].broken);
  }
  fmt::print("], \"fields\": {{");
  for (size_t f = 0; f < found.figures.fields.size(); ++f) {
    fmt::print("{}\"{}\": [{}, {}, {}]", f == 0 ? "" : ", ", columns()[f], found.figures.fields[f].missing,
               found.figures.fields[f].mistaken(), found.figures.fields[f].different.count());
  }
  fmt::print("}}}}\n");
  return {};
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app{"Makes registers, and measures how fast they are checked"};
  std::string file;
  uint64_t rows = 1'000'000;
  unsigned threads = zhili::usable_cores();
  auto* const maker = app.add_subcommand("make", "Makes a register of made-up residents");
  maker->add_option("file", file)->required();
  maker->add_option("--rows", rows);
  auto* const checker = app.add_subcommand("check", "Reads and checks it");
  checker->add_option("file", file)->required();
  checker->add_option("--threads", threads);
  std::string dir;
  auto* const lander = app.add_subcommand("land", "Sends it, lands it and checks it");
  lander->add_option("file", file)->required();
  lander->add_option("dir", dir, "An empty directory")->required();
  lander->add_option("--threads", threads);
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  const zhili::Status done = maker->parsed()    ? make(file, rows, 1)
                             : lander->parsed() ? land(file, dir, threads)
                                                : check(file, threads);
  if (done) return 0;
  std::cerr << done.error().text() << "\n";
  return static_cast<int>(done.error().code);
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
