#pragma once

namespace zhili {

/// Of the program: "0.1.0".
const char* version();

}  // namespace zhili
