#include "twin/errors.hpp"

#include <fmt/format.h>

namespace zhili::twin {

std::string error_table_markdown() {
  std::string out = "| error | what is wrong | why |";
  for (size_t r = 0; r < kRegisters; ++r) out += fmt::format(" {} |", register_id(static_cast<Register>(r)));
  out += "\n|---|---|---|";
  for (size_t r = 0; r < kRegisters; ++r) out += "--:|";
  out += '\n';
  for (const ErrorRow& row : kErrorTable) {
    out += fmt::format("| `{}` | {} | {} |", row.id, row.what, row.reason);
    for (const double rate : row.per_thousand) out += rate == 0 ? std::string(" – |") : fmt::format(" {} |", rate);
    out += '\n';
  }
  return out;
}

}  // namespace zhili::twin
