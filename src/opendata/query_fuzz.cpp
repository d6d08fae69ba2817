// Whatever is asked of a table: an answer within its limits, or a refusal that names a key.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <boost/json.hpp>

#include "opendata/query.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::opendata;
  boost::system::error_code failed;
  const auto asked = boost::json::parse(std::string_view(reinterpret_cast<const char*>(data), size), failed);
  if (failed || !asked.is_object()) return 0;
  const auto query = query_from(asked.get_object());
  if (!query && query.error().place.file.empty()) std::abort();
  if (!query) return 0;
  PublicTable table({{"a", {}, ColumnType::kText}, {"b", {}, ColumnType::kNumber}});
  table.add({"x", "1"});
  table.add({"y", "2.5"});
  table.add({"", ""});
  const auto found = find_rows(table, *query);
  if (!found && found.error().place.file.empty()) std::abort();
  if (found && (found->rows.size() > query->limit || found->rows.size() > found->total)) std::abort();
  return 0;
}
