#include "config/yaml.hpp"

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/limits.hpp"
#include "text/utf8.hpp"

namespace zhili::config {
namespace {

/// Thrown through yaml-cpp to stop it, caught in parse_yaml.
struct Refusal {
  Error error;
};

/// The text by lines, to turn yaml-cpp's byte columns into columns as an editor counts them.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')))
        starts_.push_back(i + 1);
    }
  }

  Mark mark(const YAML::Mark& at) const {
    if (at.line < 0 || std::cmp_greater_equal(at.line, starts_.size())) return {};
    const size_t start = starts_[static_cast<size_t>(at.line)];
    const size_t end = std::min(start + static_cast<size_t>(std::max(at.column, 0)), text_.size());
    return mark_at(static_cast<uint32_t>(at.line), start, end);
  }

  Mark mark_of_byte(size_t offset) const {
    const auto next = std::ranges::upper_bound(starts_, offset);
    const auto line = static_cast<uint32_t>(next - starts_.begin()) - 1;
    return mark_at(line, starts_[line], offset);
  }

  std::string_view line(Mark mark) const {
    if (mark.line == 0 || mark.line > starts_.size()) return {};
    const size_t start = starts_[mark.line - 1];
    const size_t end = mark.line < starts_.size() ? starts_[mark.line] : text_.size();
    return text_.substr(start, end - start);
  }

 private:
  Mark mark_at(uint32_t line, size_t start, size_t end) const {
    const auto characters = std::ranges::count_if(
        text_.substr(start, end - start), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    return {line + 1, static_cast<uint32_t>(characters) + 1};
  }

  std::string_view text_;
  std::vector<size_t> starts_;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const Lines& lines, const std::string& file) : lines_(lines), file_(file) {}

  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(node_at(YamlNode::Kind::kNull, mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { refuse_anchor(mark, 1); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    YamlNode node = node_at(YamlNode::Kind::kScalar, mark);
    node.quoted = tag == "!";
    node.text = value;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    bool key_next = true;  // Of a map: the next value is a key.
  };

  YamlNode node_at(YamlNode::Kind kind, const YAML::Mark& mark) const {
    YamlNode node;
    node.kind = kind;
    node.mark = lines_.mark(mark);
    return node;
  }

  [[noreturn]] void refuse(ErrorCode code, const YAML::Mark& mark, std::string message, std::string hint) const {
    const Mark at = lines_.mark(mark);
    throw Refusal{Error{code, std::move(message), {file_, at.line, at.column}, std::move(hint)}};
  }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor == 0) return;
    refuse(ErrorCode::kConfig, mark, "Anchors and aliases (&name, *name) are not used here",
           "Write the value out where it is needed; put text that starts with & or * in quotes.");
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    refuse(ErrorCode::kConfig, mark, fmt::format("Tags like '{}' are not used here", tag.substr(0, 40)),
           "Leave the tag out; put text that starts with ! in quotes.");
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (open_.size() >= limits::kYamlDepth) {
      refuse(ErrorCode::kLimit, mark, fmt::format("Nested deeper than {} levels", limits::kYamlDepth),
             "A configuration needs five levels at most: look for brackets that are not closed.");
    }
    if (!open_.empty() && open_.back().node.kind == YamlNode::Kind::kMap && open_.back().key_next) {
      refuse(ErrorCode::kConfig, mark, "A list or a map stands where a key is expected",
             "Look for a bracket [ or { that is not closed; put a key that starts with one in quotes.");
    }
    open_.push_back({node_at(kind, mark)});
  }

  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::kMap && std::exchange(parent.key_next, !parent.key_next)) {
      parent.node.keys.push_back({std::move(node.text), node.mark});
      return;
    }
    // An empty value is told at its key: yaml-cpp's own mark for it is that of whatever comes next.
    if (node.kind == YamlNode::Kind::kNull && parent.node.kind == YamlNode::Kind::kMap) {
      node.mark = parent.node.keys.back().mark;
    }
    parent.node.items.push_back(std::move(node));
  }

  const Lines& lines_;
  const std::string& file_;
  YamlNode root_;
  std::vector<Open> open_;
};

