#include "http/router.hpp"

#include <algorithm>

namespace zhili::http {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> out;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const size_t end = std::min(path.find('/'), path.size());
    if (end == path.size() && path.empty() && out.empty()) break;
    out.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return out;
}

bool Router::Node::ends() const {
  return std::ranges::any_of(operations, [](const Operation* operation) { return operation != nullptr; });
}

Result<Router> Router::create(const std::vector<Operation>& operations) {
  Router out;
  for (const Operation& operation : operations) {
    Node* node = out.root_.get();
    for (const std::string_view segment : segments_of(operation.path)) {
      const bool parameter = segment.starts_with('{') && segment.ends_with('}');
      if (!parameter && segment.find_first_of("{}") != std::string_view::npos) {
        return fail(ErrorCode::kConfig, {}, "Let a parameter be a whole segment.", "{}: braces within a segment",
                    operation.path);
      }
      if (parameter) {
        if (!node->any) node->any = std::make_unique<Node>();
        node = node->any.get();
        continue;
      }
      auto found = std::ranges::find(node->named, segment, &std::pair<std::string, std::unique_ptr<Node>>::first);
      if (found == node->named.end()) {
        node->named.emplace_back(segment, std::make_unique<Node>());
        found = node->named.end() - 1;
      }
      node = found->second.get();
    }
    const Operation*& place = node->operations[static_cast<size_t>(operation.method)];
    if (place != nullptr) {
      return fail(ErrorCode::kConfig, {}, "Let their paths differ by more than a parameter's name.",
                  "{} and {} answer to the same requests", place->id, operation.id);
    }
    place = &operation;
  }
  return out;
}

const Router::Node* Router::walk(const Node& node, const std::vector<std::string>& segments, size_t at) {
  if (at == segments.size()) return node.ends() ? &node : nullptr;
  for (const auto& [name, next] : node.named) {
    if (name != segments[at]) continue;
    if (const Node* found = walk(*next, segments, at + 1)) return found;
  }
  // An empty segment is no parameter's value.
  return node.any && !segments[at].empty() ? walk(*node.any, segments, at + 1) : nullptr;
}

Router::Match Router::find(Method method, const std::vector<std::string>& segments) const {
  Match out;
  const Node* node = walk(*root_, segments, 0);
  if (node == nullptr) return out;
  const auto get = static_cast<size_t>(Method::kGet);
  out.operation = node->operations[static_cast<size_t>(method)];
  if (method == Method::kHead && out.operation == nullptr) out.operation = node->operations[get];
  if (out.operation == nullptr) {
    for (size_t i = 0; i < node->operations.size(); ++i) {
      if (node->operations[i] == nullptr) continue;
      if (!out.allowed.empty()) out.allowed += ", ";
      out.allowed += i == get ? "GET, HEAD" : std::string(name_of(static_cast<Method>(i)));
    }
    return out;
  }
  const std::vector<std::string_view> names = segments_of(out.operation->path);
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].starts_with('{')) out.parameters.emplace_back(names[i].substr(1, names[i].size() - 2), segments[i]);
  }
  return out;
}

}  // namespace zhili::http
