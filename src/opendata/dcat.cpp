#include "opendata/dcat.hpp"

#include <array>

#include <boost/json.hpp>

#include "base/clock.hpp"

namespace zhili::opendata {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kLicences = {{
    {"cc-by", "https://creativecommons.org/licenses/by/4.0/"},
    {"cc-zero", "https://creativecommons.org/publicdomain/zero/1.0/"},
    {"odc-by", "https://opendatacommons.org/licenses/by/1-0/"},
}};
/// EU vocabulary of frequencies, which harvesters know.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kCycles = {{
    {"continuous", "CONT"},
    {"daily", "DAILY"},
    {"weekly", "WEEKLY"},
    {"monthly", "MONTHLY"},
    {"quarterly", "QUARTERLY"},
    {"yearly", "ANNUAL"},
    {"on_change", "IRREG"},
}};
constexpr std::string_view kFrequency = "http://publications.europa.eu/resource/authority/frequency/";

json::array both(const std::string& zh, const std::string& en) {
  return {{{"@value", zh}, {"@language", "zh"}}, {{"@value", en}, {"@language", "en"}}};
}

json::object at(std::string id) { return {{"@id", std::move(id)}}; }

std::string frequency_of(std::string_view cycle) {
  for (const auto& [word, code] : kCycles) {
    if (word == cycle) return fmt::format("{}{}", kFrequency, code);
  }
  return {};
}

json::object context() {
  json::object out{{"dcat", "http://www.w3.org/ns/dcat#"}, {"dct", "http://purl.org/dc/terms/"},
                   {"foaf", "http://xmlns.com/foaf/0.1/"}, {"adms", "http://www.w3.org/ns/adms#"},
                   {"spdx", "http://spdx.org/rdf/terms#"}, {"xsd", "http://www.w3.org/2001/XMLSchema#"}};
  return out;
}

json::object moment(int64_t at) { return {{"@value", time_text(at, 0)}, {"@type", "xsd:dateTime"}}; }

json::object distribution(const Publication& one, std::string_view format, const CatalogInfo& info) {
  const std::string url = info.base + file_path(one.plan.id, format);
  json::object out{
      {"@id", fmt::format("{}/open/data/{}#{}", info.base, one.plan.id, format)},
      {"@type", "dcat:Distribution"},
      {"dct:title", std::string(format_label(format))},
      {"dcat:accessURL", at(url)},
      {"dcat:downloadURL", at(url)},
      {"dcat:mediaType", at(fmt::format("https://www.iana.org/assignments/media-types/{}", format_type(format)))},
      {"dct:issued", moment(one.newest.at)}};
  if (!licence_url(one.plan.licence).empty()) out["dct:license"] = at(std::string(licence_url(one.plan.licence)));
  if (format == "csv") {
    out["spdx:checksum"] = {{"@type", "spdx:Checksum"},
                            {"spdx:algorithm", at("http://spdx.org/rdf/terms#checksumAlgorithm_sha256")},
                            {"spdx:checksumValue", one.newest.digest}};
  }
  return out;
}

json::object publisher(const Publication& one, const CatalogInfo& info, const Names& providers) {
  const auto found = providers.find(one.provider);
  json::object out{{"@id", fmt::format("{}/open/bodies/{}", info.base, one.provider)}, {"@type", "foaf:Organization"}};
  if (found == providers.end()) {
    out["foaf:name"] = one.provider;
  } else {
    out["foaf:name"] = both(found->second.first, found->second.second);
  }
  return out;
}

json::object dataset(const Publication& one, const CatalogInfo& info, const Names& providers) {
  const std::string page = fmt::format("{}/open/data/{}", info.base, one.plan.id);
  json::array keywords;
  for (const std::string& tag : one.plan.tags) keywords.push_back({{"@value", tag}, {"@language", "zh"}});
  json::array distributions;
  for (const std::string_view format : formats_of(one.newest.columns)) {
    distributions.push_back(distribution(one, format, info));
  }
  json::object out{{"@id", page + "#dataset"},
                   {"@type", "dcat:Dataset"},
                   {"dct:identifier", one.plan.id},
                   {"dct:title", both(one.plan.title.zh, one.plan.title.en)},
                   {"dct:description", {{"@value", one.plan.summary}, {"@language", "zh"}}},
                   {"dct:issued", moment(one.created_at)},
                   {"dct:modified", moment(one.changed_at)},
                   {"dcat:version", std::to_string(one.newest.number)},
                   {"dcat:landingPage", at(page)},
                   {"dct:publisher", publisher(one, info, providers)},
                   {"dcat:keyword", std::move(keywords)},
                   {"dcat:distribution", std::move(distributions)}};
  if (const auto frequency = frequency_of(one.cycle); !frequency.empty()) {
    out["dct:accrualPeriodicity"] = at(frequency);
  }
  if (!one.plan.theme.empty()) out["dcat:theme"] = at(fmt::format("{}/open/themes/{}", info.base, one.plan.theme));
  return out;
}