std::string syntax_hint(std::string_view line, std::string_view message) {
  if (line.find("：") != std::string_view::npos) {
    return "The line has a full-width colon '：': write ':' followed by a space.";
  }
  if (line.find("，") != std::string_view::npos) return "The line has a full-width comma '，': write ', '.";
  if (message.find("end of sequence flow") != std::string_view::npos) return "Close the list with ].";
  if (message.find("end of map flow") != std::string_view::npos) return "Close the map with }.";
  if (message.find("in scalar") != std::string_view::npos) return "Close the quotes on the same line.";
  return "Check the indentation (two spaces a level) and that ':' and ',' are followed by a space; put text that holds "
         "': ', ' #' or starts with a sign in quotes.";
}

/// Bytes of the character that starts at bytes[at]; 0 where no whole UTF-8 character does.
size_t utf8_length(std::string_view bytes, size_t at) {
  const char* next = bytes.data() + at;
  const char32_t c = text::next_char(next, bytes.data() + bytes.size());
  const std::string_view taken = bytes.substr(at, static_cast<size_t>(next - bytes.data()) - at);
  return c == text::kReplacement && taken != "\xEF\xBF\xBD" ? 0 : taken.size();
}

/// What yaml-cpp would pass over or tell badly.
Status check_bytes(std::string_view bytes, const Lines& lines, const std::string& file) {
  const auto place = [&](size_t offset) {
    const Mark mark = lines.mark_of_byte(offset);
    return Place{file, mark.line, mark.column};
  };
  bool indentation = true;
  for (size_t i = 0; i < bytes.size();) {
    const char c = bytes[i];
    const size_t length = utf8_length(bytes, i);
    if (length == 0) {
      return fail(ErrorCode::kConfig, place(i), "Save the file as UTF-8; it may be in GB18030 or GBK now.",
                  "Not UTF-8: byte 0x{:02x}", static_cast<unsigned char>(c));
    }
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    if (control || c == 0x7f) {
      return fail(ErrorCode::kConfig, place(i), "Remove the character; a configuration is plain text.",
                  "Control character 0x{:02x}", static_cast<unsigned char>(c));
    }
    if (c == '\t' && indentation) {
      return fail(ErrorCode::kConfig, place(i), "Indent with spaces: YAML does not allow tabs there.",
                  "Tab in the indentation");
    }
    indentation = c == '\n' || c == '\r' || (indentation && c == ' ');
    i += length;
  }
  return {};
}

Result<YamlNode> build(std::string_view bytes, const Lines& lines, const std::string& file) {
  std::istringstream stream{std::string(bytes)};
  TreeBuilder builder(lines, file);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return YamlNode{};
    YamlNode root = builder.take();
    TreeBuilder second(lines, file);
    if (parser.HandleNextDocument(second)) {
      const Mark at = second.take().mark;
      return fail(ErrorCode::kConfig, {file, at.line, at.column}, "Remove the '---' and what follows it.",
                  "More than one YAML document in the file");
    }
    return root;
  } catch (Refusal& refusal) {
    return fail(std::move(refusal.error));
  } catch (const YAML::Exception& exception) {
    const Mark at = lines.mark(exception.mark);
    return fail(ErrorCode::kConfig, {file, at.line, at.column}, syntax_hint(lines.line(at), exception.msg),
                "YAML syntax: {}", exception.msg);
  }
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key, &Key::text);
  return found == keys.end() ? nullptr : &items[static_cast<size_t>(found - keys.begin())];
}

Result<YamlNode> parse_yaml(std::string_view bytes, const std::string& file) {
  if (bytes.size() > limits::kYamlBytes) {
    return fail(ErrorCode::kLimit, {file}, "Is this a configuration? A large list belongs in a data file.",
                "YAML file of {} bytes; the limit is {}", bytes.size(), limits::kYamlBytes);
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const Lines lines(bytes);
  ZHILI_TRY(check_bytes(bytes, lines, file));
  return build(bytes, lines, file);
}

}  // namespace zhili::config
