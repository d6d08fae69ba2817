#pragma once

namespace zhili::cli {

const char* version();

}  // namespace zhili::cli
