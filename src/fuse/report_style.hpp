#pragma once

#include <string_view>

namespace zhili::fuse {

/// The style and the script of the report's page. The script only does what the page can do without: it keeps the
/// document's language attribute in step with the switch, and filters long tables.
std::string_view report_css();
std::string_view report_script();

}  // namespace zhili::fuse
