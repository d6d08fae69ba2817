#include "opendata/harvest.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <boost/json.hpp>

#include "opendata/search.hpp"
#include "vault/refusals.hpp"
#include "vault/words.hpp"

namespace zhili::opendata {
namespace {

namespace json = boost::json;

constexpr size_t kTextBytes = 4000;
constexpr size_t kUrlBytes = 2000;

/// "dcat:Dataset" and "http://www.w3.org/ns/dcat#Dataset" are "Dataset".
std::string_view last_part(std::string_view term) {
  const size_t at = term.find_last_of(":#/");
  return at == std::string_view::npos ? term : term.substr(at + 1);
}

/// At most so many bytes, at a character's end; without what no text has.
std::string shortened(std::string_view text, size_t most) {
  std::string out;
  for (const char c : text.substr(0, most)) {
    if (static_cast<unsigned char>(c) >= 0x20 || c == '\n') out += c;
  }
  if (text.size() <= most) return out;
  while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0U) == 0x80U) out.pop_back();
  if (!out.empty()) out.pop_back();
  return out;
}

std::string_view text_in(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
}

/// A document's nodes, found without recursion, as others wrote it.
class Document {
 public:
  explicit Document(const json::value& root) {
    std::vector<const json::value*> waiting = {&root};
    while (!waiting.empty()) {
      const json::value* one = waiting.back();
      waiting.pop_back();
      if (one->is_array()) {
        for (const json::value& inner : one->get_array()) waiting.push_back(&inner);
      } else if (one->is_object()) {
        const json::object& node = one->get_object();
        // A reference has an id alone; what tells more is the node.
        if (const auto id = text_in(node, "@id"); !id.empty() && node.size() > 1) by_id_.try_emplace(id, &node);
        if (is_a(node, "Dataset")) datasets_.push_back(&node);
        for (const auto& [key, inner] : node) {
          if (key != "@context") waiting.push_back(&inner);
        }
      }
    }
    std::ranges::reverse(datasets_);
  }

  const std::vector<const json::object*>& datasets() const { return datasets_; }
  /// The values of a property, references followed.
  std::vector<const json::value*> values(const json::object& node, std::string_view property) const {
    std::vector<const json::value*> out;
    for (const auto& [key, value] : node) {
      if (key.starts_with('@') || last_part(key) != property) continue;
      if (!value.is_array()) {
        out.push_back(&value);
        continue;
      }
      for (const json::value& one : value.get_array()) out.push_back(&one);
    }
    return out;
  }
  const json::object* node(const json::value& value) const {
    if (!value.is_object()) return nullptr;
    const auto found = by_id_.find(text_in(value.get_object(), "@id"));
    return found == by_id_.end() ? &value.get_object() : found->second;
  }
  /// The text of a property: in Chinese, else the first.
  std::string text(const json::object& owner, std::string_view property) const {
    std::string out;
    for (const json::value* one : values(owner, property)) {
      std::string_view told;
      if (one->is_string()) told = one->get_string();
      bool chinese = false;
      if (one->is_object()) {
        const json::object& object = one->get_object();
        told = text_in(object, "@value");
        if (told.empty()) told = text_in(object, "@id");
        chinese = text_in(object, "@language").starts_with("zh");
      }
      if (out.empty() || chinese) out = told;
    }
    return out;
  }
  static bool is_a(const json::object& node, std::string_view type) {
    const auto* found = node.if_contains("@type");
    if (found == nullptr) return false;
    if (found->is_string()) return last_part(found->get_string()) == type;
    return found->is_array() && std::ranges::any_of(found->get_array(), [&](const json::value& one) {
             return one.is_string() && last_part(one.get_string()) == type;
           });
  }

 private:
  std::map<std::string_view, const json::object*, std::less<>> by_id_;
  std::vector<const json::object*> datasets_;
};

bool is_web(std::string_view url) {
  return url.size() <= kUrlBytes && (url.starts_with("https://") || url.starts_with("http://")) &&
         std::ranges::none_of(url,
                              [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '<'; });
}

