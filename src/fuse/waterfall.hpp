#pragma once

#include <string>
#include <string_view>

#include "fuse/explain.hpp"
#include "fuse/svg.hpp"

namespace zhili::fuse {

struct WaterfallOptions {
  Language language = Language::kBoth;
  bool plain = false;  ///< Shows identity numbers and telephones whole.
};

/// A pair's weight as a picture: from the prior, comparison by comparison, to the sum, beside the threshold. `id` must
/// be unique on its page.
Svg draw_waterfall(const Fusion& fusion, const Explanation& explanation, std::string_view id,
                   const WaterfallOptions& options);

}  // namespace zhili::fuse
