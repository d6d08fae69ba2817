#pragma once

namespace zhili::cli {

/// The program: reads the arguments, runs the command they name and returns the exit code, which is 0 or the number of
/// the ErrorCode. Results go to stdout; errors, progress and remarks to stderr.
int run_program(int argc, const char* const* argv);

}  // namespace zhili::cli