json::object catalogue(const std::vector<Publication>& all, const CatalogInfo& info, const Names& providers) {
  json::array datasets;
  for (const Publication& one : all) datasets.push_back(dataset(one, info, providers));
  return {{"@id", info.base + "/catalog.jsonld#catalog"},
          {"@type", "dcat:Catalog"},
          {"dct:title", both(info.title.zh, info.title.en)},
          {"foaf:homepage", at(info.base + "/open/")},
          {"dct:language", at("http://publications.europa.eu/resource/authority/language/ZHO")},
          {"dcat:dataset", std::move(datasets)}};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // XML 1.0 has no other characters below the blank.
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n') out += c;
    }
  }
  return out;
}

void append_node(std::string& out, const json::object& node, const std::string& indent);

/// A property: the tree is made above, and is five levels deep.
void append_value(std::string& out, std::string_view name, const json::value& value,  // NOLINT(misc-no-recursion)
                  const std::string& indent) {
  if (value.is_array()) {
    for (const json::value& one : value.get_array()) append_value(out, name, one, indent);
    return;
  }
  if (value.is_string()) {
    out += fmt::format("{}<{}>{}</{}>\n", indent, name, escaped(value.get_string()), name);
    return;
  }
  const json::object& object = value.get_object();
  const auto text = [&](std::string_view key) {
    const auto* found = object.if_contains(key);
    return found == nullptr ? std::string() : std::string(found->get_string());
  };
  if (object.contains("@value")) {
    std::string how;
    if (object.contains("@language")) how = fmt::format(" xml:lang=\"{}\"", text("@language"));
    if (object.contains("@type")) how = " rdf:datatype=\"http://www.w3.org/2001/XMLSchema#dateTime\"";
    out += fmt::format("{}<{}{}>{}</{}>\n", indent, name, how, escaped(text("@value")), name);
  } else if (!object.contains("@type")) {
    out += fmt::format("{}<{} rdf:resource=\"{}\"/>\n", indent, name, escaped(text("@id")));
  } else {
    out += fmt::format("{}<{}>\n", indent, name);
    append_node(out, object, indent + "  ");
    out += fmt::format("{}</{}>\n", indent, name);
  }
}

void append_node(std::string& out, const json::object& node, const std::string& indent) {  // NOLINT(misc-no-recursion)
  const std::string type(node.at("@type").as_string());
  std::string about;
  if (const auto* id = node.if_contains("@id")) about = fmt::format(" rdf:about=\"{}\"", escaped(id->get_string()));
  out += fmt::format("{}<{}{}>\n", indent, type, about);
  for (const auto& [key, value] : node) {
    if (!key.starts_with('@')) append_value(out, key, value, indent + "  ");
  }
  out += fmt::format("{}</{}>\n", indent, type);
}

}  // namespace

std::string file_path(std::string_view publication, std::string_view format) {
  return fmt::format("/api/v1/open/datasets/{}/files/{}", publication, format);
}

std::string_view licence_url(std::string_view licence) {
  for (const auto& [id, url] : kLicences) {
    if (id == licence) return url;
  }
  return {};
}

std::string to_jsonld(const std::vector<Publication>& all, const CatalogInfo& info, const Names& providers) {
  json::object out{{"@context", context()}};
  for (auto& [key, value] : catalogue(all, info, providers)) out[key] = value;
  return json::serialize(out) + "\n";
}

std::string to_rdf(const std::vector<Publication>& all, const CatalogInfo& info, const Names& providers) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF "
      "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"";
  for (const auto& [prefix, url] : context())
    out += fmt::format(" xmlns:{}=\"{}\"", std::string_view(prefix), url.as_string().c_str());
  out += ">\n";
  append_node(out, catalogue(all, info, providers), "  ");
  return out + "</rdf:RDF>\n";
}

}  // namespace zhili::opendata
