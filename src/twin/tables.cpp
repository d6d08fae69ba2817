#include "twin/tables.hpp"

#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "table/csv_writer.hpp"
#include "table/parquet_writer.hpp"

namespace zhili::twin {
namespace {

// clang-format off
constexpr TableSpec kSpecs[kTables] = {
    {Table::kPolice, "police.csv", TableForm::kCsv,
     "人员编号,户号,与户主关系,姓名,曾用名,性别,民族,出生日期,公民身份号码,户籍地址,联系电话,婚姻状况,户口状态,更新时间"},
    {Table::kSocial, "social.csv", TableForm::kCsvGb18030,
     "个人编号,姓名,证件号码,性别,出生日期,手机号码,参保险种,参保状态,单位名称,单位信用代码,通讯地址,经办时间"},
    {Table::kHealth, "health.jsonl", TableForm::kJsonLines,
     "档案编号,姓名,性别,出生日期,身份证号,本人电话,联系人姓名,联系人电话,现住址,血型,建档机构,更新时间"},
    {Table::kCivil, "civil.csv", TableForm::kCsvBom,
     "业务编号,业务类型,姓名,性别,出生日期,身份证件号,联系电话,家庭住址,配偶姓名,办理日期"},
    {Table::kEducation, "education.csv", TableForm::kCsvGb18030,
     "学籍号,姓名,性别,出生日期,身份证件号,学校,年级,家庭住址,监护人姓名,监护人电话,更新时间"},
    {Table::kHousing, "housing.parquet", TableForm::kParquet,
     "登记编号,权利人,证件号码,联系电话,坐落,建筑面积:number,共有方式,登记日期"},
    {Table::kTax, "tax.csv", TableForm::kCsv,
     "登记序号,姓名,身份证件号码,手机号码,人员身份,任职单位,单位纳税人识别号,联系地址,更新时间"},
    {Table::kDisabled, "disabled.tsv", TableForm::kTsv,
     "序号,姓名,性别,出生年月日,身份证号,残疾证号,残疾类别,残疾等级,监护人,联系电话,家庭住址,发证日期"},
    {Table::kGrid, "grid.csv", TableForm::kCsv,
     "序号,网格,姓名,性别,出生年月,身份证号,电话,住址,人员类别,走访日期"},
    {Table::kPoliceHouseholds, "police_households.csv", TableForm::kCsv,
     "户号,户主姓名,户主公民身份号码,户籍地址,在册人数,联系电话,更新时间"},
    {Table::kCivilFamilies, "civil_families.csv", TableForm::kCsvBom,
     "业务编号,救助类别,申请人姓名,申请人身份证件号,家庭住址,家庭人口,联系电话,审批日期"},
    {Table::kGridHouseholds, "grid_households.csv", TableForm::kCsv,
     "序号,网格,户主,电话,住址,常住人口,居住类型,走访日期"},
    {Table::kTaxEnterprises, "tax_enterprises.csv", TableForm::kCsv,
     "登记序号,纳税人识别号,纳税人名称,法定代表人,法定代表人证件号码,法定代表人电话,生产经营地址,行业,纳税人状态,登记日期,更新时间"},
    {Table::kSocialUnits, "social_units.csv", TableForm::kCsvGb18030,
     "单位编号,单位名称,统一社会信用代码,法定代表人,联系电话,单位地址,参保人数,更新时间"},
    {Table::kGridShops, "grid_shops.csv", TableForm::kCsv,
     "序号,网格,店铺名称,经营者,电话,地址,走访日期"},
    {Table::kPolicePlaces, "police_places.csv", TableForm::kCsv,
     "地址编码,标准地址,社区,小区名称,地上层数,经度,纬度,更新时间"},
    {Table::kHousingBuildings, "housing_buildings.parquet", TableForm::kParquet,
     "楼栋编号,项目名称,坐落,总层数:number,建成年份:number,经度:number,纬度:number,登记日期"},
    {Table::kGridBuildings, "grid_buildings.csv", TableForm::kCsv,
     "序号,网格,小区,楼栋,层数,户数,走访日期"},
    {Table::kTruth, "truth.csv", TableForm::kCsv, "source,record_id,person_id"},
    {Table::kTruthHousehold, "truth_household.csv", TableForm::kCsv, "source,record_id,household_id"},
    {Table::kTruthEnterprise, "truth_enterprise.csv", TableForm::kCsv, "source,record_id,enterprise_id"},
    {Table::kTruthPlace, "truth_place.csv", TableForm::kCsv, "source,record_id,place_id"},
    {Table::kTruthPeople, "truth_people.csv", TableForm::kCsv,
     "person_id,name,sex,birth,death,id_number,resident,father_id,mother_id"},
};
// clang-format on

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    out.emplace_back(list.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace

const TableSpec& table_spec(Table table) { return kSpecs[static_cast<size_t>(table)]; }

std::string_view source_id(Table table) {
  const std::string_view file = table_spec(table).file;
  return file.substr(0, file.find('.'));
}

class TableFiles::Sink {
 public:
  virtual ~Sink() = default;
  virtual Status append(const Rows& rows) = 0;
  virtual Status finish() = 0;
};

class TableFiles::CsvSink final : public Sink {
 public:
  static Result<std::unique_ptr<Sink>> create(const std::filesystem::path& path, const TableSpec& spec) {
    const bool spreadsheet = spec.form == TableForm::kCsvBom;
    const table::WriteOptions options{
        .encoding = spec.form == TableForm::kCsvGb18030 ? table::Encoding::kGb18030 : table::Encoding::kUtf8,
        .delimiter = spec.form == TableForm::kTsv ? '\t' : ',',
        .bom = spreadsheet,
        .newline = spreadsheet ? "\r\n" : "\n"};
    ZHILI_ASSIGN(auto writer, table::CsvWriter::create(path, split(spec.columns), options));
    return std::unique_ptr<Sink>(new CsvSink(std::move(writer)));
  }
  Status append(const Rows& rows) override {
    for (size_t row = 0; row < rows.rows(); ++row) {
      rows.row(row, cells_);
      ZHILI_TRY(writer_.append(cells_));
    }
    return {};
  }
  Status finish() override { return writer_.finish(); }

 private:
  explicit CsvSink(table::CsvWriter writer) : writer_(std::move(writer)) {}

  table::CsvWriter writer_;
  std::vector<std::string_view> cells_;
};

class TableFiles::JsonSink final : public Sink {
 public:
  JsonSink(std::filesystem::path path, const TableSpec& spec)
      : path_(std::move(path)), file_(path_, std::ios::binary), keys_(split(spec.columns)) {}

  Status append(const Rows& rows) override {
    for (size_t row = 0; row < rows.rows(); ++row) {
      rows.row(row, cells_);
      buffer_ += '{';
      for (size_t c = 0; c < cells_.size(); ++c) {
        if (c > 0) buffer_ += ',';
        quote(keys_[c]);
        buffer_ += ':';
        if (cells_[c].empty()) {
          buffer_ += "null";
        } else {
          quote(cells_[c]);
        }
      }
      buffer_ += "}\n";
    }
    return flush();
  }
  Status finish() override {
    file_.close();
    return file_.fail() ? failure() : Status();
  }

 private:
  // The twin writes no control characters.
  void quote(std::string_view text) {
    buffer_ += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') buffer_ += '\\';
      buffer_ += c;
    }
    buffer_ += '"';
  }
  Status flush() {
    file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
    return file_ ? Status() : failure();
  }
  Status failure() const {
    return fail(ErrorCode::kIo, {path_.string()}, "Free some space, or choose another --out.", "can't write: {}",
                std::strerror(errno));
  }

  std::filesystem::path path_;
  std::ofstream file_;
  std::vector<std::string> keys_;
  std::string buffer_;
  std::vector<std::string_view> cells_;
};

/// The Parquet writer asks for rows; here they are pushed. So it runs on a thread of its own, behind a short queue.
class TableFiles::ParquetSink final : public Sink {
 public:
  ParquetSink(std::filesystem::path path, const TableSpec& spec) {
    for (std::string& column : split(spec.columns)) {
      const size_t colon = column.find(':');
      const bool number = colon != std::string::npos;
      columns_.push_back({column.substr(0, colon), number ? table::ParquetType::kDouble : table::ParquetType::kText});
    }
    thread_ = std::jthread([this, path = std::move(path)] {
      Status written = table::write_parquet(path, columns_, [this](table::ChunkWriter& chunk) { return fill(chunk); });
      const std::scoped_lock lock(mutex_);
      result_ = std::move(written);
      changed_.notify_all();
    });
  }
  ~ParquetSink() override {
    const std::scoped_lock lock(mutex_);
    if (!closed_) abandoned_ = true;
    closed_ = true;
    changed_.notify_all();
  }

