#include "http/message.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <boost/json/serialize.hpp>

namespace zhili::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// "q=0.8" in thousandths; 1000 where it is not given or can't be read.
int quality_of(std::string_view parameters) {
  const size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return 1000;
  const std::string_view text = trimmed(parameters.substr(at + 2));
  double value = 1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  // "q=nan" is read as well, and is no number that could be cast.
  return read.ec == std::errc() && !std::isnan(value) ? static_cast<int>(std::clamp(value, 0.0, 1.0) * 1000) : 1000;
}

bool is_tongue(std::string_view tag, std::string_view tongue) {
  return tag.size() >= 2 && lower(tag[0]) == tongue[0] && lower(tag[1]) == tongue[1] &&
         (tag.size() == 2 || tag[2] == '-');
}

}  // namespace

std::string_view name_of(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
    case Method::kOther:
      return "OTHER";
    case Method::kOptions:
      return "OPTIONS";
  }
  return "GET";
}

void Headers::add(std::string_view name, std::string_view value) {
  const auto at = static_cast<uint32_t>(text_.size());
  for (const char c : name) text_ += lower(c);
  text_ += value;
  fields_.push_back({at, static_cast<uint32_t>(name.size()), static_cast<uint32_t>(value.size())});
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (size_t i = 0; i < fields_.size(); ++i) {
    const auto [field, value] = (*this)[i];
    if (field == name) return value;
  }
  return std::nullopt;
}

size_t Headers::count(std::string_view name) const {
  size_t count = 0;
  for (size_t i = 0; i < fields_.size(); ++i) count += (*this)[i].first == name ? 1 : 0;
  return count;
}

std::pair<std::string_view, std::string_view> Headers::operator[](size_t at) const {
  const Field& field = fields_[at];
  const std::string_view text = text_;
  return {text.substr(field.at, field.name), text.substr(field.at + field.name, field.value)};
}

std::string_view Request::path_parameter(std::string_view name) const {
  for (const auto& [key, value] : path_parameters) {
    if (key == name) return value;
  }
  return {};
}

std::optional<std::string_view> Request::query_parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Request::query_parameters(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const auto& [key, value] : query) {
    if (key == name) out.emplace_back(value);
  }
  return out;
}

std::optional<int64_t> Request::query_integer(std::string_view name) const {
  const auto text = query_parameter(name);
  if (!text) return std::nullopt;
  int64_t value = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  if (read.ec != std::errc() || read.ptr != text->data() + text->size()) return std::nullopt;
  return value;
}

Response Response::json(const boost::json::value& value, int status) {
  return json_text(boost::json::serialize(value), status);
}

Response Response::json_text(std::string text, int status) {
  Response out;
  out.status = status;
  out.content_type = "application/json";
  out.body = std::move(text);
  return out;
}

Response Response::text(std::string text, int status) {
  Response out;
  out.status = status;
  out.content_type = "text/plain; charset=utf-8";
  out.body = std::move(text);
  return out;
}

Response Response::empty(int status) {
  Response out;
  out.status = status;
  return out;
}

Response& Response::with(std::string name, std::string value) & {
  headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

Response&& Response::with(std::string name, std::string value) && {
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Language choose_language(std::string_view accept_language) {
  int chinese = 0;
  int english = 0;
  while (!accept_language.empty()) {
    const size_t comma = std::min(accept_language.find(','), accept_language.size());
    const std::string_view range = accept_language.substr(0, comma);
    accept_language.remove_prefix(std::min(comma + 1, accept_language.size()));
    const size_t semicolon = std::min(range.find(';'), range.size());
    const std::string_view tag = trimmed(range.substr(0, semicolon));
    const int quality = quality_of(range.substr(semicolon));
    if (is_tongue(tag, "zh")) chinese = std::max(chinese, quality);
    if (is_tongue(tag, "en")) english = std::max(english, quality);
  }
  return english > chinese ? Language::kEnglish : Language::kChinese;
}

}  // namespace zhili::http
