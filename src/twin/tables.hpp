#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "twin/errors.hpp"
#include "twin/rows.hpp"

namespace zhili::twin {

/// Every table that the twin writes. The first kRegisters are the registers of people, in the order of Register.
enum class Table : uint8_t {
  kPolice,
  kSocial,
  kHealth,
  kCivil,
  kEducation,
  kHousing,
  kTax,
  kDisabled,
  kGrid,
  kPoliceHouseholds,
  kCivilFamilies,
  kGridHouseholds,
  kTaxEnterprises,
  kSocialUnits,
  kGridShops,
  kPolicePlaces,
  kHousingBuildings,
  kGridBuildings,
  kTruth,
  kTruthHousehold,
  kTruthEnterprise,
  kTruthPlace,
  kTruthPeople,
};
inline constexpr size_t kTables = 23;

enum class TableForm : uint8_t { kCsv, kCsvBom, kCsvGb18030, kTsv, kJsonLines, kParquet };

// In the order in which the table of tables reads; 23 of them need not be dense.
struct TableSpec {  // NOLINT(clang-analyzer-optin.performance.Padding)
  Table table;
  std::string_view file;
  TableForm form;
  std::string_view columns;  ///< Separated by commas.
};

const TableSpec& table_spec(Table table);
/// The id of a table as a source: its file's name without the ending.
std::string_view source_id(Table table);

constexpr Table table_of(Register r) { return static_cast<Table>(r); }

/// What one cell adds to each table.
using CellRows = std::array<Rows, kTables>;

/// The files of all tables, being written.
class TableFiles {
 public:
  static Result<TableFiles> create(const std::filesystem::path& directory);
  TableFiles(TableFiles&&) noexcept;
  TableFiles& operator=(TableFiles&&) = delete;
  ~TableFiles();

  /// Appends rows to a table, in the order given.
  Status append(Table table, const Rows& rows);
  Status finish();
  uint64_t rows(Table table) const { return rows_[static_cast<size_t>(table)]; }

 private:
  class Sink;
  class CsvSink;
  class JsonSink;
  class ParquetSink;
  TableFiles();

  std::vector<std::unique_ptr<Sink>> sinks_;
  std::array<uint64_t, kTables> rows_{};
};

}  // namespace zhili::twin
