#pragma once

#include <functional>

#include "base/cancel.hpp"
#include "base/parallel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"

namespace CLI {
class App;
}

namespace zhili::cli {

/// What every command is given, and what it leaves to be done once all arguments were understood.
struct Context {
  Cancel& cancel;
  bool json = false;                  ///< Results and errors as one JSON document.
  bool quiet = false;                 ///< No progress, no remarks.
  unsigned threads = usable_cores();  ///< At least 1.
  std::function<Status()> action = {};

  Progress::Mode progress() const { return quiet ? Progress::Mode::kOff : Progress::Mode::kAuto; }
};

/// Adds --json, --quiet and --threads to a command that works.
void add_common_options(CLI::App& command, Context& context);

}  // namespace zhili::cli