/// What people call the formats of its distributions.
std::string formats_in(const Document& document, const json::object& dataset) {
  std::set<std::string> out;
  for (const json::value* one : document.values(dataset, "distribution")) {
    const json::object* node = document.node(*one);
    if (node == nullptr) continue;
    std::string format = document.text(*node, "format");
    if (format.empty()) format = document.text(*node, "mediaType");
    std::string word(last_part(format));
    std::ranges::transform(word, word.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (!word.empty() && word.size() <= 40) out.insert(shortened(word, 40));
  }
  return fmt::format("{}", fmt::join(out, " "));
}

Harvested dataset_of(const Document& document, const json::object& node) {
  Harvested out;
  out.id = shortened(text_in(node, "@id"), kUrlBytes);
  out.title = shortened(document.text(node, "title"), 500);
  out.description = shortened(document.text(node, "description"), kTextBytes);
  for (const std::string& page : {document.text(node, "landingPage"), out.id}) {
    if (out.page.empty() && is_web(page)) out.page = page;
  }
  for (const json::value* one : document.values(node, "publisher")) {
    if (const json::object* body = document.node(*one)) out.publisher = shortened(document.text(*body, "name"), 300);
  }
  out.formats = formats_in(document, node);
  out.modified = shortened(document.text(node, "modified"), 40);
  return out;
}

}  // namespace

Result<std::vector<Harvested>> read_dcat(std::string_view jsonld) {
  if (jsonld.size() > kHarvestBytes) {
    return fail(ErrorCode::kLimit, {}, "", "a catalogue has at most {} bytes", kHarvestBytes);
  }
  boost::system::error_code failed;
  const json::value root = json::parse(jsonld, failed);
  if (failed) return fail(ErrorCode::kInput, {}, "Give the address of a catalogue in JSON-LD.", "it is no JSON");
  const Document document(root);
  std::vector<Harvested> out;
  std::set<std::string> seen;
  for (const json::object* node : document.datasets()) {
    Harvested one = dataset_of(document, *node);
    // What has no name can't be shown, and what is told twice is one.
    if (one.id.empty() || one.title.empty() || !seen.insert(one.id).second) continue;
    if (out.size() == kHarvestSets) {
      return fail(ErrorCode::kLimit, {}, "", "a catalogue has at most {} datasets", kHarvestSets);
    }
    out.push_back(std::move(one));
  }
  if (!out.empty()) return out;
  return fail(ErrorCode::kInput, {}, "Give the address of a catalogue in JSON-LD.", "there is no dcat:Dataset in it");
}

Result<size_t> Harvests::take(const identity::Actor& actor, const std::string& source, std::string_view jsonld) const {
  ZHILI_TRY(publications_.require(actor, "publish", vault::department_of(actor)));
  if (!is_web(source)) return fail(ErrorCode::kInput, {}, "It begins with https:// or http://.", "that is no address");
  ZHILI_ASSIGN(const auto all, read_dcat(jsonld));
  const OpenGround& ground = publications_.ground();
  ZHILI_ASSIGN(auto entry, ground.log.draft(audit::Action::kChange, audit::Ref::of_actor(actor.account)));
  entry.purpose(vault::word_of(kPurpose)).count(vault::word_of("datasets"), all.size()).change(source);
  const Status done = ground.store.commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute("DELETE FROM open_harvested WHERE area_id = $1 AND source = $2", {ground.area_id, source}));
    for (const Harvested& one : all) {
      ZHILI_TRY(
          tx.execute("INSERT INTO open_harvested (area_id, source, id, title, description, page, publisher, "
                     "formats, modified) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                     {ground.area_id, source, one.id, one.title, one.description, one.page, one.publisher, one.formats,
                      one.modified}));
    }
    return ground.log.add(tx, entry);
  });
  ZHILI_TRY(done);
  return all.size();
}

Result<std::vector<Harvested>> Harvests::find(std::string_view words) const {
  Search search;
  ZHILI_TRY(read_terms("q", words, search));
  const OpenGround& ground = publications_.ground();
  ZHILI_ASSIGN(auto snapshot, ground.store.read());
  std::vector<Harvested> out;
  ZHILI_TRY(snapshot.each(
      "SELECT source, id, title, description, page, publisher, formats, modified FROM open_harvested WHERE area_id = "
      "$1 "
      "ORDER BY title, source, id",
      {ground.area_id}, [&](const store::Row& row) -> Status {
        if (out.size() == kHarvestShown) return {};
        Harvested one;
        size_t column = 0;
        for (std::string* text : {&one.source, &one.id, &one.title, &one.description, &one.page, &one.publisher,
                                  &one.formats, &one.modified}) {
          *text = row.text(column++);
        }
        std::string whole = fmt::format("{}\n{}\n{}", one.title, one.description, one.publisher);
        std::ranges::transform(whole, whole.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        const bool fits = std::ranges::all_of(
            search.words, [&](const std::string& word) { return whole.find(word) != std::string::npos; });
        if (fits) out.push_back(std::move(one));
        return {};
      }));
  return out;
}

}  // namespace zhili::opendata
