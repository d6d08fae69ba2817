#include "cli/program.hpp"

int main(int argc, char** argv) { return zhili::cli::run_program(argc, argv); }
