#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "fuse/decisions.hpp"

namespace zhili::cli {

struct ReviewArguments {
  std::filesystem::path dir;
  uint64_t from = 1;                 ///< For the list: the first line.
  uint64_t limit = 20;               ///< For the list: lines at most.
  std::vector<std::string> records;  ///< For a decision: one number of the list, or two of SOURCE:RECORD.
  std::string by;
  std::string note;
};

/// `zhili fuse review DIR list`: pairs of the review list that are not decided yet.
Status list_review(const ReviewArguments& arguments, const Context& context);

/// `zhili fuse review DIR decided`: the decisions that stand.
Status list_decisions(const ReviewArguments& arguments, const Context& context);

/// `zhili fuse review DIR same|different|undo`: writes a decision down. The next run follows it.
Status decide(const ReviewArguments& arguments, fuse::Verdict verdict, const Context& context);

}  // namespace zhili::cli