  Status append(const Rows& rows) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.size() < kQueue || result_; });
    if (result_) return *result_;
    if (rows.rows() > 0) queue_.push_back(rows);
    changed_.notify_all();
    return {};
  }
  Status finish() override {
    std::unique_lock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return result_.has_value(); });
    return result_.value_or(Status());
  }

 private:
  static constexpr size_t kQueue = 8;

  Result<size_t> fill(table::ChunkWriter& chunk) {
    size_t set = 0;
    while (set < table::ChunkWriter::kRows) {
      if (next_ == current_.rows() && !take()) break;
      if (abandoned_) return fail_abandoned();
      current_.row(next_++, cells_);
      for (size_t c = 0; c < cells_.size(); ++c) {
        if (cells_[c].empty()) continue;
        if (columns_[c].type == table::ParquetType::kDouble) {
          chunk.set_double(c, set, std::strtod(std::string(cells_[c]).c_str(), nullptr));
        } else {
          chunk.set_text(c, set, cells_[c]);
        }
      }
      ++set;
    }
    if (abandoned_) return fail_abandoned();
    return set;
  }
  // The next rows from the queue, waited for; false at the end.
  bool take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !queue_.empty() || closed_; });
    if (queue_.empty()) return false;
    current_ = std::move(queue_.front());
    queue_.pop_front();
    next_ = 0;
    changed_.notify_all();
    return true;
  }
  static std::unexpected<Error> fail_abandoned() { return fail(ErrorCode::kCancelled, {}, "", "stopped"); }

  std::vector<table::ParquetColumn> columns_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Rows> queue_;
  std::atomic<bool> abandoned_ = false;
  bool closed_ = false;
  std::optional<Status> result_;
  Rows current_;  // Of the writer's thread, as what follows.
  size_t next_ = 0;
  std::vector<std::string_view> cells_;
  std::jthread thread_;  // Last, so that it is joined before the rest goes.
};

TableFiles::TableFiles() = default;
TableFiles::TableFiles(TableFiles&&) noexcept = default;
TableFiles::~TableFiles() = default;

Result<TableFiles> TableFiles::create(const std::filesystem::path& directory) {
  TableFiles files;
  for (const TableSpec& spec : kSpecs) {
    const auto path = directory / spec.file;
    switch (spec.form) {
      case TableForm::kJsonLines:
        files.sinks_.push_back(std::make_unique<JsonSink>(path, spec));
        break;
      case TableForm::kParquet:
        files.sinks_.push_back(std::make_unique<ParquetSink>(path, spec));
        break;
      default: {
        ZHILI_ASSIGN(auto sink, CsvSink::create(path, spec));
        files.sinks_.push_back(std::move(sink));
      }
    }
  }
  return files;
}

Status TableFiles::append(Table table, const Rows& rows) {
  rows_[static_cast<size_t>(table)] += rows.rows();
  return sinks_[static_cast<size_t>(table)]->append(rows);
}

Status TableFiles::finish() {
  for (auto& sink : sinks_) ZHILI_TRY(sink->finish());
  return {};
}

}  // namespace zhili::twin
