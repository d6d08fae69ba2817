#include "cli/base_link.hpp"

#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "cli/installation.hpp"
#include "cli/output.hpp"
#include "fuse/links_file.hpp"
#include "vault/records.hpp"

namespace zhili::cli {

Status link_base(const BaseLinkWords& words, const Context& context) {
  ZHILI_ASSIGN(auto settings, load_settings(words.directory));
  ZHILI_ASSIGN(const auto installation, Installation::open(std::move(settings)));
  const vault::Records records(installation->vault());
  std::vector<vault::Records::Link> links;
  size_t seen = 0;
  size_t changed = 0;
  const auto flush = [&]() -> Status {
    ZHILI_ASSIGN(const size_t now, records.link(words.dataset, links, ""));
    changed += now;
    links.clear();
    return {};
  };
  const auto take = [&](const fuse::Link& link) -> Status {
    if (link.source != words.source) return {};
    ++seen;
    links.push_back({{std::string(link.record)}, words.kind, std::string(link.entity)});
    return links.size() == vault::kLinksAtOnce ? flush() : Status();
  };
  ZHILI_TRY(fuse::read_links_file(words.result, context.progress(), context.cancel, take));
  if (seen == 0) {
    return fail(ErrorCode::kInput, {(words.result / "links.csv").string(), 0, 0}, "Its first column names the sources.",
                "has no record of the source '{}'", words.source);
  }
  ZHILI_TRY(flush());
  ZHILI_TRY(installation->log().integrate());
  if (context.json) {
    return print(
        boost::json::value(boost::json::object{{"dataset", words.dataset}, {"records", seen}, {"changed", changed}}));
  }
  if (context.quiet) return {};
  return print(
      fmt::format("{}: {} records of '{}', {} links are new or other\n", words.dataset, seen, words.source, changed));
}

}  // namespace zhili::cli
