#include "cli/text_table.hpp"

#include <gtest/gtest.h>

namespace zhili::cli {
namespace {

TEST(TextTable, AlignsByCells) {
  EXPECT_EQ(aligned({{"姓名", "x", "end"}, {"a", "longer", ""}, {"b"}}, "  "),
            "  姓名  x       end\n"
            "  a     longer\n"
            "  b\n");
  EXPECT_EQ(aligned({}, "  "), "");
}

}  // namespace
}  // namespace zhili::cli
